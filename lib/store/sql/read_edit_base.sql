-- What a state builds on. $1 id
select base_id from workflow_edits where id = $1
