-- A movement with what the objects say of it. $1 id
select m.repository_id, m.worktree_id, m.root, m.old_hash, m.new_hash, m.kind, m.line_name, m.line_email, m.line_time,
  m.line_zone, m.position, m.implied, m.head_branch, m.target, m.earliest_at, m.latest_at, m.verdict, m.workflow_run_id,
  case when x.movement_id is null then 0 else 1 end, x.missing, x.committer_is_line, x.same_committer, x.lag, x.graph,
  x.known_remote, x.known_earlier
from workflow_movements m left join workflow_examinations x on x.movement_id = m.id
where m.id = $1
