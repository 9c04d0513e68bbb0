-- The commits that the runs of a session made: each run is asked in turn (cross join keeps SQLite to it).
-- Latest first. A log's times are whole seconds: what was made in the second in which its run began comes after that.
-- $1 session, $2, $3 and $4 time, position and id that they are before, $5 limit,
-- $6 the beginning of time, $7 the time that none is before which the page can hold
select
-- include chat_commits
from (
  select x.id, case when x.moved_at < r.created_at then r.created_at else x.moved_at end as at, x.position, x.repository_id,
    x.new_hash, x.commit_kind, x.branch, x.workflow_run_id
  from workflow_runs r cross join workflow_movements x
  where x.workflow_run_id = r.id and r.session_id = $1 and r.created_at <= $2 and x.verdict = 'made'
    and x.moved_at <= $2 and x.moved_at >= case when r.created_at >= $7 then $6 else $7 end
    and (case when x.moved_at < r.created_at then r.created_at else x.moved_at end, x.position, x.id) < ($2, $3, $4)
  order by 2 desc, x.position desc, x.id desc
  limit $5) m join workflow_runs o on o.id = m.workflow_run_id
left join workflow_commits c on c.repository_id = m.repository_id and c.hash = m.new_hash
order by m.at desc, m.position desc, m.id desc
