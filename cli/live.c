/* SPDX-License-Identifier: MIT */
/* Which entries there are, what of each is due, and when one has served. */
#include "cli/live.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

#define REST 10                            /* times what the last reading took */
#define REST_IN_TURN WAKE_SECOND           /* while a turn goes on, at least */
#define ENDING (10 * WAKE_SECOND)          /* from a session's end until its agent has written everything */
#define GIVEN_UP (24 * 3600 * WAKE_SECOND) /* … until what could not be read is left to an import */
#define BUSY_AGAIN (WAKE_SECOND / 5)       /* until another recorder may be done */

struct live {
	const struct wake_live_spec *spec;
	struct wake_live_rest *rest;
	struct wake_import *import; /* owned; NULL: nothing was to be read yet */
	char *url;                  /* owned: of the store */
	int64_t now;
};

static void live_release(struct live *live)
{
	wake_import_free(live->import);
	free(live->url);
}

/* A process that nobody has waited for yet is still listed, but writes no more. */
static bool has_exited(pid_t pid)
{
	wake_auto_close int fd = pidfd_open(pid, 0);
	struct pollfd end = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&end, 1, 0) == 1;
}

enum fate { ALIVE, GONE, UNSEEN };

/* Of its process; one that is not known, or cannot be seen from here, is given time. */
static enum fate fate_of(const struct live *live, const struct wake_agent_session *entry)
{
	struct wake_active process = wake_agent_session_process(entry);
	enum wake_active_place place = entry->pid ? wake_active_place(&process) : WAKE_ACTIVE_ELSEWHERE;

	if (place == WAKE_ACTIVE_ELSEWHERE)
		return entry->ended_at && live->now - entry->ended_at > ENDING ? GONE : UNSEEN;
	/* Exited first: in between the pid cannot have changed hands. */
	return place == WAKE_ACTIVE_OTHER_BOOT || has_exited(entry->pid) || wake_active_is_gone(&process)
	           ? GONE
	           : ALIVE;
}

static int64_t later(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

/* Nobody has heard of it for a day: neither its hook nor its transcript. */
static bool is_given_up(const struct live *live, const struct wake_agent_session *entry, int64_t written)
{
	int64_t heard = later(later(entry->begun_at, entry->ended_at), later(entry->heartbeat_at, written));

	return live->now - heard > GIVEN_UP;
}

static bool is_same(const struct wake_agent_session *one, const struct wake_agent_session *other)
{
	return strcmp(one->run_id, other->run_id) == 0 && one->ordinal == other->ordinal &&
	       one->begun_at == other->begun_at && one->ended_at == other->ended_at;
}

/* Locking makes an entry that another has removed in this moment, an empty one. */
static bool is_empty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == 0;
}

/* Unless it was opened again meanwhile. */
static void remove_entry(const struct live *live, const struct wake_agent_session *entry)
{
	const struct wake_paths *paths = live->spec->paths;
	wake_auto_agent_session struct wake_agent_session now = { 0 };
	wake_auto_close int lock = -1;
	struct wake_error ignored;
	int ret = wake_agent_session_lock(paths, entry->agent, entry->session, &lock, &ignored);

	if (ret != WAKE_OK)
		return;
	ret = wake_agent_session_read(paths, entry->agent, entry->session, &now, &ignored);
	if (ret == WAKE_OK ? is_same(&now, entry) : is_empty(lock))
		(void)!wake_agent_session_remove(paths, entry->agent, entry->session, &ignored);
}

static void come_again(struct live *live, int64_t in)
{
	if (live->rest->again_in == 0 || in < live->rest->again_in)
		live->rest->again_in = in > 0 ? in : 1;
}

/* An agent that has told its end writes down what the session had cost, and goes. */
static void wait_for_end(struct live *live, const struct wake_agent_session *entry)
{
	if (live->rest->ending >= 0 || entry->pid == 0 || !entry->ended_at ||
	    live->now - entry->ended_at > ENDING)
		return;
	live->rest->ending = pidfd_open(entry->pid, 0);
	/* Only now is it sure that this is it. */
	if (live->rest->ending >= 0 && fate_of(live, entry) == GONE) {
		(void)close(live->rest->ending);
		live->rest->ending = -1;
		come_again(live, 1);
	}
}

/* ---- what is due ------------------------------------------------------------------------------ */

/* Is everything told that its entry was kept for? */
static bool is_told(const struct wake_import_session *session, const struct wake_import_cursor *cursor)
{
	const struct wake_agent_session *entry = session->entry;

	if (!cursor->is_current || !cursor->is_over)
		return false;
	return session->is_gone || (entry->ended_at && cursor->place.ordinal + 1 >= entry->ordinal);
}

/* How long to leave it alone; 0: it is due. */
static int64_t rest_of(const struct live *live, const struct wake_import_session *session,
    const struct wake_import_cursor *cursor)
{
	const struct wake_agent_session *entry = session->entry;
	bool is_in_turn = entry->turn != WAKE_TURN_ANSWERED && entry->turn != WAKE_TURN_FAILED;
	int64_t since = live->now - cursor->read_at, rest;

	if (live->spec->insists || session->is_gone || entry->ended_at || since < 0)
		return 0;
	rest = later(REST * cursor->took, is_in_turn ? REST_IN_TURN : 0);
	return since < rest ? rest - since : 0;
}

