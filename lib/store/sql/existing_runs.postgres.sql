-- Rows of the existing workflow_runs, each as one object of texts. $1 from which run id, $2 how many
select cast(t.run_id as text), (select json_object_agg(e.key, e.value) from jsonb_each_text(to_jsonb(t)) e)
from workflow_runs t
where cast(t.run_id as text) >= $1
order by cast(t.run_id as text) limit $2
