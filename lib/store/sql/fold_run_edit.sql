-- What a run has left uncommitted: its latest edit state. $1 run
select added_lines, removed_lines, files_changed, untracked_files, at
from workflow_edits where workflow_run_id = $1 order by at desc, id desc limit 1
