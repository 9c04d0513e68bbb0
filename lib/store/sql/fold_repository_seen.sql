-- $1 id, $2 common_dir, $3 origin, $4 object_format, $5 event, $6 at. The latest sighting stands.
insert into workflow_repositories (id, common_dir, origin, object_format, seen_event_id, first_seen_at, seen_at)
values ($1, $2, $3, coalesce($4, 'sha1'), $5, $6, $6)
on conflict (id) do update set
  common_dir = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_repositories.seen_at, workflow_repositories.seen_event_id) then excluded.common_dir else workflow_repositories.common_dir end,
  origin = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_repositories.seen_at, workflow_repositories.seen_event_id) then excluded.origin else workflow_repositories.origin end,
  object_format = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_repositories.seen_at, workflow_repositories.seen_event_id) then excluded.object_format else workflow_repositories.object_format end,
  first_seen_at = case when excluded.first_seen_at < workflow_repositories.first_seen_at then excluded.first_seen_at else workflow_repositories.first_seen_at end,
  seen_event_id = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_repositories.seen_at, workflow_repositories.seen_event_id) then excluded.seen_event_id else workflow_repositories.seen_event_id end,
  seen_at = case when excluded.seen_at > workflow_repositories.seen_at then excluded.seen_at else workflow_repositories.seen_at end
