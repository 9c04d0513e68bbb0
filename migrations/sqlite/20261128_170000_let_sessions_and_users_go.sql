-- In PostgreSQL, sessions and users may be another system's, which deletes what it likes. Here they are ours alone, and nothing
-- deletes them: a table would have to be made anew to say what happens then. So nothing changes.
select 1;
