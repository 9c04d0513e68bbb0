-- Of several starts that name one session the earliest gives its name; of those in the same instant, the lowest name
-- stands: whichever was told first. $1 id, $2 name, $3 at
insert into sessions (id, name, platform, metadata, created_at, updated_at)
values ($1, $2, 'runwake', '{}', $3, $3)
on conflict (id) do update set name = excluded.name, created_at = excluded.created_at
where sessions.platform = 'runwake' and (excluded.created_at < sessions.created_at
  or excluded.created_at = sessions.created_at and coalesce(excluded.name, '') < coalesce(sessions.name, ''))
