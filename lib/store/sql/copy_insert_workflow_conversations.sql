-- A row as copy_workflow_conversations gives it, its columns in the same order; one that is there stands.
insert into workflow_conversations (session_id, last_at, runs, latest_run_id, cost_estimate, unread)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
