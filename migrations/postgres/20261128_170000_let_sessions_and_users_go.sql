-- Runwake's schema for PostgreSQL: sessions and users are the surrounding system's, and what it deletes there is no matter of ours
-- to refuse: a run whose session or user goes stays, without one. Where users' ids are numbers, runs have no key to them; the table
-- named here then is one that stands in for theirs while this runs.
create table if not exists users (id uuid primary key);
alter table workflow_runs drop constraint if exists workflow_runs_session_id_fkey;
alter table workflow_runs add constraint workflow_runs_session_id_fkey
  foreign key (session_id) references sessions (id) on delete set null;
alter table workflow_runs drop constraint if exists workflow_runs_user_id_fkey;
alter table workflow_runs add constraint workflow_runs_user_id_fkey
  foreign key (user_id) references users (id) on delete set null;
