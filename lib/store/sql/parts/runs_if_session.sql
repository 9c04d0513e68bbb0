  and case when cast($4 as text) is null then true else cast(r.session_id as text) = $4 or r.session_name = $4 end
