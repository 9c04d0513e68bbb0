-- The earliest of a message to a run stands. $1 message, $2 run, $3 at, $4 as its prompt
insert into workflow_deliveries (message_id, workflow_run_id, at, as_prompt)
values ($1, $2, $3, $4)
on conflict (message_id, workflow_run_id) do update set at = excluded.at, as_prompt = excluded.as_prompt
where (workflow_deliveries.at, workflow_deliveries.as_prompt) > (excluded.at, excluded.as_prompt)
