-- Which of these repositories have movements that the objects were not asked about? $1 ids, a JSON list
select r.value from json_each($1) r
where exists (select 1 from workflow_movements m where m.repository_id = r.value and m.examined = 0)
