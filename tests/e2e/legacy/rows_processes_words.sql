-- Words that only a table without a CHECK could hold.
insert into workflow_processes (run_id, status, started_at, last_heartbeat, created_at, updated_at)
select 'p-' || word, word, '2025-06-16 15:00:00', '2025-06-16 15:10:00', '2025-06-16 15:00:00', '2025-06-16 15:10:00'
from unnest(array['orphaned', 'terminated', 'timeout_killed', 'zombie', 'pending']) as word;
