/* SPDX-License-Identifier: MIT */
/* The recorder that stays: inotify(7) on the spool, poll(2), no threads. */
#include "store/record_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "event/spool.h"
#include "store/record.h"

#define BATCH_DELAY (15 * WAKE_SECOND / 1000) /* what comes this soon after goes into one transaction */
#define AGAIN_FIRST (20 * WAKE_SECOND / 1000) /* until another recorder, or a writer, may be done */
#define AGAIN_MOST WAKE_SECOND
#define PAUSE_FIRST WAKE_SECOND /* between two tries while recording fails */
#define PAUSE_MOST (60 * WAKE_SECOND)
#define REST_AFTER (3 * WAKE_SECOND) /* without an event: store and repository are closed */
#define REST_EVENTS 2000             /* … and after so many: what is open grows */
#define REMAKE_AFTER WAKE_SECOND     /* a directory that goes may be the first of all to go */
#define LOOK_EVERY (2 * WAKE_SECOND) /* where nothing can be watched */
#define FEED_LOOK (2 * WAKE_SECOND)  /* what tells the team's database is at work, or could not be started */
#define NEVER INT64_MAX

/* Every writer closes what it wrote, and renames what it wrote elsewhere: so one look for each writer. */
#define IN_MASK (IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define SPOOL_MASK (IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct following {
	const struct wake_follow *follow;
	struct wake_recorder *recorder; /* owned */
	int inotify;                    /* owned */
	int in, spool;                  /* watches of SPOOL/in and SPOOL; -1: none */
	struct wake_fs_identity place;  /* of SPOOL when it was first watched */
	int attended;                   /* owned; -1: somebody else attends */
	int64_t due;                    /* monotonic, as all of these: when to record next */
	int64_t last;                   /* when something came last */
	int64_t again;                  /* the pause before looking again at what others hold; 0: none */
	int64_t pause;                  /* the pause between two tries; 0: recording works */
	int64_t feed_at;                /* when to look after the team's database; NEVER: nothing waits for it */
	int64_t more_at;                /* when to look for what else is to be read; NEVER: for nothing */
	int more;                       /* owned: … or once this can be read; -1: none */
	size_t events;                  /* since what is open was opened */
	bool rested;
	bool is_blind;  /* the kernel lets us watch nothing */
	bool gone;      /* the spool is */
	char said[256]; /* the latest problem that stopped nothing */
};

static void following_release(struct following *following)
{
	wake_recorder_close(following->recorder);
	if (following->inotify >= 0)
		(void)close(following->inotify);
	if (following->attended >= 0)
		(void)close(following->attended);
	wake_scope_close(&following->more);
}

static void say(const struct following *following, const char *text, const char *more)
{
	char line[WAKE_ERROR_TEXT_SIZE + 128];

	(void)snprintf(line, sizeof(line), "%s%s", text, more);
	following->follow->say(following->follow->context, line);
}

static void come_due(struct following *following, int64_t after)
{
	int64_t at = wake_clock_monotonic() + after;

	/* While recording fails, what comes must not hurry the next try. */
	if (following->pause == 0 && at < following->due)
		following->due = at;
}

/* ---- watching --------------------------------------------------------------------------------- */

static int add_watch(const struct following *following, const char *name, uint32_t mask, int *ret_watch,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(following->follow->paths->spool, name, &path, err);

	if (ret < 0)
		return ret;
	*ret_watch = inotify_add_watch(following->inotify, path, mask);
	return *ret_watch >= 0 ? WAKE_OK : wake_fail_errno(err, "watch '%s'", path);
}

static int begin_watching(struct following *following, struct wake_error *err)
{
	wake_auto_free char *in = NULL;
	int ret = wake_fs_join(following->follow->paths->spool, "in", &in, err);

	if (ret == WAKE_OK && following->inotify < 0)
		following->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (ret == WAKE_OK && following->inotify < 0)
		ret = wake_fail_errno(err, "begin to watch the spool (see fs.inotify.max_user_instances)");
	if (ret == WAKE_OK && following->in < 0)
		ret = wake_fs_make_dirs(in, err);
	if (ret == WAKE_OK && following->spool < 0)
		ret = wake_fs_identify(following->follow->paths->spool, &following->place, err);
	if (ret == WAKE_OK && following->spool < 0)
		ret = add_watch(following, ".", SPOOL_MASK, &following->spool, err);
	if (ret == WAKE_OK && following->in < 0)
		ret = add_watch(following, "in", IN_MASK, &following->in, err);
	return ret;
}

