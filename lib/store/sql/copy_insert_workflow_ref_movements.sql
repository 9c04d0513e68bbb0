-- A row as copy_workflow_ref_movements gives it, its columns in the same order; one that is there stands.
insert into workflow_ref_movements (id, repository_id, ref, old_hash, new_hash, kind, line_name, line_email,
  line_time, line_zone, position, observed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict do nothing
