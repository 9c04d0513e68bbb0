-- One that cannot be folded. $1 id, $2 why
update workflow_events set set_aside = $2 where id = $1
