-- sessions may belong to the surrounding system: an index of ours must not refuse a name of theirs that is longer than
-- an index takes (2.7 kB), nor cost each change of updated_at an entry. Ours are 255 characters at most.

drop index if exists sessions_by_name;
create index if not exists sessions_by_name on sessions (left(name, 255)) where name is not null;
