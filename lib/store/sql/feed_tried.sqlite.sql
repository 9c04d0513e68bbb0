-- $1 failures, $2 not before, $3 problem
update workflow_feeds set failures = $1, next_at = $2, problem = $3