static int open_import(struct live *live, struct wake_error *err)
{
	const struct wake_import_spec spec = {
		.paths = live->spec->paths,
		.store = live->spec->store,
		.recorder = live->spec->recorder,
		.leaves_to_others = live->spec->recorder && !live->spec->insists,
	};

	return live->import ? WAKE_OK : wake_import_new(&spec, &live->import, err);
}

static int read_on(struct live *live, struct wake_import_session *session, struct wake_error *err)
{
	const struct wake_import_sessions one = { .items = session, .count = 1 };
	int ret = open_import(live, err);

	if (ret == WAKE_OK)
		ret = wake_import_one(live->import, &one, 0, err);
	if (ret == WAKE_BUSY) {
		come_again(live, BUSY_AGAIN);
		return WAKE_OK;
	}
	live->rest->read += ret == WAKE_OK;
	return ret;
}

/* Reads it if it is due, and removes its entry if that has served. */
static int look_at(struct live *live, struct wake_import_session *session, struct wake_error *err)
{
	wake_auto_import_cursor struct wake_import_cursor cursor = { 0 }, now = { 0 };
	const struct wake_paths *paths = live->spec->paths;
	int64_t rest;
	int ret = wake_import_cursor_read(paths, live->url, session, &cursor, err);

	if (ret != WAKE_OK)
		return ret;
	if (is_told(session, &cursor)) {
		remove_entry(live, session->entry);
		return WAKE_OK;
	}
	/* Its end may have been told since: then there is more to tell of what was read. */
	if (!cursor.is_current || session->is_gone || (session->entry->ended_at && !cursor.is_over)) {
		rest = rest_of(live, session, &cursor);
		if (rest == 0)
			ret = read_on(live, session, err);
		else
			come_again(live, rest);
		if (ret == WAKE_OK)
			ret = wake_import_cursor_read(paths, live->url, session, &now, err);
	}
	if (ret == WAKE_OK && is_told(session, &now))
		remove_entry(live, session->entry);
	else
		wait_for_end(live, session->entry);
	return ret;
}

/* Is there nothing to be read, now or later? What fails for want of memory or of the store has not been read
 * yet. */
static bool is_hopeless(
    const struct live *live, const struct wake_agent_session *entry, enum fate fate, int ret, int64_t written)
{
	if (fate == ALIVE || ret == WAKE_NOMEM || ret == WAKE_UNAVAILABLE)
		return false;
	if (fate == GONE && ret == WAKE_NOTFOUND)
		return true;
	return (fate == UNSEEN || ret != WAKE_OK) && is_given_up(live, entry, written);
}

/* Sessions that are kept nowhere, or not where we may read, are told by their hooks alone. */
static int look(struct live *live, const struct wake_agent_session *entry, struct wake_error *err)
{
	wake_auto_import_session struct wake_import_session session = { 0 };
	enum fate fate = fate_of(live, entry);
	int ret = WAKE_NOTFOUND;

	if (strcmp(entry->agent, WAKE_AGENT_CLAUDE) == 0 && entry->transcript)
		ret = wake_import_look(entry->transcript, entry->session, &session, err);
	if (ret == WAKE_OK && access(session.path, R_OK) < 0)
		ret = WAKE_NOTFOUND;
	if (ret == WAKE_OK) {
		session.entry = entry;
		session.is_gone = fate == GONE;
		ret = look_at(live, &session, err);
	} else if (ret == WAKE_NOTFOUND) {
		wait_for_end(live, entry);
	}
	if (is_hopeless(live, entry, fate, ret, session.written))
		remove_entry(live, entry);
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* A fork comes behind what it is a fork of. */
static int compare_entries(const void *left, const void *right)
{
	const struct wake_agent_session *one = left, *other = right;

	if (one->begun_at != other->begun_at)
		return one->begun_at < other->begun_at ? -1 : 1;
	return strcmp(one->session, other->session);
}

static int look_at_all(
    struct live *live, const struct wake_agent_session_list *entries, struct wake_error *err)
{
	struct wake_error problem;
	int first = wake_store_locate(live->spec->paths, &live->url, err);

	if (first != WAKE_OK)
		return first;
	for (size_t i = 0; i < entries->count; i++) {
		int ret = look(live, &entries->items[i], &problem);

		if (ret == WAKE_NOMEM || (ret != WAKE_OK && first == WAKE_OK))
			*err = problem;
		if (ret == WAKE_NOMEM)
			return ret;
		first = first == WAKE_OK ? ret : first;
	}
	return first;
}

int wake_live_read(const struct wake_live_spec *spec, struct wake_live_rest *ret_rest, struct wake_error *err)
{
	wake_auto_agent_session_list struct wake_agent_session_list entries = { 0 };
	WAKE_CLEANUP(live_release)
	struct live live = { .spec = spec, .rest = ret_rest, .now = wake_clock_now() };
	int ret = wake_agent_session_list(spec->paths, &entries, err);

	*ret_rest = (struct wake_live_rest){ .ending = -1 };
	if (ret != WAKE_OK || entries.count == 0 || (!spec->store && !wake_recorder_store(spec->recorder)))
		return ret;
	qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
	return look_at_all(&live, &entries, err);
}

void wake_live_wait(struct wake_live_rest *rest)
{
	struct pollfd end = { .fd = rest->ending, .events = POLLIN };
	int64_t until = wake_clock_monotonic() + ENDING, left;

	while (rest->ending >= 0 && (left = until - wake_clock_monotonic()) > 0) {
		if (poll(&end, 1, (int)(left / 1000) + 1) != 0)
			break;
	}
	if (rest->ending >= 0)
		(void)close(rest->ending);
	rest->ending = -1;
}
