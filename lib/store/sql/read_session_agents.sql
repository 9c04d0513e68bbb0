-- Only where: sessions.agent_name
-- The agents of sessions. $1 a list of sessions
select s.id, s.agent_name from json_each($1) given join sessions s on s.id = given.value
