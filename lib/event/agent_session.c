/* SPDX-License-Identifier: MIT */
/* The files STATE/sessions/ID.json. */
#include "event/agent_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/id.h"
#include "event/agent_session_text.h"
#include "event/spool_parts.h"

#define SUFFIX ".json"
#define NAMES_MAX 1000000 /* in their directory */

static int locate(const struct wake_paths *paths, const char *agent, const char *session, char **ret_path,
    struct wake_error *err)
{
	const char *parts[] = { "agent session", agent, session };
	char id[WAKE_ID_SIZE];

	if (strlen(agent) >= WAKE_AGENT_NAME_SIZE || strlen(session) > WAKE_AGENT_SESSION_NAME_MAX)
		return wake_fail(err, WAKE_INVALID, "an agent's session has too long a name");
	wake_id_v5_of(parts, WAKE_COUNT(parts), id);
	return wake_str_format(ret_path, err, "%s/sessions/%s" SUFFIX, paths->state, id);
}

/* The entry's file, made where it is missing, together with its directory. */
static int open_entry(const struct wake_paths *paths, const char *path, int *ret_fd, struct wake_error *err)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	wake_auto_free char *dir = NULL;
	int fd = open(path, flags, 0600), ret;

	if (fd < 0 && errno == ENOENT) {
		ret = wake_fs_join(paths->state, "sessions", &dir, err);
		if (ret == WAKE_OK)
			ret = wake_fs_make_dirs(dir, err);
		if (ret < 0)
			return ret;
		fd = open(path, flags, 0600);
	}
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	wake_spool_give(fd, paths->spool);
	*ret_fd = fd;
	return WAKE_OK;
}

int wake_agent_session_write(
    const struct wake_paths *paths, const struct wake_agent_session *session, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(2 * WAKE_AGENT_SESSION_SIZE);
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	int ret = locate(paths, session->agent, session->session, &path, err);
	ssize_t written;

	if (ret == WAKE_OK)
		ret = wake_agent_session_format(session, &text, err);
	if (ret == WAKE_OK)
		ret = open_entry(paths, path, &fd, err);
	if (ret < 0)
		return ret;
	do {
		written = pwrite(fd, text.data, text.len, 0);
	} while (written < 0 && errno == EINTR);
	if (written >= 0 && (size_t)written < text.len)
		errno = ENOSPC;
	return written == (ssize_t)text.len ? WAKE_OK : wake_fail_errno(err, "write '%s'", path);
}

int wake_agent_session_lock(const struct wake_paths *paths, const char *agent, const char *session,
    int *ret_fd, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	int ret = locate(paths, agent, session, &path, err);

	if (ret == WAKE_OK)
		ret = open_entry(paths, path, &fd, err);
	if (ret == WAKE_OK)
		ret = wake_spool_flock(fd, wake_clock_monotonic() + WAKE_SPOOL_LOCK_WAIT, err);
	if (ret == WAKE_OK) {
		*ret_fd = fd;
		fd = -1; /* the caller's now */
	}
	return ret;
}

int wake_agent_session_remove(
    const struct wake_paths *paths, const char *agent, const char *session, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = locate(paths, agent, session, &path, err);

	if (ret == WAKE_OK && unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
		return wake_fail_errno(err, "remove '%s'", path);
	return ret;
}

static int read_entry(const char *path, struct wake_agent_session *ret_session, struct wake_error *err)
{
	wake_auto_agent_session struct wake_agent_session session = { 0 };
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_read(path, WAKE_AGENT_SESSION_SIZE, WAKE_FS_NOFOLLOW, &text, &len, err);

	if (ret == WAKE_OK)
		ret = wake_agent_session_parse(text, len, &session, err);
	if (ret == WAKE_INVALID) {
		(void)wake_error_prefix(err, "'%s'", path);
		return err->code = WAKE_NOTFOUND;
	}
	if (ret < 0)
		return ret;
	*ret_session = session;
	session = (struct wake_agent_session){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_agent_session_read(const struct wake_paths *paths, const char *agent, const char *session,
    struct wake_agent_session *ret_session, struct wake_error *err)
{
	wake_auto_agent_session struct wake_agent_session found = { 0 };
	wake_auto_free char *path = NULL;
	int ret = locate(paths, agent, session, &path, err);

	if (ret == WAKE_OK)
		ret = read_entry(path, &found, err);
	if (ret == WAKE_OK && (strcmp(found.agent, agent) != 0 || strcmp(found.session, session) != 0))
		ret = wake_fail(err, WAKE_NOTFOUND, "'%s' is another session's", path);
	if (ret == WAKE_OK) {
		*ret_session = found;
		found = (struct wake_agent_session){ 0 }; /* the caller's now */
	}
	return ret;
}

static bool is_entry(const char *name)
{
	size_t len = strlen(name);

	return len == WAKE_ID_SIZE - 1 + strlen(SUFFIX) && strcmp(name + WAKE_ID_SIZE - 1, SUFFIX) == 0;
}

static int add_entry(
    const char *dir, const char *name, struct wake_agent_session_list *list, struct wake_error *err)
{
	struct wake_agent_session session = { 0 };
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = is_entry(name) && list->count < WAKE_AGENT_SESSION_LIST_MAX
		          ? read_entry(path, &session, err)
		          : WAKE_NOTFOUND;
	if (ret == WAKE_OK)
		list->items[list->count++] = session;
	else
		list->skipped += ret != WAKE_NOMEM;
	return ret == WAKE_NOMEM ? ret : WAKE_OK;
}

int wake_agent_session_list(
    const struct wake_paths *paths, struct wake_agent_session_list *ret_list, struct wake_error *err)
{
	wake_auto_agent_session_list struct wake_agent_session_list list = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(paths->state, "sessions", &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_list(path, NAMES_MAX, &names, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	list.items = calloc(names.count + 1, sizeof(*list.items));
	ret = list.items ? WAKE_OK : wake_fail_nomem(err);
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++)
		ret = add_entry(path, names.items[i], &list, err);
	if (ret < 0)
		return ret;
	*ret_list = list;
	list = (struct wake_agent_session_list){ 0 }; /* the caller's now */
	return WAKE_OK;
}

bool wake_agent_session_is_live(const struct wake_agent_session *session)
{
	struct wake_active process = wake_agent_session_process(session);
	enum wake_active_place place;

	if (session->ended_at || session->pid == 0)
		return session->ended_at == 0;
	place = wake_active_place(&process);
	return place == WAKE_ACTIVE_ELSEWHERE ||
	       (place == WAKE_ACTIVE_HERE && !wake_active_is_gone(&process));
}

void wake_agent_session_release(struct wake_agent_session *session)
{
	free(session->session);
	free(session->transcript);
	free(session->directory);
	*session = (struct wake_agent_session){ 0 };
}

void wake_agent_session_list_release(struct wake_agent_session_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		wake_agent_session_release(&list->items[i]);
	free(list->items);
	*list = (struct wake_agent_session_list){ 0 };
}
