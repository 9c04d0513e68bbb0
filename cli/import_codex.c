/* SPDX-License-Identifier: MIT */
/* Codex's rollouts: HOME/sessions/YEAR/MONTH/DAY/rollout-TIME-THREAD.jsonl, and HOME/archived_sessions. A
 * thread that an agent started has a rollout of its own, which is read beside that of the thread it was
 * started for. Codex compresses old ones where it is told to (.jsonl.zst); those are counted, not read. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/import.h"

#define NAMES_MAX 1000000
#define DEPTH_MAX 4 /* year, month, day; one more for a directory above */
#define PREFIX "rollout-"
#define SUFFIX ".jsonl"
#define PACKED SUFFIX ".zst"
#define THREAD_LEN 36 /* bytes of a UUID */

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len > tail && strcmp(name + len - tail, end) == 0;
}

static int add(
    struct wake_import_sessions *sessions, const char *path, const char *file, struct wake_error *err)
{
	size_t len = strlen(file);
	char thread[THREAD_LEN + 1];

	if (strncmp(file, PREFIX, strlen(PREFIX)) != 0)
		return WAKE_OK;
	if (ends_with(file, PACKED)) {
		sessions->packed++;
		return WAKE_OK;
	}
	if (!ends_with(file, SUFFIX) || len < strlen(PREFIX SUFFIX) + THREAD_LEN)
		return WAKE_OK;
	(void)snprintf(thread, sizeof(thread), "%s", file + len - strlen(SUFFIX) - THREAD_LEN);
	return wake_id_is_uuid(thread) ? wake_import_add(sessions, path, thread, err) : WAKE_OK;
}

/* What is not there, or not for us, holds nothing. */
static int walk(
    struct wake_import_sessions *sessions, const char *directory, int depth, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_fs_list(directory, NAMES_MAX, &names, err);

	if (ret == WAKE_NOTFOUND || ret == WAKE_SYSTEM)
		return WAKE_OK;
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		wake_auto_free char *path = NULL;

		ret = wake_fs_join(directory, names.items[i], &path, err);
		if (ret == WAKE_OK && depth > 0 && wake_fs_is_dir(path))
			ret = walk(sessions, path, depth - 1, err);
		else if (ret == WAKE_OK)
			ret = add(sessions, path, names.items[i], err);
	}
	return ret;
}

/* ---- threads that agents started ------------------------------------------------------------------ */

struct named {
	const char *name; /* borrowed from the sessions */
	size_t at;
};

static int compare_named(const void *left, const void *right)
{
	return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

/* The thread that a session's agent works for; "": for a person. */
static void read_parent(const struct wake_import_session *session, char *parent, size_t size)
{
	char source[32];

	wake_import_read_head(session->path, "\"parent_thread_id\"", parent, size);
	wake_import_read_head(session->path, "\"thread_source\"", source, sizeof(source));
	if (strcmp(source, "subagent") == 0 && !*parent)
		wake_import_read_head(session->path, "\"session_id\"", parent, size);
	if (strcmp(parent, session->name) == 0)
		parent[0] = '\0';
}

/* Whose sessions each is beside: its own place where it is nobody's. */
static int find_mains(const struct wake_import_sessions *sessions, size_t *mains, struct wake_error *err)
{
	struct named *byname = calloc(sessions->count + 1, sizeof(*byname));

	if (!byname)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < sessions->count; i++)
		byname[i] = (struct named){ sessions->items[i].name, i };
	qsort(byname, sessions->count, sizeof(*byname), compare_named);
	for (size_t i = 0; i < sessions->count; i++) {
		char parent[WAKE_AGENT_SESSION_MAX];
		const struct named key = { parent, 0 }, *found;

		read_parent(&sessions->items[i], parent, sizeof(parent));
		found =
		    *parent ? bsearch(&key, byname, sessions->count, sizeof(*byname), compare_named) : NULL;
		mains[i] = found ? found->at : i;
	}
	free(byname);
	return WAKE_OK;
}

/* From the back, so that places before stay what they are; of a chain the first one counts, as far as it is
 * one. */
static int join_threads(struct wake_import_sessions *sessions, struct wake_error *err)
{
	wake_auto_free size_t *mains = calloc(sessions->count + 1, sizeof(*mains));
	int ret = mains ? find_mains(sessions, mains, err) : wake_fail_nomem(err);

	for (size_t i = sessions->count; ret == WAKE_OK && i-- > 0;) {
		size_t main = mains[i];

		for (int links = 0; links < 16 && mains[main] != main; links++)
			main = mains[main];
		/* A parent that began later, by what the files say, is no parent. */
		if (main < i && sessions->items[i].beside_count == 0)
			ret = wake_import_join(sessions, main, i, err);
	}
	return ret;
}

static int find(const char *directory, struct wake_import_sessions *ret_sessions, struct wake_error *err)
{
	wake_auto_import_sessions struct wake_import_sessions sessions = { 0 };
	wake_auto_free char *archive = NULL;
	const char *slash = strrchr(directory, '/');
	int ret = walk(&sessions, directory, DEPTH_MAX, err);

	if (ret == WAKE_OK && slash && strcmp(slash, "/sessions") == 0) {
		ret = wake_str_format(
		    &archive, err, "%.*s/archived_sessions", (int)(slash - directory), directory);
		if (ret == WAKE_OK)
			ret = walk(&sessions, archive, 0, err);
	}
	wake_import_sort(&sessions);
	if (ret == WAKE_OK)
		ret = join_threads(&sessions, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_sessions = sessions;
	sessions = (struct wake_import_sessions){ 0 }; /* the caller's now */
	return WAKE_OK;
}

static int locate(const char *named, char **ret_directory, struct wake_error *err)
{
	const char *set = getenv("CODEX_HOME"), *home = getenv("HOME");
	wake_auto_free char *sessions = NULL;
	int ret;

	if (named) {
		ret = wake_str_format(&sessions, err, "%s/sessions", named);
		return ret == WAKE_OK
		           ? wake_str_copy(wake_fs_is_dir(sessions) ? sessions : named, ret_directory, err)
		           : ret;
	}
	if (set && *set)
		return wake_str_format(ret_directory, err, "%s/sessions", set);
	if (!home || home[0] != '/')
		return wake_fail(err, WAKE_INVALID, "HOME is not set: say with --dir where the sessions are");
	return wake_str_format(ret_directory, err, "%s/.codex/sessions", home);
}

const struct wake_import_source wake_import_codex = {
	.word = "codex",
	.agent = WAKE_AGENT_TYPE_CODEX,
	.kept = "rollouts of Codex",
	.locate = locate,
	.find = find,
	.read = wake_transcript_codex_read,
};
