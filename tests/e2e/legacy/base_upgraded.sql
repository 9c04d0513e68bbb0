-- sessions, messages and users of the old system as they are in a database that grew up with it.
create table users (
  id uuid primary key default gen_random_uuid(), email text, phone_number varchar(50), user_data jsonb,
  created_at timestamptz default now(), updated_at timestamptz default now()
);
create table agents (
  id serial primary key, name varchar(255), type varchar(50), model varchar(255), description text, version varchar(50),
  config jsonb, active boolean default true, run_id integer default 0, active_default_prompt_id integer,
  created_at timestamptz default now(), updated_at timestamptz default now()
);
create table sessions (
  id uuid primary key default gen_random_uuid(), user_id uuid references users (id) on delete set null,
  agent_id integer references agents (id), name varchar(255), platform varchar(50), metadata jsonb,
  created_at timestamptz default now(), updated_at timestamptz default now(), run_finished_at timestamptz
);
create table messages (
  id uuid primary key default gen_random_uuid(), session_id uuid references sessions (id), user_id uuid references users (id),
  agent_id integer references agents (id), role varchar(20) not null, text_content text, media_url text, mime_type text,
  message_type text, raw_payload jsonb, tool_calls jsonb, tool_outputs jsonb, system_prompt text, user_feedback text,
  flagged text, context jsonb, created_at timestamptz default now(), updated_at timestamptz default now(),
  channel_payload jsonb default null, usage jsonb
);
