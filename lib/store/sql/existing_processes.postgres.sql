-- Rows of the existing workflow_processes, each as one object of texts, until they are of some size together: always one, if any is
-- left. $1 from which run id, $2 how many at most, $3 how many of them to leave out, $4 bytes
select run_id, row_text from (
  select run_id, row_text, sum(octet_length(row_text)) over (order by run_id) - octet_length(row_text) as before from (
    select cast(t.run_id as text) as run_id,
      (select cast(json_object_agg(e.key, e.value) as text) from jsonb_each_text(to_jsonb(t)) e) as row_text
    from workflow_processes t
    where cast(t.run_id as text) >= $1
    order by cast(t.run_id as text) limit $2 offset $3) page) sized
where coalesce(before, 0) < $4
order by run_id
