-- Only where: sessions.message_count
-- All of its messages, whoever wrote them. $1 session
update sessions set message_count = w.messages
from (select count(*) as messages from messages where session_id = $1) w
where sessions.id = $1 and coalesce(sessions.message_count, -1) <> w.messages
