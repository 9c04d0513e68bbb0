-- What a run has left uncommitted: its latest state in each worktree that it worked in (a nested repository is one of its
-- own). $1 run
select coalesce(sum(added_lines), 0), coalesce(sum(removed_lines), 0), coalesce(sum(files_changed), 0),
  coalesce(sum(untracked_files), 0), max(at)
from workflow_edits
where id in (
  select id from (
    select id, row_number() over (partition by worktree_id order by at desc, id desc) as place
    from workflow_edits where workflow_run_id = $1) as states
  where place = 1)
