-- $1 id, $2 repository, $3 tracking ref, $4 old, $5 new, $6 at
insert into workflow_pushes (id, repository_id, tracking_ref, old_hash, new_hash, confirmed_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (id) do nothing
