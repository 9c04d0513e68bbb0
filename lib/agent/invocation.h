/* SPDX-License-Identifier: MIT */
/* What a command line tells of an agent: which one it is, whether its output can be read, and what it was asked.
 * Nothing else of the arguments is looked at: they may hold secrets. */
#ifndef WAKE_INVOCATION_H
#define WAKE_INVOCATION_H

#include "agent/stream.h"

enum wake_agent { WAKE_AGENT_NONE, WAKE_AGENT_CLAUDE, WAKE_AGENT_CODEX, WAKE_AGENT_GEMINI };

struct wake_invocation {
	enum wake_agent agent;
	bool has_stream;	/* its standard output is one of stream.h */
	enum wake_stream_source source;
	bool takes_stream;	/* it reads messages from its standard input while it works, as JSON lines */
	/* It goes on with a session, whose totals it also tells of: what it took before is not known here. */
	bool is_resumed;
	bool is_quiet;		/* it works without a terminal and exits 0 when it is interrupted */
	const char *prompt;	/* borrowed; NULL: none, or not told for certain */
};

/* argv: the command, NULL-terminated. named: what somebody says it is, of wake_agent_named; -1: told from the command's
 * name. A wrapper's arguments may not be the agent's: of one that is named it is taken that its output is a stream
 * where it goes to no terminal. */
void wake_invocation_read(
    const char *const *argv, int named, bool is_terminal, struct wake_invocation *ret_invocation);

/* "none", "claude", "codex", "gemini"; -1: another word. */
int wake_agent_named(const char *word);
const char *wake_agent_type(enum wake_agent agent); /* workflow_runs.agent_type; NULL for none */

#endif
