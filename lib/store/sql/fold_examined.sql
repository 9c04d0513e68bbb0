-- $1 movement, $2 missing, $3 committer_is_line, $4 same_committer, $5 lag, $6 graph, $7 known_remote, $8 known_earlier
insert into workflow_examinations (movement_id, missing, committer_is_line, same_committer, lag, graph, known_remote,
  known_earlier)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (movement_id) do nothing
