/* SPDX-License-Identifier: MIT */
/* The watcher's command line. */
#include "watcher/options.h"

#include <stddef.h>
#include <string.h>

#include "base/scope.h"

const char wake_watcher_help[] =
    "usage: runwake-watcher [--detach | --stop | --status]\n"
    "\n"
    "Watches the worktrees of all recorded repositories, and tells the recorder what happens in them.\n"
    "Without an option it stays in the foreground, and takes over from one that runs.\n"
    "\n"
    "      --detach   go to the background at once; do nothing if one runs already\n"
    "      --stop     end the one that runs, and wait until it has\n"
    "      --status   print what the one that runs says of itself, as one JSON document\n"
    "  -h, --help     print this\n"
    "  -V, --version  print the program's version\n"
    "\n"
    "runwake help watcher and runwake doctor tell more.\n";

static const struct {
	const char *word;
	enum wake_watcher_mode mode;
} words[] = {
	{ "--detach", WAKE_WATCHER_DETACH },
	{ "--stop", WAKE_WATCHER_STOP },
	{ "--status", WAKE_WATCHER_STATUS },
	{ "--help", WAKE_WATCHER_HELP },
	{ "-h", WAKE_WATCHER_HELP },
	{ "--version", WAKE_WATCHER_VERSION },
	{ "-V", WAKE_WATCHER_VERSION },
};

int wake_watcher_mode_of(const char *const *args, enum wake_watcher_mode *ret_mode, struct wake_error *err)
{
	if (!args[0]) {
		*ret_mode = WAKE_WATCHER_FOREGROUND;
		return WAKE_OK;
	}
	if (args[1])
		return wake_fail(
		    err, WAKE_INVALID, "'%s' is one word too many (see runwake-watcher --help)", args[1]);
	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		if (strcmp(args[0], words[i].word) == 0) {
			*ret_mode = words[i].mode;
			return WAKE_OK;
		}
	}
	return wake_fail(err, WAKE_INVALID, "there is no option '%s' (see runwake-watcher --help)", args[0]);
}
