-- $1 id, $2 workflow, $3 name, $4 at
insert into sessions (id, agent_name, name, platform, metadata, created_at, updated_at)
values ($1, $2, $3, 'runwake', '{}', $4, $4)
on conflict (id) do update set created_at = excluded.created_at, agent_name = excluded.agent_name
where sessions.platform = 'runwake' and excluded.created_at < sessions.created_at
