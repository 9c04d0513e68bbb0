-- $1 id, $2 repository, $3 ref, $4 old, $5 new, $6 kind, $7 name, $8 email, $9 time, $10 zone, $11 position, $12 observed
insert into workflow_ref_movements (id, repository_id, ref, old_hash, new_hash, kind, line_name, line_email,
  line_time, line_zone, position, observed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (id) do nothing
