/* SPDX-License-Identifier: MIT */
/* All runs at once: one loop, one lock a state directory, eight requests at a time. The directory of entries
 * is watched, so what others write there is seen at once. It ends when nothing is left to be asked about. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fs.h"
#include "event/spool.h"
#include "event/wakeup.h"
#include "remote/watched.h"

#define PARALLEL_MAX 8
#define WAIT_MOST (60 * WAKE_SECOND)
#define BEAT_EVERY (60 * WAKE_SECOND)
#define FAILED_WAIT (5 * WAKE_SECOND) /* after a failure of this machine: a full disk, for example */
#define SEEN (IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM)

struct poll {
	struct wake_remote_place *place; /* borrowed */
	CURLM *multi;
	struct wake_remote_watched **items; /* owned, and what they point at */
	size_t count, in_flight;
	int inotify, signals;
	bool is_stale, is_stopped;
};

static void watched_free(struct wake_remote_watched *watched)
{
	wake_exchange_release(&watched->exchange);
	wake_remote_entry_release(&watched->entry);
	free(watched);
}

static void poll_release(struct poll *poll)
{
	for (size_t i = 0; i < poll->count; i++) {
		if (poll->items[i]->in_flight)
			(void)curl_multi_remove_handle(poll->multi, poll->items[i]->exchange.easy);
		watched_free(poll->items[i]);
	}
	free(poll->items);
	if (poll->multi)
		(void)curl_multi_cleanup(poll->multi);
	wake_scope_close(&poll->inotify);
	wake_scope_close(&poll->signals);
}

/* ---- what there is to follow ---- */

static struct wake_remote_watched *find(const struct poll *poll, const char *id)
{
	for (size_t i = 0; i < poll->count; i++) {
		if (strcmp(poll->items[i]->entry.id, id) == 0)
			return poll->items[i];
	}
	return NULL;
}

static bool is_left(const struct wake_remote_entry *entry)
{
	return wake_json_true(entry->json, "unanswered");
}

/* What is on the disk counts: we have written all that we know. One that is begun anew, or that its beginner
 * has left to us, is asked about at once. */
static void take_over(struct wake_remote_watched *watched, struct wake_remote_entry *entry)
{
	if (watched->entry.phase != entry->phase || is_left(&watched->entry) != is_left(entry)) {
		watched->pace = (struct wake_remote_pace){ 0 };
		watched->next = 0;
	}
	wake_remote_entry_release(&watched->entry);
	watched->entry = *entry;
	*entry = (struct wake_remote_entry){ 0 };
	watched->is_gone = false;
}

static int add(struct poll *poll, struct wake_remote_entry *entry, struct wake_error *err)
{
	struct wake_remote_watched *watched = find(poll, entry->id), **items;

	if (watched) {
		take_over(watched, entry);
		return WAKE_OK;
	}
	items = realloc(poll->items, (poll->count + 1) * sizeof(struct wake_remote_watched *));
	if (!items)
		return wake_fail_nomem(err);
	poll->items = items;
	watched = calloc(1, sizeof(*watched));
	if (!watched)
		return wake_fail_nomem(err);
	watched->entry = *entry;
	*entry = (struct wake_remote_entry){ 0 };
	poll->items[poll->count++] = watched;
	return WAKE_OK;
}

static void drop_gone(struct poll *poll)
{
	size_t kept = 0;

	for (size_t i = 0; i < poll->count; i++) {
		if (poll->items[i]->is_gone && !poll->items[i]->in_flight)
			watched_free(poll->items[i]);
		else
			poll->items[kept++] = poll->items[i];
	}
	poll->count = kept;
}

static int reload(struct poll *poll, struct wake_error *err)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	int ret = wake_remote_entries_list(&poll->place->paths, &entries, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < poll->count; i++)
		poll->items[i]->is_gone = true;
	for (size_t i = 0; ret == WAKE_OK && i < entries.count; i++)
		ret = add(poll, &entries.items[i], err);
	poll->is_stale = false;
	drop_gone(poll);
	return ret;
}

/* Our own writes come by here too, so one name is one file to read. */
static int see_name(struct poll *poll, const char *name, struct wake_error *err)
{
	char id[WAKE_ID_SIZE];
	struct wake_remote_watched *watched;
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	int ret;

	if (strlen(name) < WAKE_ID_SIZE || name[WAKE_ID_SIZE - 1] != '.')
		return WAKE_OK;
	memcpy(id, name, WAKE_ID_SIZE - 1);
	id[WAKE_ID_SIZE - 1] = '\0';
	watched = find(poll, id);
	if (watched && watched->is_gone)
		return WAKE_OK;
	ret =
	    wake_id_is_uuid(id) ? wake_remote_entry_read(&poll->place->paths, id, &entry, err) : WAKE_CORRUPT;
	if (ret == WAKE_OK)
		return add(poll, &entry, err);
	if (ret == WAKE_NOTFOUND && watched)
		watched->is_gone = true;
	return ret == WAKE_NOMEM ? ret : WAKE_OK;
}

