-- The live commits that a run itself made, each once; a merge's lines are others' work or counted with the commits
-- that it merges. $1 run
select c.added_lines, c.removed_lines, c.files
from (select distinct repository_id, new_hash from workflow_movements
  where workflow_run_id = $1 and verdict = 'made') m
join workflow_commits c on c.repository_id = m.repository_id and c.hash = m.new_hash
where cast(c.parents as text) not like '%,%' and not exists (select 1 from workflow_replacements r
  where r.repository_id = c.repository_id and r.old_hash = c.hash)
