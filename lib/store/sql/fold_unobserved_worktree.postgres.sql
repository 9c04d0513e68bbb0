-- A worktree that was never seen: where it lies is to be told. $1 repository, $2 worktree
insert into workflow_unobserved (repository_id)
select cast($1 as uuid) where not exists (select 1 from workflow_worktrees where id = $2)
on conflict (repository_id) do nothing
