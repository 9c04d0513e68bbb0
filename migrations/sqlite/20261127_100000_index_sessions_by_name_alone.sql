-- A name has few sessions: their order needs no index, which each change of updated_at would have to follow.

drop index if exists sessions_by_name;
create index sessions_by_name on sessions (name) where name is not null;
