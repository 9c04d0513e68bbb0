-- $1 movement, $2 missing, $3 committer_is_line, $4 same_committer, $5 lag, $6 graph, $7 known_remote
insert into workflow_examinations (movement_id, missing, committer_is_line, same_committer, lag, graph, known_remote)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
