-- Every row, in the order of its key. $1 from this key on, $2 limit
select movement_id, missing, committer_is_line, same_committer, lag, graph, known_remote, known_earlier
from workflow_examinations
where movement_id >= $1
order by movement_id limit $2
