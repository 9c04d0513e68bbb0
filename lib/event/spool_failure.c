/* SPDX-License-Identifier: MIT */
/* Why what waits is not recorded: a recorder that a hook started has nobody to tell. */
#include "event/spool_parts.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define NAME "failure"
#define TEXT_MAX 4096 /* bytes */

void wake_spool_note_failure(const char *spool, const char *text)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (wake_fs_join(spool, NAME, &path, &ignored) < 0)
		return;
	if (text)
		(void)!wake_fs_replace(path, text, strlen(text), 0600, 0, &ignored);
	else
		(void)unlink(path);
}

int wake_spool_read_failure(const char *spool, char **ret_text, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	char *text = NULL;
	size_t len;
	int ret = wake_fs_join(spool, NAME, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, TEXT_MAX, WAKE_FS_PLAIN, &text, &len, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	*ret_text = text;
	return WAKE_OK;
}

bool wake_spool_failed_lately(const char *spool)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;
	struct stat st;
	int64_t since;

	if (wake_fs_join(spool, NAME, &path, &ignored) < 0 || lstat(path, &st) < 0)
		return false;
	since = wake_clock_now() - (st.st_mtim.tv_sec * WAKE_SECOND + st.st_mtim.tv_nsec / 1000);
	return since >= 0 && since < WAKE_SPOOL_PAUSE;
}
