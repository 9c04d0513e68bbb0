/* SPDX-License-Identifier: MIT */
/* The file in which a client keeps what is to be set for its tools: a shell reads it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "hooks/agent.h"

#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define EXPORT "export RUNWAKE_RUN_ID="

/* Does the last such line say run_id already? Another hook may have written behind ours. */
static bool is_exported(const char *text, const char *run_id)
{
	const char *at = text, *last = NULL;
	size_t len = strlen(run_id);

	while ((at = strstr(at, EXPORT)) != NULL) {
		if (at == text || at[-1] == '\n')
			last = at;
		at++;
	}
	return last && strncmp(last + strlen(EXPORT), run_id, len) == 0 &&
	       strchr("\r\n", last[strlen(EXPORT) + len]);
}

static int open_ours(const char *file, int *ret_fd, struct wake_error *err)
{
	wake_auto_close int fd =
	    open(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return wake_fail_errno(err, "open '%s'", file);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return wake_fail(err, WAKE_INVALID, "'%s' is no file of ours", file);
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

int wake_agent_export(const char *file, const char *run_id, struct wake_error *err)
{
	wake_auto_str struct wake_str line = WAKE_STR(1024);
	wake_auto_free char *text = NULL;
	wake_auto_close int fd = -1;
	size_t len = 0;
	int ret;

	if (*file != '/')
		return wake_fail(err, WAKE_INVALID, "'%s' is no absolute path", file);
	ret = wake_fs_read(file, FILE_MAX_BYTES, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	if (text && is_exported(text, run_id))
		return WAKE_OK;
	ret = open_ours(file, &fd, err);
	wake_str_appendf(&line, "%s" EXPORT "%s\n", len > 0 && text[len - 1] != '\n' ? "\n" : "", run_id);
	if (ret == WAKE_OK)
		ret = wake_str_check(&line, err);
	return ret == WAKE_OK ? wake_fs_write_all(fd, line.data, line.len, err) : ret;
}
