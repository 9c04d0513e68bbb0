-- The tables of a system as old as that its users have numbers, and that nothing may be said by nobody.
create table users (
  id serial primary key,
  email text,
  phone_number varchar(50),
  user_data jsonb,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

create table agents (
  id serial primary key,
  name varchar(255),
  type varchar(50),
  model varchar(255),
  config jsonb,
  active boolean default true
);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id integer not null references users (id),
  agent_id integer references agents (id),
  name varchar(255),
  platform varchar(50),
  metadata jsonb,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  run_finished_at timestamptz
);

create table messages (
  id uuid primary key default gen_random_uuid(),
  session_id uuid references sessions (id),
  user_id integer not null references users (id),
  agent_id integer references agents (id),
  role varchar(20) not null,
  text_content text,
  media_url text,
  mime_type text,
  message_type text,
  raw_payload jsonb,
  tool_calls jsonb,
  tool_outputs jsonb,
  system_prompt text,
  user_feedback text,
  flagged text,
  context jsonb,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

insert into users (email, user_data) values ('admin@automagik', '{"name": "Automagik Admin"}'), ('ann@example.org', null);
insert into agents (name, type) values ('simple', 'pydanticai');
insert into sessions (id, user_id, agent_id, name, platform, created_at, updated_at) values
  ('bbbbbbbb-0000-4000-8000-000000000002', 1, 1, 'sprint', 'api', '2025-05-01 10:00+00', '2025-06-03 10:00+00');
insert into messages (id, session_id, user_id, role, text_content, created_at) values
  ('cccccccc-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002', 1, 'user', 'What was asked before',
   '2025-05-01 10:01+00');
