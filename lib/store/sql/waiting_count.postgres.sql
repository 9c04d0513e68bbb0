-- How many events wait to be folded, how many were set aside, and why the latest one was.
select (select count(*) from workflow_events where folded_at is null and set_aside is null),
  (select count(*) from workflow_events where set_aside is not null),
  (select left(set_aside, 300) from workflow_events where set_aside is not null order by id desc limit 1)
