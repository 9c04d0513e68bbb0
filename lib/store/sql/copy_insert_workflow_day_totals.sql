-- A row as copy_workflow_day_totals gives it, its columns in the same order; one that is there stands.
insert into workflow_day_totals (dimension, day, name, runs, completed, failed, killed, input_tokens, output_tokens,
  cost_estimate, own_added_lines, own_removed_lines)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict do nothing
