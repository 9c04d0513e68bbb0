/* SPDX-License-Identifier: MIT */
/* Why what waits is not recorded: a recorder that a hook started has nobody to tell. */
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/record.h"
#include "store/record_parts.h"

#define NAME "failure"
#define TEXT_MAX 4096 /* bytes */

/* Only a help to whoever asks: where it cannot be written, the recording's own result stands all the same. */
void wake_record_note_failure(const struct wake_paths *paths, const struct wake_error *failure)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (wake_fs_join(paths->state, NAME, &path, &ignored) < 0)
		return;
	if (failure)
		(void)!wake_fs_replace(path, failure->text, strlen(failure->text), 0600, 0, &ignored);
	else
		(void)unlink(path);
}

int wake_record_read_failure(const struct wake_paths *paths, char **ret_text, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	size_t len;
	int status = wake_fs_join(paths->state, NAME, &path, err);

	*ret_text = NULL;
	if (status == WAKE_OK)
		status = wake_fs_read(path, TEXT_MAX, WAKE_FS_PLAIN, ret_text, &len, err);
	return status == WAKE_NOTFOUND ? WAKE_OK : status;
}
