-- $1 repository, $2 ref
select 1 from workflow_ref_movements where repository_id = $1 and left(ref, 500) = left($2, 500) and ref = $2 limit 1
