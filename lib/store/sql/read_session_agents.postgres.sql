-- Only where: sessions.agent_name
-- The agents of sessions. $1 a list of sessions
select s.id, s.agent_name
from jsonb_array_elements_text(cast($1 as jsonb)) given (id) join sessions s on s.id = cast(given.id as uuid)
