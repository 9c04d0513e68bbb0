-- Two sources may cut a long text differently. $1 message, $2 run, $3 role, $4 kind, $5 context, $6 text, $7 at
insert into workflow_said (id, workflow_run_id, role, kind, context, text, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (id) do update set workflow_run_id = excluded.workflow_run_id, role = excluded.role, kind = excluded.kind,
  context = excluded.context, text = excluded.text, at = excluded.at, is_echo = 0
where (workflow_said.at, workflow_said.workflow_run_id, workflow_said.kind, workflow_said.text)
  > (excluded.at, excluded.workflow_run_id, excluded.kind, excluded.text)
