-- $1 repository
insert into workflow_unobserved (repository_id) values ($1) on conflict (repository_id) do nothing
