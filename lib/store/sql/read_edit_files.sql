-- What a state adds to its base. $1 id
select files, gone from workflow_edits where id = $1
