-- Which of these repositories have news? $1 ids, a JSON list
select u.repository_id from json_each($1) r join workflow_unobserved u on u.repository_id = r.value
