-- Which of these repositories have movements that the objects were not asked about? $1 ids, a JSON list. One probe of the index
-- for each: what others have left to do is not read.
select r.id from jsonb_array_elements_text(cast($1 as jsonb)) as r (id),
  lateral (select 1 from workflow_movements m where m.repository_id = cast(r.id as uuid) and not m.examined limit 1) found
