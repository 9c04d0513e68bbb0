-- $1 after which place, $2 how many
select place, event_id, at, payload from runwake_import where place > $1 order by place limit $2
