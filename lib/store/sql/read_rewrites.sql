-- What replaced a commit, and what it replaced, in any repository; the oldest first. $1 hash
select w.new_hash as hash, 'successor' as relation, w.evidence, w.at, w.repository_id
from workflow_repositories p join workflow_replacements w on w.repository_id = p.id and w.old_hash = $1
union
select w.old_hash, 'predecessor', w.evidence, w.at, w.repository_id
from workflow_repositories p join workflow_replacements w on w.repository_id = p.id and w.new_hash = $1
order by 2, 4, 1, 3
