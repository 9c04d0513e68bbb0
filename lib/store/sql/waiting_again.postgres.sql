-- Those that a newer program wrote, once this one is as new. $1 the event version that it reads, $2 all that were set aside?
update workflow_events set set_aside = null
where set_aside is not null and ($2 or (version <= $1 and set_aside like 'written by a newer %'))
