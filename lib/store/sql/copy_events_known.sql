-- Which of these events are in the ledger? $1 a list of ids
select e.id from json_each($1) given join workflow_events e on e.id = given.value
