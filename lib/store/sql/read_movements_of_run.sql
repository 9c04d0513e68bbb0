-- Every movement that belongs to a run, in order. $1 run
select m.id, m.moved_at, m.kind, m.verdict, m.reason, m.commit_kind, m.branch, m.old_hash, m.new_hash, c.subject,
  m.run_evidence as evidence, m.root, m.repository_id, m.worktree_id
from workflow_movements m
left join workflow_commits c on c.repository_id = m.repository_id and c.hash = m.new_hash
where m.workflow_run_id = $1
order by m.moved_at, m.position, m.id
