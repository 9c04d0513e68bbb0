/* SPDX-License-Identifier: MIT */
/* Names by version 5 UUIDs. */
#include "agent/run_name.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define NAME_MAX_BYTES                                                                                       \
	4096 /* of all parts; ids are shorter, and what is not is told apart by its beginning */

/* The NUL behind each part keeps two that meet from being taken for others. */
static void name(const char *const *parts, size_t count, char ret_id[WAKE_ID_SIZE])
{
	char text[NAME_MAX_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		size_t part = strnlen(parts[i], (sizeof(text) - len) / 2);

		memcpy(text + len, parts[i], part);
		len += part;
		text[len++] = '\0';
	}
	wake_id_v5(text, len, ret_id);
}

void wake_agent_run_id(const char *agent, const char *session, unsigned ordinal, char ret_id[WAKE_ID_SIZE])
{
	char number[16];
	const char *parts[] = { "agent run", agent, session, number };

	(void)snprintf(number, sizeof(number), "%u", ordinal);
	name(parts, WAKE_COUNT(parts), ret_id);
}

void wake_agent_conversation_id(const char *agent, const char *session, char ret_id[WAKE_ID_SIZE])
{
	const char *parts[] = { "agent session", agent, session };

	name(parts, WAKE_COUNT(parts), ret_id);
}

void wake_agent_response_id(const char *message, const char *request, char ret_id[WAKE_ID_SIZE])
{
	const char *parts[] = { "agent response", message, request ? request : "" };

	name(parts, WAKE_COUNT(parts), ret_id);
}

void wake_agent_message_id(const char *agent, const char *kind, const char *key, char ret_id[WAKE_ID_SIZE])
{
	const char *parts[] = { "agent message", agent, kind, key };

	name(parts, WAKE_COUNT(parts), ret_id);
}
