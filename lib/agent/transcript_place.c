/* SPDX-License-Identifier: MIT */
/* Looking for a session's transcript. */
#include "agent/transcript_place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/run_name.h"
#include "base/fs.h"
#include "base/str.h"

#define DIRECTORIES_MAX 1000000

bool wake_transcript_is_session(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < WAKE_AGENT_SESSION_MAX &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

static bool is_later(const struct timespec *one, const struct timespec *other)
{
	return one->tv_sec != other->tv_sec ? one->tv_sec > other->tv_sec : one->tv_nsec > other->tv_nsec;
}

int wake_transcript_locate(const char *projects, const char *session, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *found = NULL;
	wake_auto_names struct wake_fs_names names = { 0 };
	struct timespec written = { 0 };
	int ret = WAKE_OK;

	if (wake_transcript_is_session(session) && wake_fs_is_dir(projects))
		ret = wake_fs_list(projects, DIRECTORIES_MAX, &names, err);
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		wake_auto_free char *path = NULL;
		struct stat st;

		ret = wake_str_format(
		    &path, err, "%s/%s/%s" WAKE_TRANSCRIPT_SUFFIX, projects, names.items[i], session);
		if (ret != WAKE_OK || stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    (found && !is_later(&st.st_mtim, &written)))
			continue;
		written = st.st_mtim;
		free(found);
		found = path;
		path = NULL; /* found's now */
	}
	if (ret != WAKE_OK)
		return ret;
	if (!found)
		return wake_fail(err, WAKE_NOTFOUND, "there is no transcript of session '%s'", session);
	*ret_path = found;
	found = NULL; /* the caller's now */
	return WAKE_OK;
}
