/* SPDX-License-Identifier: MIT */
/* Starting the watcher on demand. */
#include "cli/watcher_start.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "event/wakeup.h"

/* A watcher holds STATE/watcher/lock for its life. */
static bool is_running(const struct wake_paths *paths)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct wake_error ignored;

	if (wake_str_format(&path, &ignored, "%s/watcher/lock", paths->state) < 0)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno != ENOENT;
	return fcntl(fd, F_OFD_GETLK, &whole) < 0 || whole.l_type != F_UNLCK;
}

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

	if (!slash || is_running(paths) || !is_ours(paths->state) ||
	    wake_str_format(&watcher, &ignored, "%.*s/runwake-watcher", (int)(slash - program), program) < 0)
		return;
	if (access(watcher, X_OK) == 0)
		wake_wakeup_detached((const char *const[]){ watcher, "--detach", NULL });
}
