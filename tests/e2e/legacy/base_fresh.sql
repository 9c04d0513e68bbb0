-- sessions, messages and users as the old system makes them in a fresh database.
create function update_updated_at_column() returns trigger language plpgsql as
  $$ begin new.updated_at = now(); return new; end $$;
create table users (
  id uuid primary key default gen_random_uuid(), email text unique, phone_number text, user_data jsonb default '{}',
  created_at timestamptz not null default now(), updated_at timestamptz not null default now()
);
create table agents (
  id serial primary key, name text not null unique, type text not null, model text not null, description text, version text,
  config jsonb default '{}', active boolean default true, run_id integer default 0, active_default_prompt_id integer,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now()
);
create table sessions (
  id uuid primary key default gen_random_uuid(), user_id uuid references users (id) on delete set null,
  agent_id integer references agents (id) on delete cascade, agent_name text, name text, platform text,
  metadata jsonb default '{}', created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  run_finished_at timestamptz, message_count integer default 0
);
create index idx_sessions_user_id on sessions (user_id);
create table messages (
  id uuid primary key default gen_random_uuid(), session_id uuid references sessions (id) on delete cascade,
  user_id uuid references users (id) on delete set null, agent_id integer references agents (id) on delete cascade,
  role text not null, text_content text, media_url text, mime_type text, message_type text, raw_payload jsonb default '{}',
  tool_calls jsonb default '{}', tool_outputs jsonb default '{}', system_prompt text, user_feedback text, flagged text,
  context jsonb default '{}', created_at timestamptz not null default now(), updated_at timestamptz not null default now()
);
create trigger update_sessions_updated_at before update on sessions for each row execute function update_updated_at_column();
create trigger update_messages_updated_at before update on messages for each row execute function update_updated_at_column();
