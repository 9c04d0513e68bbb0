-- Events of a run that may have words in them, and purges themselves never. $1 run, $2 after this id, $3 limit
select id, type, payload from workflow_events
where workflow_run_id = $1 and id > $2 and payload is not null
  and type in ('run-started', 'run-ended', 'run-reported', 'said', 'run-imported')
order by id limit $3
