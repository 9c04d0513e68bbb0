  and case when cast($3 as text) is null then true else r.workflow_name = $3 end
