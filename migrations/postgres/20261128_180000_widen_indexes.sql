-- Runwake's schema for PostgreSQL: indexes that know the order.
-- The movements to one commit, and the lines of branches' logs that tell one, by their time: where HEAD went to and fro between
-- two commits thousands of times, each of them asked for all the others.
drop index workflow_movements_by_commit;
create index workflow_movements_by_commit on workflow_movements (repository_id, new_hash, moved_at, line_time);
drop index workflow_ref_movements_by_hash;
create index workflow_ref_movements_by_hash on workflow_ref_movements (repository_id, new_hash, line_time);
-- Runs, newest first, and of one moment by id: a list is read off the index, and nothing is sorted, however many there are.
drop index workflow_runs_by_created;
create index workflow_runs_by_created on workflow_runs (created_at desc, id desc);
drop index workflow_runs_by_session_name;
create index workflow_runs_by_session_name on workflow_runs (session_name, created_at desc, id desc) where session_name is not null;
drop index workflow_runs_by_branch;
create index workflow_runs_by_branch on workflow_runs (left(git_branch, 500), created_at desc, id desc);
drop index workflow_runs_by_workflow;
create index workflow_runs_by_workflow on workflow_runs (workflow_name, created_at desc, id desc);
drop index workflow_runs_failed;
create index workflow_runs_failed on workflow_runs (status, created_at desc, id desc) where status in ('failed', 'killed');
drop index workflow_runs_completed;
create index workflow_runs_completed on workflow_runs (created_at desc, id desc) where status = 'completed';
