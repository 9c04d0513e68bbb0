-- What was delivered to a run while it worked the agent tells of as a prompt of its own: as many prompts of that text, from the
-- delivery on, as there were deliveries. $1 run
update workflow_said as p set is_echo = case when (
    select count(*) from workflow_deliveries d join workflow_said w on w.id = d.message_id
    where d.workflow_run_id = $1 and d.as_prompt = 0 and w.text = p.text and d.at <= p.at) >= (
    select count(*) from workflow_said q
    where q.workflow_run_id = $1 and q.kind in ('prompt', 'queued') and q.text = p.text and (q.at, q.id) <= (p.at, p.id)
      and exists (select 1 from workflow_deliveries d join workflow_said w on w.id = d.message_id
        where d.workflow_run_id = $1 and d.as_prompt = 0 and w.text = q.text and d.at <= q.at))
  and exists (select 1 from workflow_deliveries d join workflow_said w on w.id = d.message_id
    where d.workflow_run_id = $1 and d.as_prompt = 0 and w.text = p.text and d.at <= p.at)
  then 1 else 0 end
where p.workflow_run_id = $1 and p.kind in ('prompt', 'queued')
  and exists (select 1 from workflow_deliveries d where d.workflow_run_id = $1)