/* Attends before it watches, and watches before anybody looks: so nothing falls between. Where nothing can be
 * watched it is better to look now and then than not to record. */
static void watch(struct following *following)
{
	const char *spool = following->follow->paths->spool;
	struct wake_error err, busy;
	bool could = !following->is_blind;

	if (following->attended < 0)
		(void)!wake_spool_attend(spool, &following->attended, &busy);
	following->is_blind = begin_watching(following, &err) < 0;
	if (following->is_blind && could)
		say(following, err.text, "; looking every 2 seconds instead");
}

static void lose_in(struct following *following)
{
	if (following->in >= 0)
		(void)inotify_rm_watch(following->inotify, following->in);
	following->in = -1;
	come_due(following, REMAKE_AFTER);
}

static void take_event(struct following *following, const struct inotify_event *event)
{
	bool is_end = event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT);

	if (event->mask & IN_Q_OVERFLOW) {
		come_due(following, BATCH_DELAY);
	} else if (event->wd == following->spool) {
		following->gone |= is_end;
		if (event->len > 0 && strcmp(event->name, "in") == 0) {
			lose_in(following); /* it is another one now */
			come_due(following, BATCH_DELAY);
		}
	} else if (event->wd == following->in && is_end) {
		lose_in(following);
	} else if (event->wd == following->in && event->len > 0) {
		come_due(following, BATCH_DELAY);
		following->last = wake_clock_monotonic();
	}
}

static void read_events(struct following *following)
{
	_Alignas(struct inotify_event) char buffer[8192];
	ssize_t got;

	while ((got = read(following->inotify, buffer, sizeof(buffer))) > 0) {
		const char *at = buffer;

		while (at < buffer + got) {
			const struct inotify_event *event = (const struct inotify_event *)(const void *)at;

			take_event(following, event);
			at += sizeof(*event) + event->len;
		}
	}
}

/* ---- recording -------------------------------------------------------------------------------- */

static void begin_failing(struct following *following, const struct wake_error *err)
{
	if (following->pause == 0)
		say(following, err->text, "; what was seen is kept in the spool, and is tried again");
	following->pause = following->pause == 0 ? PAUSE_FIRST : following->pause * 2;
	if (following->pause > PAUSE_MOST)
		following->pause = PAUSE_MOST;
	following->due = wake_clock_monotonic() + following->pause;
	/* Nothing of what is open can be trusted now. */
	wake_recorder_rest(following->recorder);
}

static void end_failing(struct following *following, const struct wake_recorded *recorded)
{
	if (following->pause > 0)
		say(following, "recording works again", "");
	following->pause = 0;
	if (*recorded->problem && strcmp(recorded->problem, following->said) != 0) {
		memcpy(following->said, recorded->problem, sizeof(following->said));
		say(following, recorded->problem, "");
	}
}

/* What another recorder is at, or a writer that was interrupted holds, it lets go without telling us. */
static void look_again(struct following *following, bool held)
{
	if (!held)
		following->again = 0;
	else if (following->again == 0)
		following->again = AGAIN_FIRST;
	else
		following->again = following->again < AGAIN_MOST / 2 ? following->again * 2 : AGAIN_MOST;
	if (held)
		come_due(following, following->again);
}

/* It is started by the round; here it is only seen to that there is a next one, and that we are there for it. */
static void look_after_feed(struct following *following, int64_t feed_in)
{
	int64_t after = feed_in > FEED_LOOK ? feed_in : FEED_LOOK;

	following->feed_at = feed_in > 0 ? wake_clock_monotonic() + after : NEVER;
	if (feed_in > 0)
		come_due(following, after);
}

static void look_for_more(struct following *following)
{
	struct wake_follow_more more = { .fd = -1 };

	wake_scope_close(&following->more);
	following->more = -1;
	following->more_at = NEVER;
	if (!following->follow->more)
		return;
	following->follow->more(following->follow->context, following->recorder, &more);
	following->more = more.fd;
	if (more.again_in > 0) {
		following->more_at = wake_clock_monotonic() + more.again_in;
		come_due(following, more.again_in);
	}
}

