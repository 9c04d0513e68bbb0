-- Every row, in the order of its key. $1 … $3 from this key on, $4 limit
select dimension, day, name, runs, completed, failed, killed, input_tokens, output_tokens, cost_estimate,
  own_added_lines, own_removed_lines
from workflow_day_totals
where (dimension, day, name) >= ($1, $2, $3)
order by dimension, day, name limit $4
