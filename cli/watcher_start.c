/* SPDX-License-Identifier: MIT */
/* Starting the watcher on demand. */
#include "cli/watcher_start.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/watcher_client.h"
#include "event/wakeup.h"

/* `sudo -E runwake start` in somebody's home: a watcher of root's would keep theirs from starting. */
static bool is_ours(const char *state)
{
	struct stat st;

	return stat(state, &st) == 0 && st.st_uid == geteuid();
}

void wake_watcher_start(const struct wake_paths *paths, const char *program)
{
	const char *slash = strrchr(program, '/');
	wake_auto_free char *watcher = NULL;
	struct wake_error ignored;

	if (!slash || wake_watcher_is_held(paths) || !is_ours(paths->state) ||
	    wake_str_format(&watcher, &ignored, "%.*s/runwake-watcher", (int)(slash - program), program) < 0)
		return;
	if (access(watcher, X_OK) == 0)
		wake_wakeup_detached((const char *const[]){ watcher, "--detach", NULL });
}
