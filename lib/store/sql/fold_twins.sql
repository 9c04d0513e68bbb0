-- Lines of branch logs that tell the same movement. $1 repository, $2 old, $3 new, $4 time, $5 zone, $6 name, $7 email
select ref from workflow_ref_movements
where repository_id = $1 and new_hash = $3 and old_hash = $2 and line_time = $4 and line_zone = $5
  and line_name = $6 and line_email = $7 and ref like 'refs/heads/%'
order by ref
