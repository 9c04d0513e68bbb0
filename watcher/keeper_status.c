/* SPDX-License-Identifier: MIT */
/* How the recorder is, and how long events have been waiting. Looked up only when somebody asks. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "watcher/keeper_parts.h"

#define FILES_MAX 10000 /* of the spool; beyond them the number alone says enough */

int64_t wake_keeper_memory_of(pid_t pid)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	struct wake_error ignored;
	const char *resident;
	size_t len;

	if (wake_str_format(&path, &ignored, "/proc/%ld/statm", (long)pid) < 0 ||
	    wake_fs_read(path, 256, WAKE_FS_PLAIN, &text, &len, &ignored) < 0)
		return 0;
	resident = strchr(text, ' ');
	return resident ? strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

/* When the first byte of a file came: its birth, where the file system knows it. */
static int64_t begun_at(const char *dir, const char *name)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;
	struct statx st;
	struct statx_timestamp time;

	if (wake_fs_join(dir, name, &path, &ignored) < 0 ||
	    statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_SIZE | STATX_MTIME | STATX_BTIME, &st) < 0 ||
	    st.stx_size == 0)
		return INT64_MAX;
	time = st.stx_mask & STATX_BTIME ? st.stx_btime : st.stx_mtime;
	return (int64_t)time.tv_sec * WAKE_SECOND + time.tv_nsec / 1000;
}

static int64_t oldest_in(const char *spool, const char *name)
{
	wake_auto_free char *dir = NULL;
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error ignored;
	int64_t oldest = INT64_MAX;

	if (wake_fs_join(spool, name, &dir, &ignored) < 0 ||
	    wake_fs_list(dir, FILES_MAX, &names, &ignored) < 0)
		return oldest;
	for (size_t i = 0; i < names.count; i++) {
		int64_t begun = begun_at(dir, names.items[i]);

		oldest = begun < oldest ? begun : oldest;
	}
	return oldest;
}

static int64_t find_lag(const char *spool)
{
	int64_t in = oldest_in(spool, "in"), work = oldest_in(spool, "work");
	int64_t oldest = in < work ? in : work;
	int64_t now = wake_clock_now();

	return oldest < now ? now - oldest : 0;
}

int wake_keeper_status(const struct wake_keeper *keeper, json_t *document, struct wake_error *err)
{
	wake_auto_json json_t *recorder = json_object();
	const char *state = keeper->child ? "running" : keeper->timer.place ? "waiting" : "idle";
	pid_t pid = keeper->child ? wake_child_pid(keeper->child) : 0;
	int ret = recorder ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(recorder, "state", state, err);
	if (ret == WAKE_OK && pid)
		ret = wake_json_set_int(recorder, "pid", pid, err);
	if (ret == WAKE_OK && pid)
		ret = wake_json_set_int(recorder, "memory_bytes", wake_keeper_memory_of(pid), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(recorder, "restarts", (int64_t)keeper->restarts, err);
	if (ret == WAKE_OK && keeper->last_error[0])
		ret = wake_json_set_string(recorder, "last_error", keeper->last_error, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "spool_lag_us", find_lag(keeper->spec.paths->spool), err);
	return ret == WAKE_OK ? wake_json_set(document, "recorder", json_incref(recorder), err) : ret;
}
