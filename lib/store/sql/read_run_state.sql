-- What ending a run or comparing its commits must know. $1 id
select r.run_id, r.status, r.end_rank, case when r.start_event_id is null then 0 else 1 end as announced,
  r.workspace_id, r.workspace_path, r.initial_commit_hash, r.final_commit_hash,
  w.root, w.git_dir, p.common_dir
from workflow_runs r
left join workflow_worktrees w on w.id = r.worktree_id
left join workflow_repositories p on p.id = r.repository_id
where r.id = $1