static void record(struct following *following)
{
	const struct wake_record_options options = { .wait = false };
	struct wake_recorded recorded = { 0 };
	struct wake_error err;

	following->rested = false;
	if (wake_recorder_round(following->recorder, &options, &recorded, &err) < 0) {
		begin_failing(following, &err);
		return;
	}
	end_failing(following, &recorded);
	look_after_feed(following, recorded.feed_in);
	following->events += recorded.events;
	if (recorded.events > 0)
		following->last = wake_clock_monotonic();
	if (!recorded.left_to_another)
		look_for_more(following);
	look_again(
	    following, recorded.left_to_another || wake_spool_has_leftovers(following->follow->paths->spool));
}

/* A directory that is removed while files in it are open (ours: SPOOL/attended) tells nobody that it is. */
static bool is_in_place(const struct following *following)
{
	struct wake_fs_identity now = { 0 };
	struct wake_error ignored;

	return following->spool < 0 ||
	       (wake_fs_identify(following->follow->paths->spool, &now, &ignored) == WAKE_OK &&
	           now.inode == following->place.inode && now.born == following->place.born);
}

static void come_round(struct following *following)
{
	const char *spool = following->follow->paths->spool;
	bool looks_only = following->is_blind && following->pause == 0;

	read_events(following); /* whatever they tell of, this round finds */
	following->due = NEVER;
	following->gone |= !is_in_place(following);
	if (following->gone)
		return;
	watch(following);
	if (!looks_only || wake_spool_has_events(spool))
		record(following);
	/* The round itself spools what it observes, and need not be woken by that. */
	read_events(following);
	if (wake_spool_has_events(spool))
		come_due(following, BATCH_DELAY);
	if (following->is_blind)
		come_due(following, LOOK_EVERY);
}

/* ---- sleeping --------------------------------------------------------------------------------- */

static int64_t rest_at(const struct following *following)
{
	if (following->rested)
		return NEVER;
	return following->events < REST_EVENTS ? following->last + REST_AFTER : 0;
}

static int64_t end_at(const struct following *following)
{
	bool is_done = following->follow->idle > 0 && following->pause == 0 && following->again == 0 &&
	               following->feed_at == NEVER && following->more_at == NEVER && following->more < 0;

	return is_done ? following->last + following->follow->idle : NEVER;
}

static int milliseconds_until(int64_t at)
{
	int64_t left = at - wake_clock_monotonic();

	if (at == NEVER)
		return -1;
	if (left <= 0)
		return 0;
	return left / 1000 < INT_MAX ? (int)(left / 1000) + 1 : INT_MAX;
}

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* False: stopped. */
static bool wait_for_news(struct following *following)
{
	struct pollfd ends[] = { { .fd = following->follow->stop, .events = POLLIN },
		{ .fd = following->inotify, .events = POLLIN }, { .fd = following->more, .events = POLLIN } };
	int64_t until = earliest(earliest(rest_at(following), end_at(following)), following->due);

	if (poll(ends, WAKE_COUNT(ends), milliseconds_until(until)) < 0)
		return true; /* interrupted */
	if (ends[1].revents)
		read_events(following);
	if (ends[2].revents)
		come_due(following, 0);
	return !ends[0].revents;
}

/* The pages that a burst has used go back to the system: this process may live for weeks. */
static void rest(struct following *following)
{
	wake_recorder_rest(following->recorder);
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
	following->events = 0;
	following->rested = true;
}

static void follow_on(struct following *following)
{
	bool goes_on = true;

	while (goes_on && !following->gone) {
		int64_t now = wake_clock_monotonic();

		if (now >= following->due)
			come_round(following);
		else if (now >= rest_at(following))
			rest(following);
		else if (now >= end_at(following))
			break;
		else
			goes_on = wait_for_news(following);
	}
}

/* As after unlocking: whoever spooled while we attended has left it to us. */
static void leave(struct following *following)
{
	if (following->attended >= 0)
		(void)close(following->attended);
	following->attended = -1;
	if (!following->gone && wake_spool_has_events(following->follow->paths->spool))
		record(following);
}

int wake_record_follow(const struct wake_follow *follow, struct wake_error *err)
{
	WAKE_CLEANUP(following_release)
	struct following following = {
		.follow = follow, .inotify = -1, .in = -1, .spool = -1, .attended = -1, .more = -1
	};
	int ret = wake_recorder_open(follow->paths, &following.recorder, err);

	if (ret < 0)
		return ret;
	following.last = wake_clock_monotonic();
	following.feed_at = following.more_at = NEVER;
	follow_on(&following);
	leave(&following);
	return WAKE_OK;
}
