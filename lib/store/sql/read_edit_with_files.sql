-- The latest state of a run that has files. $1 run
select id from workflow_edits
where workflow_run_id = $1 and (files_changed > 0 or untracked_files > 0)
order by at desc, id desc limit 1
