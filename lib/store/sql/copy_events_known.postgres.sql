-- Which of these events are in the ledger? $1 a list of ids
select e.id from jsonb_array_elements_text(cast($1 as jsonb)) given (id) join workflow_events e on e.id = cast(given.id as uuid)