static int see_changes(struct poll *poll, struct wake_error *err)
{
	char bytes[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got;
	int ret = WAKE_OK;

	/* Whoever mends a setting has the run followed anew. */
	wake_remote_place_refresh(poll->place, true);
	while (ret == WAKE_OK && (got = read(poll->inotify, bytes, sizeof(bytes))) > 0) {
		for (char *at = bytes; ret == WAKE_OK && at < bytes + got;) {
			const struct inotify_event *event = (const struct inotify_event *)(const void *)at;

			if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED))
				poll->is_stale = true;
			else if (event->len)
				ret = see_name(poll, event->name, err);
			at += sizeof(*event) + event->len;
		}
	}
	return ret;
}

/* ---- asking ---- */

static void put_off(struct wake_remote_watched *watched)
{
	watched->next = wake_clock_monotonic() + FAILED_WAIT;
}

static int ask(struct poll *poll, struct wake_remote_watched *watched, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(16384);
	struct wake_error problem;
	int ret;

	if (!wake_remote_watched_path(watched, &path))
		return WAKE_OK;
	ret = wake_str_check(&path, err);
	if (ret < 0)
		return ret;
	ret = wake_remote_ask(
	    poll->place, &watched->entry, path.data, NULL, 0, watched, &watched->exchange, &problem);
	if (ret < 0)
		return wake_remote_watched_refuse(poll->place, watched, problem.text, err);
	if (curl_multi_add_handle(poll->multi, watched->exchange.easy) != CURLM_OK) {
		wake_exchange_release(&watched->exchange);
		return wake_fail_nomem(err);
	}
	watched->in_flight = true;
	poll->in_flight++;
	return WAKE_OK;
}

/* Those that have waited longest come first: the array is in no order of time. */
static struct wake_remote_watched *next_due(const struct poll *poll)
{
	struct wake_remote_watched *first = NULL;

	for (size_t i = 0; i < poll->count; i++) {
		struct wake_remote_watched *each = poll->items[i];

		if (!each->in_flight && !each->is_gone && (!first || each->next < first->next))
			first = each;
	}
	return first;
}

static void ask_all_due(struct poll *poll)
{
	struct wake_remote_watched *due;
	struct wake_error ignored;

	wake_remote_place_refresh(poll->place, false);
	while (
	    poll->in_flight < PARALLEL_MAX && (due = next_due(poll)) && due->next <= wake_clock_monotonic()) {
		if (ask(poll, due, &ignored) < 0)
			put_off(due);
		else if (!due->in_flight && due->next <= wake_clock_monotonic())
			put_off(due);
	}
}

static void answered(struct poll *poll, CURL *easy, CURLcode code)
{
	struct wake_remote_watched *watched = NULL;
	struct wake_exchange_answer answer;
	struct wake_error ignored;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &watched);
	wake_exchange_finish(&watched->exchange, code, &answer);
	(void)curl_multi_remove_handle(poll->multi, easy);
	watched->in_flight = false;
	poll->in_flight--;
	if (!watched->is_gone && watched->entry.phase != WAKE_REMOTE_GIVEN_UP &&
	    wake_remote_watched_take(poll->place, watched, &answer, &watched->exchange.body, &ignored) < 0)
		put_off(watched);
	wake_exchange_release(&watched->exchange);
}

