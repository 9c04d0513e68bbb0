-- Runwake's schema for SQLite: which runs are an agent's session is asked before one is recorded from its transcript.

create index workflow_runs_by_agent_session on workflow_runs (agent_session_id) where agent_session_id is not null;
