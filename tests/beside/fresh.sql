-- The tables of a system that was installed new: uuid-ossp's defaults, triggers that set updated_at, cascades.
create extension "uuid-ossp";

create table users (
  id uuid primary key default uuid_generate_v4(),
  email text unique,
  phone_number text,
  user_data jsonb default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table agents (
  id serial primary key,
  name text not null unique,
  type text not null,
  model text not null,
  description text,
  version text,
  config jsonb default '{}',
  active boolean default true,
  run_id integer default 0,
  active_default_prompt_id integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sessions (
  id uuid primary key default uuid_generate_v4(),
  user_id uuid references users (id) on delete set null,
  agent_id integer references agents (id) on delete cascade,
  agent_name text,
  name text,
  platform text,
  metadata jsonb default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  run_finished_at timestamptz,
  message_count integer default 0
);
create index idx_sessions_user_id on sessions (user_id);
create index idx_sessions_agent_id on sessions (agent_id);

create table messages (
  id uuid primary key default uuid_generate_v4(),
  session_id uuid references sessions (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  agent_id integer references agents (id) on delete cascade,
  role text not null,
  text_content text,
  media_url text,
  mime_type text,
  message_type text,
  raw_payload jsonb default '{}',
  tool_calls jsonb default '{}',
  tool_outputs jsonb default '{}',
  system_prompt text,
  user_feedback text,
  flagged text,
  context jsonb default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index idx_messages_session_id on messages (session_id);
create index idx_messages_user_id on messages (user_id);
create index idx_messages_agent_id on messages (agent_id);

create function update_updated_at_column() returns trigger as $$
begin
  new.updated_at = now();
  return new;
end;
$$ language plpgsql;
create trigger update_users_updated_at before update on users for each row execute function update_updated_at_column();
create trigger update_agents_updated_at before update on agents for each row execute function update_updated_at_column();
create trigger update_sessions_updated_at before update on sessions for each row execute function update_updated_at_column();
create trigger update_messages_updated_at before update on messages for each row execute function update_updated_at_column();

insert into users (id, email) values
  ('aaaaaaaa-0000-4000-8000-000000000003', 'admin@automagik'),
  ('aaaaaaaa-0000-4000-8000-000000000001', 'ann@example.org');
insert into agents (name, type, model) values ('simple', 'pydanticai', 'openai:gpt-4.1');
insert into sessions (id, user_id, agent_id, agent_name, name, platform, metadata, created_at, updated_at, message_count) values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000001', 1, 'simple', 'sprint', 'whatsapp',
   '{"old": 1}', '2025-06-01 10:00+00', '2025-06-02 10:00+00', 0),
  ('bbbbbbbb-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003', 1, 'simple', 'sprint', 'api', '{}',
   '2025-05-01 10:00+00', '2025-06-03 10:00+00', 2),
  ('bbbbbbbb-0000-4000-8000-000000000004', null, null, null, 'later', 'api', '{}', '2025-05-01 10:00+00',
   '2999-01-01 00:00+00', 0);
insert into messages (id, session_id, user_id, agent_id, role, text_content, created_at) values
  ('cccccccc-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003',
   1, 'user', 'What was asked before', '2025-05-01 10:01+00'),
  ('cccccccc-0000-4000-8000-000000000002', 'bbbbbbbb-0000-4000-8000-000000000002', null, 1, 'assistant', 'The answer',
   '2025-05-01 10:02+00');
