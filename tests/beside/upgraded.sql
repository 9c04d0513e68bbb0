-- The tables of a system that was brought up step by step: sessions without agent_name and message_count, times that
-- may be null, names and e-mails that are not unique, branches of conversations, a usage that may not be null.
create extension "uuid-ossp";

create table users (
  id uuid primary key default uuid_generate_v4(),
  email text,
  phone_number varchar(50),
  user_data jsonb,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

create table prompts (id serial primary key, prompt_text text);

create table agents (
  id serial primary key,
  name varchar(255),
  type varchar(50),
  model varchar(255),
  description text,
  version varchar(50),
  config jsonb,
  active boolean default true,
  run_id integer default 0,
  active_default_prompt_id integer references prompts (id) on delete set null,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references users (id) on delete set null,
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
  user_id uuid references users (id) on delete set null,
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
  updated_at timestamptz default now(),
  channel_payload jsonb default null,
  usage jsonb not null default '{}'
);
alter table messages add constraint chk_messages_usage_valid check (jsonb_typeof(usage) = 'object');
create index idx_messages_usage_gin on messages using gin (usage);
create index idx_messages_usage_model on messages ((usage ->> 'model'));
create index idx_messages_usage_total_tokens on messages (cast(usage ->> 'total_tokens' as integer));

create type session_branch_type as enum ('edit_branch', 'manual_branch');
alter table sessions
  add column parent_session_id uuid references sessions (id) on delete cascade,
  add column branch_point_message_id uuid references messages (id) on delete set null,
  add column branch_type session_branch_type,
  add column is_main_branch boolean default true;

insert into users (id, email, user_data) values
  ('aaaaaaaa-0000-4000-8000-000000000003', 'admin@automagik', '{"name": "Automagik Admin"}'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'ann@example.org', null),
  ('aaaaaaaa-0000-4000-8000-000000000001', 'ann@example.org', null);
insert into agents (name, type, model) values ('simple', 'pydanticai', 'openai:gpt-4.1');
insert into sessions (id, user_id, agent_id, name, platform, metadata, created_at, updated_at, branch_type) values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002', 1, 'sprint', 'whatsapp', '{"old": 1}',
   '2025-06-01 10:00+00', '2025-06-02 10:00+00', null),
  ('bbbbbbbb-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003', 1, 'sprint', null, null,
   '2025-05-01 10:00+00', '2025-06-03 10:00+00', 'manual_branch'),
  ('bbbbbbbb-0000-4000-8000-000000000003', null, null, 'sprint', 'api', '[]', '2025-05-01 10:00+00', null, null),
  ('bbbbbbbb-0000-4000-8000-000000000004', null, null, 'later', 'api', '{}', '2025-05-01 10:00+00', '2999-01-01 00:00+00', null);
update sessions set run_finished_at = '2999-01-01 00:00+00' where name = 'later';
insert into messages (id, session_id, user_id, agent_id, role, text_content, usage, created_at) values
  ('cccccccc-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003',
   1, 'user', 'What was asked before', '{}', '2025-05-01 10:01+00'),
  ('cccccccc-0000-4000-8000-000000000002', 'bbbbbbbb-0000-4000-8000-000000000002', null, 1, 'assistant', 'The answer',
   '{"model": "openai:gpt-4.1", "total_tokens": 7}', '2025-05-01 10:02+00');
