  and case when cast($2 as text) is null then true else r.status = $2 end
