-- What replaced a commit, and what it replaced, in any repository. $1 hash
-- A cross join is walked in this order: a few repositories, each by index (hashes alone have none). Both halves name no
-- column that their index lacks: else SQLite, without statistics, prefers to walk a whole repository.
select w.new_hash as hash, 'successor' as relation
from workflow_repositories p cross join workflow_replacements w
where w.repository_id = p.id and w.old_hash = $1
union
select w.old_hash, 'predecessor'
from workflow_repositories p cross join workflow_replacements w
where w.repository_id = p.id and w.new_hash = $1
order by 2, 1
