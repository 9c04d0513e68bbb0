-- $1 repository, $2 old, $3 new, $4 evidence, $5 command, $6 event, $7 at. The earliest telling stands.
insert into workflow_rewrites (repository_id, old_hash, new_hash, evidence, command, event_id, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (repository_id, old_hash, new_hash, evidence) do update set
  command = excluded.command, event_id = excluded.event_id, at = excluded.at
where (excluded.at, excluded.event_id) < (workflow_rewrites.at, workflow_rewrites.event_id)