/* One event for all that are due. */
static int add_beats(struct poll *poll, json_t *ids, struct wake_error *err)
{
	int64_t now = wake_clock_monotonic();

	for (size_t i = 0; i < poll->count && json_array_size(ids) < WAKE_EVENT_LIST_MAX; i++) {
		struct wake_remote_watched *each = poll->items[i];

		if (!each->is_alive || (each->beat && now - each->beat < BEAT_EVERY))
			continue;
		each->is_alive = false;
		each->beat = now;
		if (json_array_append_new(ids, json_string(wake_remote_entry_text(&each->entry, "run_id"))) <
		    0)
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

static int tell_beats(struct poll *poll, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *ids = json_array();
	int ret = ids ? add_beats(poll, ids, err) : wake_fail_nomem(err);

	if (ret < 0 || json_array_size(ids) == 0)
		return ret;
	ret = wake_event_make(WAKE_EVENT_HEARTBEAT, NULL, 0, json_pack("{sO}", "run_ids", ids), &event, err);
	if (ret == WAKE_OK)
		ret = wake_events_add(&events, &event, err);
	return ret == WAKE_OK ? wake_spool_append(poll->place->paths.spool, &events, false, err) : ret;
}

static void take_answers(struct poll *poll)
{
	struct wake_error ignored;
	CURLMsg *message;
	int left;
	bool any = false;

	while ((message = curl_multi_info_read(poll->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		any = true;
		answered(poll, message->easy_handle, message->data.result);
	}
	drop_gone(poll);
	if (!any)
		return;
	(void)!tell_beats(poll, &ignored);
	if (wake_spool_has_events(poll->place->paths.spool))
		wake_wakeup_recorder(poll->place->paths.spool, poll->place->program);
}

/* ---- the loop ---- */

static bool has_work(const struct poll *poll)
{
	for (size_t i = 0; i < poll->count; i++) {
		if (poll->items[i]->entry.phase != WAKE_REMOTE_GIVEN_UP || poll->items[i]->in_flight)
			return true;
	}
	return false;
}

static int wait_a_while(struct poll *poll, struct wake_error *err)
{
	struct curl_waitfd extra[] = { { .fd = poll->inotify, .events = CURL_WAIT_POLLIN },
		{ .fd = poll->signals, .events = CURL_WAIT_POLLIN } };
	const struct wake_remote_watched *next = poll->in_flight < PARALLEL_MAX ? next_due(poll) : NULL;
	int64_t now = wake_clock_monotonic(), until = next ? next->next : now + WAIT_MOST;
	int64_t wait = until <= now ? 0 : until - now < WAIT_MOST ? until - now : WAIT_MOST;
	int running = 0;

	if (curl_multi_poll(poll->multi, extra, WAKE_COUNT(extra), (int)(wait / 1000) + (wait > 0), NULL) !=
	        CURLM_OK ||
	    curl_multi_perform(poll->multi, &running) != CURLM_OK)
		return wake_fail(err, WAKE_UNAVAILABLE, "libcurl has failed");
	poll->is_stopped |= (extra[1].revents & CURL_WAIT_POLLIN) != 0;
	return extra[0].revents & CURL_WAIT_POLLIN ? see_changes(poll, err) : WAKE_OK;
}

static int follow(struct poll *poll, struct wake_error *err)
{
	int ret = reload(poll, err);

	while (ret == WAKE_OK && !poll->is_stopped && has_work(poll)) {
		int running;

		ask_all_due(poll);
		if (curl_multi_perform(poll->multi, &running) != CURLM_OK)
			return wake_fail(err, WAKE_UNAVAILABLE, "libcurl has failed");
		take_answers(poll);
		ret = has_work(poll) ? wait_a_while(poll, err) : WAKE_OK;
		take_answers(poll);
		if (ret == WAKE_OK && poll->is_stale)
			ret = reload(poll, err);
	}
	return ret;
}

static int open_poll(struct poll *poll, const char *dir, struct wake_error *err)
{
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	if (sigprocmask(SIG_BLOCK, &ours, NULL) < 0)
		return wake_fail_errno(err, "block signals");
	poll->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	poll->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (poll->signals < 0 || poll->inotify < 0 || inotify_add_watch(poll->inotify, dir, SEEN) < 0)
		return wake_fail_errno(err, "watch '%s'", dir);
	poll->multi = curl_multi_init();
	if (!poll->multi ||
	    curl_multi_setopt(poll->multi, CURLMOPT_MAXCONNECTS, (long)PARALLEL_MAX) != CURLM_OK)
		return wake_fail_nomem(err);
	return WAKE_OK;
}

static int take_lock(const char *dir, int *ret_fd, struct wake_error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	int ret = wake_fs_join(dir, "lock", &path, err);

	if (ret < 0)
		return ret;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0)
		return errno == EAGAIN || errno == EACCES
		           ? wake_fail(err, WAKE_BUSY, "another one follows remote runs already")
		           : wake_fail_errno(err, "lock '%s'", path);
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

/* Whoever wrote an entry and found the lock held has left it to us: so, after giving it up, one more look. */
int wake_remote_poll(struct wake_remote_place *place, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	bool is_stopped = false;
	int ret = wake_remote_entries_dir(&place->paths, &dir, err);

	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(dir, err);
	while (ret == WAKE_OK && !is_stopped && wake_remote_entries_wait(&place->paths)) {
		WAKE_CLEANUP(poll_release)
		struct poll poll = { .place = place, .inotify = -1, .signals = -1 };
		wake_auto_close int lock = -1;

		ret = take_lock(dir, &lock, err);
		if (ret == WAKE_OK)
			ret = open_poll(&poll, dir, err);
		if (ret == WAKE_OK)
			ret = follow(&poll, err);
		is_stopped = poll.is_stopped;
	}
	return ret;
}
