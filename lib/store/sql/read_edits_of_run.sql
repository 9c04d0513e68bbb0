-- The states of a run's uncommitted edits, latest first. $1 run, $2 limit
select id, at, since, reason, head_hash as head, branch, files_changed, untracked_files, added_lines, removed_lines,
  case when reason = 'start' then '[]' else discarded end as discarded,
  case when kept_new is null then 0 else 1 end as kept
from workflow_edits
where workflow_run_id = $1
order by at desc, id desc limit $2
