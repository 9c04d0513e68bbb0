/* SPDX-License-Identifier: MIT */
/* Which sessions there are, in the order of time. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "agent/scan.h"
#include "agent/transcript_place.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/import.h"

#define NAMES_MAX 1000000
#define HEAD_MAX ((size_t)16 * 1024) /* bytes at a file's beginning */
#define SUFFIX WAKE_TRANSCRIPT_SUFFIX
#define AGENT "agent-" /* a subagent's file */

void wake_import_session_release(struct wake_import_session *session)
{
	for (size_t i = 0; i < session->beside_count; i++)
		free(session->beside[i]);
	free(session->beside);
	free(session->path);
	free(session->name);
	*session = (struct wake_import_session){ 0 };
}

void wake_import_sessions_release(struct wake_import_sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++)
		wake_import_session_release(&sessions->items[i]);
	free(sessions->items);
	*sessions = (struct wake_import_sessions){ 0 };
}

/* The text behind a key near the beginning of a file: enough to put files in order and to know whose they
 * are. */
void wake_import_read_head(const char *path, const char *quoted_key, char *buffer, size_t size)
{
	wake_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	wake_auto_free char *head = malloc(HEAD_MAX);
	ssize_t got = fd >= 0 && head ? pread(fd, head, HEAD_MAX, 0) : -1;
	const char *key = got > 0 ? memmem(head, (size_t)got, quoted_key, strlen(quoted_key)) : NULL, *at;
	struct wake_scan value;
	size_t left;

	buffer[0] = '\0';
	if (!key)
		return;
	at = key + strlen(quoted_key);
	left = (size_t)(head + got - at);
	while (left > 0 && (*at == ' ' || *at == ':')) {
		at++;
		left--;
	}
	if (wake_scan_take(&at, &left, &value))
		(void)wake_scan_copy(value, buffer, size);
}

