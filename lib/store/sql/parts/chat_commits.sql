-- Of a movement m that made a commit c in a run o: what is shown of it in a conversation.
  m.id, m.at, o.run_id, m.new_hash as commit_hash, m.commit_kind as kind, c.subject, m.branch, c.added_lines,
  c.removed_lines, c.files_changed, c.files, (
    select w.new_hash from workflow_replacements w
    where w.repository_id = m.repository_id and w.old_hash = m.new_hash
    order by w.evidence_rank, w.at desc, w.new_hash
    limit 1) as superseded_by, m.repository_id, m.position
