-- The latest state of a run in each worktree that it worked in, where it has files. $1 run
select id
from workflow_edits
where (files_changed > 0 or untracked_files > 0) and id in (
  select id from (
    select id, row_number() over (partition by worktree_id order by at desc, id desc) as place
    from workflow_edits where workflow_run_id = $1) as states
  where place = 1)
order by at, id
