-- An event of which the words are to go: the rest of it stays. $1 event, $2 payload
update workflow_events set payload = $2 where id = $1
