-- A name is not unique: the most recently updated session of that name. Ours are no longer than what the index holds.
-- $1 name
select id from sessions where left(name, 255) = $1 and name = $1 order by updated_at desc nulls last, id limit 1
