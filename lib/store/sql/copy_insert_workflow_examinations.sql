-- A row as copy_workflow_examinations gives it, its columns in the same order; one that is there stands.
insert into workflow_examinations (movement_id, missing, committer_is_line, same_committer, lag, graph, known_remote,
  known_earlier)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
