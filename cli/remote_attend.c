/* SPDX-License-Identifier: MIT */
/* Starting the program that follows remote runs. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/remote.h"
#include "cli/watcher_client.h"
#include "event/wakeup.h"

int wake_remote_program(const char *program, char **ret_program, struct wake_error *err)
{
	wake_auto_free char *prefix = NULL;
	int ret = wake_str_copy(program, &prefix, err);

	for (int levels = 0; ret == WAKE_OK && levels < 2; levels++) {
		char *slash = strrchr(prefix, '/');

		if (slash)
			*slash = '\0';
	}
	return ret == WAKE_OK ? wake_fs_join(prefix, "libexec/runwake/runwake-remote", ret_program, err)
	                      : ret;
}

bool wake_remote_is_attended(const struct wake_paths *paths)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct wake_error ignored;

	if (wake_fs_join(paths->state, "remote/lock", &path, &ignored) < 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

/* A watcher sees entries by itself, and starts it as its child. */
void wake_remote_attend(const struct wake_paths *paths, const char *program)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *dir = NULL;
	struct wake_error ignored;

	if (wake_remote_entries_dir(paths, &dir, &ignored) < 0 || !wake_fs_is_dir(dir) ||
	    wake_watcher_is_held(paths) || wake_remote_is_attended(paths) ||
	    !wake_remote_entries_wait(paths) || wake_remote_program(program, &path, &ignored) < 0 ||
	    access(path, X_OK) != 0)
		return;
	wake_wakeup_detached((const char *const[]){ path, NULL });
}