static bool has_suffix(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(SUFFIX) && strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

static int add_beside(
    struct wake_import_session *session, char **path, const struct stat *st, struct wake_error *err)
{
	char **beside = reallocarray(session->beside, session->beside_count + 1, sizeof(*beside));

	if (!beside)
		return wake_fail_nomem(err);
	session->beside = beside;
	beside[session->beside_count++] = *path;
	*path = NULL; /* the session's now */
	session->beside_bytes += st->st_size;
	return WAKE_OK;
}

/* What a directory that is not there, or not for us, holds is nothing. */
static int list(const char *directory, struct wake_fs_names *names, struct wake_error *err)
{
	int ret = wake_fs_is_dir(directory) ? wake_fs_list(directory, NAMES_MAX, names, err) : WAKE_OK;

	return ret == WAKE_SYSTEM || ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

static int find_beside(struct wake_import_session *session, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_str_format(
	    &directory, err, "%.*s/subagents", (int)(strlen(session->path) - strlen(SUFFIX)), session->path);

	if (ret == WAKE_OK)
		ret = list(directory, &names, err);
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		wake_auto_free char *path = NULL;
		struct stat st;

		if (!has_suffix(names.items[i]))
			continue;
		ret = wake_fs_join(directory, names.items[i], &path, err);
		if (ret == WAKE_OK && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			ret = add_beside(session, &path, &st, err);
	}
	return ret;
}

static int make_room(struct wake_import_sessions *sessions, struct wake_error *err)
{
	size_t room = sessions->room ? sessions->room * 2 : 64;
	struct wake_import_session *items;

	if (sessions->count < sessions->room)
		return WAKE_OK;
	items = reallocarray(sessions->items, room, sizeof(*items));
	if (!items)
		return wake_fail_nomem(err);
	sessions->items = items;
	sessions->room = room;
	return WAKE_OK;
}

int wake_import_look(
    const char *path, const char *name, struct wake_import_session *ret_session, struct wake_error *err)
{
	wake_auto_import_session struct wake_import_session session = { .begun = INT64_MAX };
	struct wake_fs_identity identity = { 0 };
	struct stat st;
	int ret;

	if (!has_suffix(path) || !wake_transcript_is_session(name) || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return wake_fail(err, WAKE_NOTFOUND, "there is no transcript at '%s'", path);
	ret = wake_fs_identify(path, &identity, err);
	if (ret == WAKE_OK)
		ret = wake_str_copy(path, &session.path, err);
	if (ret == WAKE_OK)
		ret = wake_str_copy(name, &session.name, err);
	if (ret != WAKE_OK)
		return ret;
	session.bytes = st.st_size;
	session.written = (int64_t)st.st_mtim.tv_sec * WAKE_SECOND + st.st_mtim.tv_nsec / 1000;
	session.inode = (int64_t)identity.inode;
	session.born = identity.born;
	ret = find_beside(&session, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_session = session;
	session = (struct wake_import_session){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_import_add(
    struct wake_import_sessions *sessions, const char *path, const char *name, struct wake_error *err)
{
	struct wake_import_session *session;
	struct wake_error ignored;
	char time[64];
	int ret = make_room(sessions, err);

	if (ret != WAKE_OK)
		return ret;
	session = &sessions->items[sessions->count];
	ret = wake_import_look(path, name, session, err);
	if (ret != WAKE_OK)
		return ret == WAKE_NOMEM ? ret : WAKE_OK;
	wake_import_read_head(session->path, "\"timestamp\"", time, sizeof(time));
	if (wake_time_parse(time, &session->begun, &ignored) < 0)
		session->begun = INT64_MAX;
	sessions->count++;
	return WAKE_OK;
}

int wake_import_join(struct wake_import_sessions *sessions, size_t main, size_t other, struct wake_error *err)
{
	struct wake_import_session *session = &sessions->items[other];
	const struct stat st = { .st_size = session->bytes };
	int ret = add_beside(&sessions->items[main], &session->path, &st, err);

	if (ret != WAKE_OK)
		return ret;
	wake_import_session_release(session);
	sessions->count--;
	memmove(session, session + 1, (sessions->count - other) * sizeof(*session));
	return WAKE_OK;
}

static int add_session(
    struct wake_import_sessions *sessions, const char *directory, const char *file, struct wake_error *err)
{
	wake_auto_free char *path = NULL, *name = NULL;
	int ret = wake_fs_join(directory, file, &path, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(&name, err, "%.*s", (int)(strlen(file) - strlen(SUFFIX)), file);
	return ret == WAKE_OK ? wake_import_add(sessions, path, name, err) : ret;
}

/* Older clients keep their subagents' files beside the sessions'; only within they say whose they are. */
static int add_old_agent(struct wake_import_sessions *sessions, size_t first, const char *directory,
    const char *file, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	char name[WAKE_AGENT_SESSION_MAX];
	struct stat st;
	int ret = wake_fs_join(directory, file, &path, err);

	if (ret != WAKE_OK || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return ret;
	wake_import_read_head(path, "\"sessionId\"", name, sizeof(name));
	for (size_t i = first; i < sessions->count; i++) {
		if (strcmp(sessions->items[i].name, name) == 0)
			return add_beside(&sessions->items[i], &path, &st, err);
	}
	return WAKE_OK;
}

static int find_in(struct wake_import_sessions *sessions, const char *directory, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	size_t first = sessions->count;
	int ret = list(directory, &names, err);

	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		if (has_suffix(names.items[i]) && strncmp(names.items[i], AGENT, strlen(AGENT)) != 0)
			ret = add_session(sessions, directory, names.items[i], err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		if (has_suffix(names.items[i]) && strncmp(names.items[i], AGENT, strlen(AGENT)) == 0)
			ret = add_old_agent(sessions, first, directory, names.items[i], err);
	}
	return ret;
}

static int compare_sessions(const void *left, const void *right)
{
	const struct wake_import_session *one = left, *other = right;

	if (one->begun != other->begun)
		return one->begun < other->begun ? -1 : 1;
	if (one->born != other->born)
		return one->born < other->born ? -1 : 1;
	return strcmp(one->path, other->path);
}

void wake_import_sort(struct wake_import_sessions *sessions)
{
	if (sessions->count > 0)
		qsort(sessions->items, sessions->count, sizeof(*sessions->items), compare_sessions);
}

int wake_import_projects(char **ret_projects, struct wake_error *err)
{
	const char *config = getenv("CLAUDE_CONFIG_DIR"), *home = getenv("HOME");

	if (config && *config)
		return wake_str_format(ret_projects, err, "%s/projects", config);
	if (!home || home[0] != '/')
		return wake_fail(err, WAKE_INVALID, "HOME is not set: say with --dir where the sessions are");
	return wake_str_format(ret_projects, err, "%s/.claude/projects", home);
}

int wake_import_locate(const char *name, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *projects = NULL;
	int ret = wake_import_projects(&projects, err);

	return ret == WAKE_OK ? wake_transcript_locate(projects, name, ret_path, err) : ret;
}

int wake_import_find(const char *projects, struct wake_import_sessions *ret_sessions, struct wake_error *err)
{
	wake_auto_import_sessions struct wake_import_sessions sessions = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_fs_list(projects, NAMES_MAX, &names, err);

	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		wake_auto_free char *directory = NULL;

		ret = wake_fs_join(projects, names.items[i], &directory, err);
		if (ret == WAKE_OK)
			ret = find_in(&sessions, directory, err);
	}
	if (ret != WAKE_OK)
		return ret;
	wake_import_sort(&sessions);
	*ret_sessions = sessions;
	sessions = (struct wake_import_sessions){ 0 }; /* the caller's now */
	return WAKE_OK;
}

static int locate(const char *named, char **ret_directory, struct wake_error *err)
{
	wake_auto_free char *projects = NULL;
	int ret;

	if (named) {
		ret = wake_str_format(&projects, err, "%s/projects", named);
		return ret == WAKE_OK
		           ? wake_str_copy(wake_fs_is_dir(projects) ? projects : named, ret_directory, err)
		           : ret;
	}
	return wake_import_projects(ret_directory, err);
}

const struct wake_import_source wake_import_claude = {
	.word = "claude",
	.agent = WAKE_AGENT_CLAUDE,
	.kept = "transcripts of Claude Code",
	.locate = locate,
	.find = wake_import_find,
	.read = wake_transcript_claude_read,
};
