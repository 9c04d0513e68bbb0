-- Which of these repositories have runs whose diff is not up to date? $1 ids, a JSON list. One probe of the index for each.
select r.id from jsonb_array_elements_text(cast($1 as jsonb)) as r (id),
  lateral (select 1 from workflow_runs w where w.repository_id = cast(r.id as uuid) and w.diff_stale limit 1) found
