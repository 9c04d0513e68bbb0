-- The beginnings of the runs of a session, for read_chat_began_*: what is shown.
  r.id, r.created_at as at, r.run_id, r.workflow_name, r.agent_type, r.ai_model, r.git_branch, r.parent_run_id, r.status
