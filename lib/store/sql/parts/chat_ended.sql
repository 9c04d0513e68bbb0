-- The ends of the runs of a session, for read_chat_ended_*: what is shown.
  r.id, r.completed_at as at, r.run_id, r.status, r.ai_model, r.duration_seconds, r.num_turns, r.input_tokens, r.output_tokens,
  r.cache_read_tokens, r.cache_write_tokens, r.cost_estimate, r.own_added_lines, r.own_removed_lines, r.own_files_changed,
  r.exit_code, r.exit_signal
