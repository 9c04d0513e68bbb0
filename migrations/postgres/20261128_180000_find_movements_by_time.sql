-- Runwake's schema for PostgreSQL: the movements to one commit, and the lines of branches' logs that tell one, by their time. Where
-- HEAD went to and fro between two commits thousands of times, each of them asked for all the others.
drop index workflow_movements_by_commit;
create index workflow_movements_by_commit on workflow_movements (repository_id, new_hash, moved_at, line_time);
drop index workflow_ref_movements_by_hash;
create index workflow_ref_movements_by_hash on workflow_ref_movements (repository_id, new_hash, line_time);
