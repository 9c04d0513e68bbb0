-- How many events wait to be fed, how many were refused, and why the latest one was.
select count(*) filter (where refused is null), count(*) filter (where refused is not null),
  (select refused from workflow_unfed where refused is not null order by event_id desc limit 1)
from workflow_unfed
