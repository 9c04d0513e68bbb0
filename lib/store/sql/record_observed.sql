-- $1 repository
delete from workflow_unobserved where repository_id = $1
