/* SPDX-License-Identifier: MIT */
/* Exit codes: what each means, and which error becomes which. */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>

const struct wake_exit_row wake_exits[WAKE_EXIT_COUNT] = {
	{ WAKE_EXIT_OK, "done" },
	{ WAKE_EXIT_NO, "the answer is no, nothing or a gap; or a failure that no other code names" },
	{ WAKE_EXIT_USAGE, "the command line, a setting or another input is at fault" },
	{ WAKE_EXIT_NOT_RUNNING, "the run has ended already, or no run is active here" },
	{ WAKE_EXIT_NOT_FOUND, "the run, commit, repository or file named is not there" },
	{ WAKE_EXIT_BUSY, "another run holds the workspace, or the thing is in use or there already" },
	{ WAKE_EXIT_STORE, "the store is unavailable or damaged" },
	{ WAKE_EXIT_AGENT, "the agent failed" },
};

enum wake_exit wake_exit_of(enum wake_code code)
{
	switch (code) {
	case WAKE_OK:
		return WAKE_EXIT_OK;
	case WAKE_NOTFOUND:
		return WAKE_EXIT_NOT_FOUND;
	case WAKE_EXISTS:
	case WAKE_BUSY:
		return WAKE_EXIT_BUSY;
	case WAKE_INVALID:
		return WAKE_EXIT_USAGE;
	case WAKE_UNAVAILABLE:
	case WAKE_REFUSED:
	case WAKE_CORRUPT:
		return WAKE_EXIT_STORE;
	case WAKE_NOMEM:
	case WAKE_SYSTEM:
		break;
	}
	return WAKE_EXIT_NO;
}

int wake_command_fail(struct wake_command_context *context, enum wake_exit failure, struct wake_error *err,
    const char *fmt, ...)
{
	char text[WAKE_ERROR_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	context->failure = failure;
	return wake_fail(err, WAKE_INVALID, "%s", text);
}
