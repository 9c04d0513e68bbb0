/* SPDX-License-Identifier: MIT */
/* Names by version 5 UUIDs. */
#include "agent/run_name.h"

#include <stdio.h>

#include "base/str.h"

void wake_agent_run_id(const char *agent, const char *session, unsigned ordinal, char ret_id[WAKE_ID_SIZE])
{
	char number[16];
	const char *parts[] = { "agent run", agent, session, number };

	(void)snprintf(number, sizeof(number), "%u", ordinal);
	wake_id_v5_of(parts, WAKE_COUNT(parts), ret_id);
}

void wake_agent_conversation_id(const char *agent, const char *session, char ret_id[WAKE_ID_SIZE])
{
	const char *parts[] = { "agent session", agent, session };

	wake_id_v5_of(parts, WAKE_COUNT(parts), ret_id);
}

void wake_agent_response_id(const char *message, const char *request, char ret_id[WAKE_ID_SIZE])
{
	const char *parts[] = { "agent response", message, request ? request : "" };

	wake_id_v5_of(parts, WAKE_COUNT(parts), ret_id);
}

void wake_agent_message_id(const char *agent, const char *kind, const char *key, char ret_id[WAKE_ID_SIZE])
{
	const char *parts[] = { "agent message", agent, kind, key };

	wake_id_v5_of(parts, WAKE_COUNT(parts), ret_id);
}
