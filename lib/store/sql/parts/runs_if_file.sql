  and case when cast($5 as text) is null then true else exists (
    select 1 from workflow_run_files f where f.path = $5 and f.workflow_run_id = r.id) end
