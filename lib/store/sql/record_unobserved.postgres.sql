-- Which of these repositories have news? $1 ids, a JSON list
select u.repository_id
from jsonb_array_elements_text(cast($1 as jsonb)) as r (id)
join workflow_unobserved u on u.repository_id = cast(r.id as uuid)
