-- Runwake's schema for SQLite: the runs of a session, told by the index alone. A page of a conversation asks each of them for its
-- commits and pushes.
drop index workflow_runs_by_session;
create index workflow_runs_by_session on workflow_runs (session_id, created_at desc, id desc);
