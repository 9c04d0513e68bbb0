-- The commits that a run made, in order. $1 run
select m.new_hash as commit_hash, m.commit_kind as kind, c.subject, m.branch, c.author_name, c.author_email,
  c.committed_at, c.added_lines, c.removed_lines, c.files_changed, c.files, m.run_evidence as evidence, (
    select w.new_hash from workflow_replacements w
    where w.repository_id = m.repository_id and w.old_hash = m.new_hash
    order by w.evidence_rank, w.at desc, w.new_hash
    limit 1) as superseded_by,
  m.moved_at, c.parents, m.repository_id, m.id as movement_id
from workflow_movements m
left join workflow_commits c on c.repository_id = m.repository_id and c.hash = m.new_hash
where m.workflow_run_id = $1 and m.verdict = 'made'
order by m.moved_at, m.position, m.id
