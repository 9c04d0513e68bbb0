-- Which of these repositories have runs whose diff is not up to date? $1 ids, a JSON list
select r.value from json_each($1) r
where exists (select 1 from workflow_runs w where w.repository_id = r.value and w.diff_stale = 1)
