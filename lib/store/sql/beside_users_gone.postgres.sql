-- The empty table that the migration made in the place of the one that stands aside, with all that refers to it.
drop table users cascade
