-- Of the lists of runs: $1 branch, $2 status, $3 workflow, $4 session's id or name, $5 path of a file (null: any), $6 since,
-- $7 limit, $8 and $9 time and id of the run before the first. What may be null stands in a case and not in an or: a planner
-- takes five ors for almost nothing, and then sorts all that an index would give in order.
  and r.created_at >= $6 and (r.created_at, r.id) < ($8, $9)
order by r.created_at desc, r.id desc
limit $7
