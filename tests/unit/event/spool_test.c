/* SPDX-License-Identifier: MIT */
/* event/spool: what is accepted is delivered, whatever lies in the way. */
#include "event/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "../base/scratch.h"
#include "base/fs.h"
#include "event/spool_parts.h"

#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

/* ---- a store that remembers what it was given ------------------------------------------------- */

struct seen {
	struct wake_str details; /* each applied event's detail and a space */
	size_t batches, largest;
	int refuse_with; /* what to answer to a batch with a detail "bad" */
	int stop_with;   /* what to answer to everything */
};

static int apply(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct seen *seen = context;

	if (seen->stop_with)
		return wake_fail(err, (enum wake_code)seen->stop_with, "the store is away");
	seen->batches++;
	if (batch->count > seen->largest)
		seen->largest = batch->count;
	for (size_t i = 0; i < batch->count; i++) {
		const char *detail = wake_json_string(batch->items[i].data, "detail");

		if (seen->refuse_with && detail && strcmp(detail, "bad") == 0)
			return wake_fail(
			    err, (enum wake_code)seen->refuse_with, "this one\ncannot be folded");
		json_object_del(batch->items[i].data, "reason"); /* it may change them */
	}
	for (size_t i = 0; i < batch->count; i++)
		wake_str_appendf(&seen->details, "%s ", wake_json_string(batch->items[i].data, "detail"));
	return WAKE_OK;
}

#define SEEN                                                                                                 \
	{                                                                                                    \
		.details = WAKE_STR(16 * 1024 * 1024)                                                        \
	}
static void seen_release(struct seen *seen)
{
	wake_str_release(&seen->details);
}
#define auto_seen WAKE_CLEANUP(seen_release) struct seen

/* ---- writing and looking ---------------------------------------------------------------------- */

static void add(struct wake_events *events, const char *detail)
{
	struct wake_event event = { 0 };
	struct wake_error err = { 0 };
	json_t *data =
	    json_pack("{ss,ss,ss}", "repository_id", REPOSITORY, "reason", "test", "detail", detail);

	if (wake_event_make(WAKE_EVENT_GAP, NULL, 0, data, &event, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(wake_events_add(events, &event, &err), WAKE_OK);
}

static void append(const char *spool, const char *detail)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error err = { 0 };

	add(&events, detail);
	if (wake_spool_append(spool, &events, false, &err) < 0)
		fail_msg("%s", err.text);
}

/* The line that append would write, for tests that damage it; free(3). */
static char *line_of(const char *detail)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_str line = WAKE_STR(WAKE_SPOOL_LINE_MAX + 1);
	struct wake_error err;

	add(&events, detail);
	assert_int_equal(wake_spool_format(&events.items[0], &line, &err), WAKE_OK);
	return line.data;
}

static void assert_drained(const char *spool, const char *details)
{
	auto_seen seen = SEEN;
	struct wake_error err = { 0 };
	size_t applied = SIZE_MAX;

	if (wake_spool_drain(spool, apply, &seen, &applied, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(wake_str_text(&seen.details), details);
	assert_false(wake_spool_has_events(spool));
}

static size_t count_in(const char *spool, const char *name)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(wake_spool_names(spool, name, 10000, &names, &err), WAKE_OK);
	return names.count;
}

static struct wake_spool_status status_of(const char *spool)
{
	struct wake_spool_status status = { 0 };
	struct wake_error err;

	assert_int_equal(wake_spool_status(spool, &status, &err), WAKE_OK);
	return status;
}

/* The one file in quarantine; free(3). */
static char *quarantined(const char *spool)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *path = NULL;
	struct wake_error err;
	char *text = NULL;
	size_t len;

	assert_int_equal(wake_spool_names(spool, "quarantine", 10000, &names, &err), WAKE_OK);
	assert_int_equal(names.count, 1);
	assert_int_equal(wake_str_format(&path, &err, "%s/quarantine/%s", spool, names.items[0]), WAKE_OK);
	assert_int_equal(wake_fs_read(path, WAKE_SPOOL_LINE_MAX * 2, 0, &text, &len, &err), WAKE_OK);
	return text;
}

static char *spool_with_dirs(void **state)
{
	char *spool = scratch_path(state, "state/spool");
	struct wake_error err;

	assert_int_equal(wake_spool_make_dirs(spool, &err), WAKE_OK);
	return spool;
}

static void write_at(const char *spool, const char *name, const char *text)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_join(spool, name, &path, &err), WAKE_OK);
	scratch_write(path, text);
}

/* ---- lines ------------------------------------------------------------------------------------ */

static void sums_as_the_standard_does(void **state)
{
	(void)state;
	assert_int_equal(wake_spool_crc("123456789", 9), 0xcbf43926);
	assert_int_equal(wake_spool_crc("", 0), 0);
}

static void finds_any_changed_byte(void **state)
{
	wake_auto_free char *line = line_of("x");
	size_t len = strlen(line) - 1;
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		wake_auto_event struct wake_event event = { 0 };

		line[i] ^= 1;
		assert_int_equal(wake_spool_parse(line, len, &event, &err), WAKE_INVALID);
		line[i] ^= 1;
	}
	for (size_t i = 0; i < len; i++) {
		wake_auto_event struct wake_event event = { 0 };

		assert_int_equal(wake_spool_parse(line, i, &event, &err), WAKE_INVALID);
	}
}

/* ---- the way through -------------------------------------------------------------------------- */

static void delivers_in_order(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "state/spool");

	assert_false(wake_spool_has_events(spool));
	append(spool, "a");
	append(spool, "b");
	append(spool, "c");
	assert_true(wake_spool_has_events(spool));
	assert_int_equal(status_of(spool).waiting_files, 1);
	assert_drained(spool, "a b c ");
	assert_drained(spool, "");
	assert_int_equal(status_of(spool).waiting_bytes, 0);
	append(spool, "d");
	assert_drained(spool, "d ");
}

static void makes_private_files(void **state)
{
	static const char *const names[] = { "", "in", "tmp", "work", "quarantine", "in/current" };
	wake_auto_free char *spool = scratch_path(state, "state/spool");
	wake_auto_events struct wake_events none = { 0 };
	struct wake_error err;

	assert_int_equal(wake_spool_append(spool, &none, true, &err), WAKE_OK);
	assert_false(wake_fs_is_dir(spool)); /* nothing to write, nothing made */
	append(spool, "a");
	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *path = NULL;
		struct stat st;

		assert_int_equal(wake_fs_join(spool, names[i], &path, &err), WAKE_OK);
		assert_int_equal(lstat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, S_ISDIR(st.st_mode) ? 0700 : 0600);
	}
}

static void appends_many_in_one_write(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_events struct wake_events events = { 0 };
	auto_seen seen = SEEN;
	struct wake_error err;
	size_t applied = 0;

	for (int i = 0; i < 1200; i++)
		add(&events, "x");
	assert_int_equal(wake_spool_append(spool, &events, true, &err), WAKE_OK);
	assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), WAKE_OK);
	assert_int_equal(applied, 1200);
	assert_int_equal(seen.batches, 3);
	assert_int_equal(seen.largest, WAKE_SPOOL_BATCH);
}

static void refuses_an_event_beyond_the_maximum(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };
	json_t *files = json_array();
	struct wake_error err;

	for (int i = 0; i < WAKE_EVENT_MAX / 8; i++)
		assert_int_equal(json_array_append_new(files, json_object()), 0);
	assert_int_equal(
	    wake_event_make(WAKE_EVENT_RUN_DIFFED, NULL, 0,
	        json_pack("{ss,ss,so}", "run_id", "r", "engine", "walk", "files", files), &event, &err),
	    WAKE_OK);
	assert_int_equal(wake_events_add(&events, &event, &err), WAKE_OK);
	for (int i = 0; i < 6; i++) {
		json_t *pad = json_object_get(events.items[0].data, "files");

		assert_int_equal(json_array_extend(pad, pad), 0);
	}
	assert_int_equal(wake_spool_append(spool, &events, false, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "run-diffed"));
	assert_false(wake_spool_has_events(spool));
}

static void give_to_the_homes_owner(void **state)
{
	static const char *const names[] = { "", "in", "tmp", "work", "quarantine", "in/current", "lock" };
	wake_auto_free char *home = scratch_path(state, "state");
	wake_auto_free char *spool = scratch_path(state, "state/spool");
	wake_auto_close int lock = -1;
	struct wake_error err;

	assert_int_equal(mkdir(home, 0700), 0);
	assert_int_equal(chown(home, 12345, 12345), 0);
	append(spool, "a");
	assert_int_equal(wake_spool_lock(spool, false, &lock, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *path = NULL;
		struct stat st;

		assert_int_equal(wake_fs_join(spool, names[i], &path, &err), WAKE_OK);
		assert_int_equal(lstat(path, &st), 0);
		assert_int_equal(st.st_uid, 12345);
	}
}

/* `sudo -E git commit` must not lock a person out of their own spool. */
static void leaves_nothing_of_roots(void **state)
{
	if (geteuid() != 0)
		skip();
	give_to_the_homes_owner(state);
}

/* ---- where the current file cannot be had ----------------------------------------------------- */

static void leaves_a_file_of_its_own_where_the_lock_is_held(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct wake_error err;
	int64_t before;

	assert_int_equal(wake_fs_join(spool, WAKE_SPOOL_CURRENT, &path, &err), WAKE_OK);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	before = wake_clock_monotonic();
	append(spool, "a");
	assert_in_range(wake_clock_monotonic() - before, WAKE_SPOOL_LOCK_WAIT / 2, WAKE_SPOOL_LOCK_WAIT * 500);
	assert_int_equal(count_in(spool, "in"), 2);
	assert_int_equal(count_in(spool, "tmp"), 0);
	assert_drained(spool, "a ");
}

static void does_not_wait_for_a_file_that_was_taken_away(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *from = NULL, *to = NULL;
	wake_auto_close int fd = -1;
	struct wake_error err;

	assert_int_equal(wake_fs_join(spool, WAKE_SPOOL_CURRENT, &from, &err), WAKE_OK);
	assert_int_equal(wake_fs_join(spool, "work/taken", &to, &err), WAKE_OK);
	append(spool, "a");
	fd = open(from, O_RDWR | O_CLOEXEC);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0); /* a recorder at work on it */
	append(spool, "b");
	assert_int_equal(count_in(spool, "in"), 1);
	assert_true(wake_fs_is_file(from));
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_drained(spool, "a b ");
}

static void gets_around_what_is_no_file(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *path = NULL;
	wake_auto_free char *victim = scratch_path(state, "victim");
	struct wake_error err;

	assert_int_equal(wake_fs_join(spool, WAKE_SPOOL_CURRENT, &path, &err), WAKE_OK);
	scratch_write(victim, "untouched");
	assert_int_equal(symlink(victim, path), 0);
	append(spool, "a");
	assert_drained(spool, "a ");
	assert_int_equal(mkdir(path, 0700), 0);
	append(spool, "b");
	assert_drained(spool, "b ");
	assert_int_equal(mkfifo(path, 0600), 0);
	append(spool, "c");
	assert_drained(spool, "c ");
	assert_int_equal(status_of(spool).quarantined, 3);
	append(spool, "d");
	assert_true(wake_fs_is_file(path));
	assert_drained(spool, "d ");
}

static void says_so_when_nothing_can_be_written(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "file/spool");
	wake_auto_free char *file = scratch_path(state, "file");
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error err;

	scratch_write(file, "in the way");
	add(&events, "a");
	assert_int_equal(wake_spool_append(spool, &events, false, &err), WAKE_SYSTEM);
	assert_non_null(strstr(err.text, spool));
}

/* ---- damage ----------------------------------------------------------------------------------- */

static void ends_a_torn_line(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *torn = line_of("torn");
	wake_auto_free char *kept = NULL;

	torn[strlen(torn) / 2] = '\0';
	write_at(spool, "in/current", torn);
	append(spool, "a");
	assert_drained(spool, "a ");
	kept = quarantined(spool);
	assert_string_equal(strchr(kept, '\n') + 1, torn);
}

static void takes_a_whole_line_without_its_newline(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *line = line_of("whole");

	line[strlen(line) - 1] = '\0';
	write_at(spool, "in/current", line);
	assert_drained(spool, "whole ");
	write_at(spool, "in/current", line);
	append(spool, "a");
	assert_drained(spool, "whole a ");
	assert_int_equal(status_of(spool).quarantined, 0);
}

static void sets_aside_what_cannot_be_read(void **state)
{
	static const char *const bad[] = { "garbage", "00000000 {}", "\x01\xff\xfe", " " };
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *path = NULL;
	wake_auto_free char *good = line_of("good");
	struct wake_error err;
	FILE *stream;

	assert_int_equal(wake_fs_join(spool, "in/0", &path, &err), WAKE_OK);
	stream = fopen(path, "we");
	assert_non_null(stream);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_true(fprintf(stream, "%s\n\n%s", bad[i], good) > 0);
	assert_int_equal(fclose(stream), 0);
	assert_drained(spool, "good good good good ");
	assert_int_equal(status_of(spool).quarantined, WAKE_COUNT(bad));
	assert_non_null(strstr(status_of(spool).quarantine_reason, "checksum"));
	/* Once more, as after a recorder killed before it removed the file: each line is kept once. */
	write_at(spool, "in/1", "garbage\n");
	assert_drained(spool, "");
	assert_int_equal(status_of(spool).quarantined, WAKE_COUNT(bad));
}

static void keeps_a_line_without_end(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *good = line_of("good");
	wake_auto_free char *path = NULL;
	size_t bytes = 0, left = 3 * WAKE_SPOOL_LINE_MAX + 7;
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;
	FILE *stream;

	assert_int_equal(wake_fs_join(spool, "in/0", &path, &err), WAKE_OK);
	stream = fopen(path, "we");
	assert_non_null(stream);
	for (size_t i = 0; i < left; i++)
		assert_true(putc((int)('a' + i * 7 % 23), stream) != EOF);
	assert_true(fprintf(stream, "\n%s", good) > 0);
	assert_int_equal(fclose(stream), 0);
	assert_drained(spool, "good ");
	assert_int_equal(wake_spool_names(spool, "quarantine", 100, &names, &err), WAKE_OK);
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *name = NULL, *text = NULL;
		size_t len;

		assert_int_equal(
		    wake_str_format(&name, &err, "%s/quarantine/%s", spool, names.items[i]), WAKE_OK);
		assert_int_equal(wake_fs_read(name, WAKE_SPOOL_LINE_MAX * 2, 0, &text, &len, &err), WAKE_OK);
		bytes += len - (size_t)(strchr(text, '\n') + 1 - text);
	}
	assert_int_equal(bytes, left);
}

static void sets_aside_what_the_store_refuses(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *kept = NULL;
	auto_seen seen = SEEN;
	struct wake_error err;
	size_t applied = 0;

	append(spool, "a");
	append(spool, "bad");
	append(spool, "b");
	seen.refuse_with = WAKE_INVALID;
	assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), WAKE_OK);
	assert_int_equal(applied, 2);
	assert_string_equal(wake_str_text(&seen.details), "a b ");
	assert_false(wake_spool_has_events(spool));
	assert_non_null(strstr(status_of(spool).quarantine_reason, "cannot be folded"));
	kept = quarantined(spool);
	assert_non_null(strstr(strchr(kept, '\n') + 1, "\"bad\""));
	/* Whole again, with the reason cut off: what was refused can be given back. */
	write_at(spool, "in/again", strchr(kept, '\n') + 1);
	assert_drained(spool, "bad ");
}

/* Each transaction of a store may wait for a disk far away. */
static void finds_refused_ones_in_few_transactions(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	auto_seen seen = SEEN;
	struct wake_error err;
	size_t applied = 0;

	for (int i = 0; i < WAKE_SPOOL_BATCH; i++) {
		char detail[16];

		(void)snprintf(detail, sizeof(detail), "%d", i);
		append(spool, i == 0 || i == 100 || i == 499 ? "bad" : detail);
	}
	seen.refuse_with = WAKE_INVALID;
	assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), WAKE_OK);
	assert_int_equal(applied, WAKE_SPOOL_BATCH - 3);
	assert_int_equal(status_of(spool).quarantined, 3);
	assert_non_null(strstr(wake_str_text(&seen.details), "99 101 "));
	assert_true(seen.batches < 50);
}

static void keeps_everything_while_the_store_is_away(void **state)
{
	static const int codes[] = { WAKE_UNAVAILABLE, WAKE_BUSY, WAKE_CORRUPT, WAKE_NOMEM, WAKE_SYSTEM };
	wake_auto_free char *spool = scratch_path(state, "spool");
	struct wake_error err;

	append(spool, "a");
	for (size_t i = 0; i < WAKE_COUNT(codes); i++) {
		auto_seen seen = SEEN;
		size_t applied = 77;

		seen.stop_with = codes[i];
		assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), codes[i]);
		assert_string_equal(err.text, "the store is away");
		assert_int_equal(applied, 77);
		assert_int_equal(status_of(spool).quarantined, 0);
		assert_true(wake_spool_has_events(spool));
	}
	assert_int_equal(count_in(spool, "work"), 1);
	append(spool, "b");
	assert_drained(spool, "a b ");
}

static void sets_aside_what_is_no_file(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *link = NULL, *dir = NULL, *victim = scratch_path(state, "victim");
	struct wake_error err;

	scratch_write(victim, "not ours");
	assert_int_equal(wake_fs_join(spool, "in/link", &link, &err), WAKE_OK);
	assert_int_equal(wake_fs_join(spool, "work/dir", &dir, &err), WAKE_OK);
	assert_int_equal(symlink(victim, link), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	append(spool, "a");
	assert_drained(spool, "a ");
	assert_int_equal(status_of(spool).quarantined, 2);
	assert_non_null(strstr(status_of(spool).quarantine_reason, "no file"));
	assert_true(wake_fs_is_file(victim));
}

/* ---- several at work -------------------------------------------------------------------------- */

static void leaves_a_file_that_a_writer_holds(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	auto_seen seen = SEEN;
	struct wake_error err;
	size_t applied = 1;

	append(spool, "a");
	assert_int_equal(wake_fs_join(spool, WAKE_SPOOL_CURRENT, &path, &err), WAKE_OK);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), WAKE_OK);
	assert_int_equal(applied, 0);
	assert_int_equal(count_in(spool, "work"), 1);
	assert_false(wake_spool_has_events(spool)); /* or the recorder would spin */
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_true(wake_spool_has_events(spool));
	append(spool, "b");
	assert_drained(spool, "a b ");
}

static void locks_one_recorder_out(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "state/spool");
	wake_auto_close int fd = -1;
	struct wake_error err;
	int second = -1;

	assert_false(wake_spool_is_drained_now(spool));
	assert_int_equal(wake_spool_lock(spool, false, &fd, &err), WAKE_OK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(wake_spool_is_drained_now(spool));
	assert_int_equal(wake_spool_lock(spool, false, &second, &err), WAKE_BUSY);
	assert_int_equal(second, -1);
	assert_int_equal(close(fd), 0);
	fd = -1;
	assert_false(wake_spool_is_drained_now(spool));
}

static void waits_for_the_other_recorder(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_close int fd = -1;
	int ready[2], go[2], status;
	struct wake_error err;
	pid_t holder;
	char byte = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC) + pipe2(go, O_CLOEXEC), 0);
	holder = fork();
	if (holder == 0) {
		int held = -1, ret = wake_spool_lock(spool, false, &held, &err);

		if (ret < 0 || write(ready[1], "x", 1) != 1 || read(go[0], &byte, 1) != 1)
			_exit(1);
		_exit(0); /* its end alone gives the lock back */
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(wake_spool_lock(spool, false, &fd, &err), WAKE_BUSY);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(wake_spool_lock(spool, true, &fd, &err), WAKE_OK);
	assert_int_equal(waitpid(holder, &status, 0), holder);
	assert_int_equal(status, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(close(ready[i]) + close(go[i]), 0);
}

#define WRITERS 8
#define EACH 60

static void write_some(const char *spool, int writer)
{
	for (int i = 0; i < EACH; i++) {
		wake_auto_events struct wake_events events = { 0 };
		struct wake_event event = { 0 };
		struct wake_error err;
		char detail[32];

		(void)snprintf(detail, sizeof(detail), "<%d.%d>", writer, i);
		if (wake_event_make(WAKE_EVENT_GAP, NULL, 0,
		        json_pack(
		            "{ss,ss,ss}", "repository_id", REPOSITORY, "reason", "test", "detail", detail),
		        &event, &err) < 0 ||
		    wake_events_add(&events, &event, &err) < 0 ||
		    wake_spool_append(spool, &events, i % 16 == 0, &err) < 0)
			_exit(1);
	}
	_exit(0);
}

static void loses_nothing_between_writers_and_recorder(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	auto_seen seen = SEEN;
	struct wake_error err;
	size_t total = 0, applied = 0;
	pid_t writers[WRITERS];
	int running = WRITERS;

	for (int i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0)
			write_some(spool, i);
		assert_true(writers[i] > 0);
	}
	while (running > 0) {
		int status;
		pid_t done = waitpid(-1, &status, WNOHANG);

		if (done > 0) {
			assert_int_equal(status, 0);
			running--;
		}
		assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), WAKE_OK);
		total += applied;
	}
	assert_int_equal(wake_spool_drain(spool, apply, &seen, &applied, &err), WAKE_OK);
	assert_int_equal(total + applied, WRITERS * EACH);
	for (int i = 0; i < WRITERS * EACH; i++) {
		char detail[32], *first;

		(void)snprintf(detail, sizeof(detail), "<%d.%d>", i / EACH, i % EACH);
		first = strstr(seen.details.data, detail);
		assert_non_null(first);
		assert_null(strstr(first + 1, detail));
	}
	assert_int_equal(status_of(spool).quarantined, 0);
}

/* ---- upgrades and leftovers ------------------------------------------------------------------- */

/* A line of another version with a right checksum; free(3). */
static char *line_of_version(int version)
{
	wake_auto_free char *json = NULL;
	struct wake_error err;
	char *line;

	assert_int_equal(wake_str_format(&json, &err, "{\"v\":%d,\"something\":\"else\"}", version), WAKE_OK);
	assert_int_equal(
	    wake_str_format(&line, &err, "%08x %s\n", (unsigned)wake_spool_crc(json, strlen(json)), json),
	    WAKE_OK);
	return line;
}

static void keeps_newer_events_for_an_upgrade(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *newer = line_of_version(WAKE_EVENT_VERSION + 1);
	wake_auto_free char *two = NULL;
	wake_auto_free char *kept = NULL;
	struct wake_error err;

	assert_int_equal(wake_str_format(&two, &err, "%s%s", newer, newer), WAKE_OK);
	write_at(spool, "in/0", two);
	append(spool, "a");
	assert_drained(spool, "a ");
	assert_int_equal(status_of(spool).quarantined, 2);
	assert_non_null(strstr(status_of(spool).quarantine_reason, "newer Runwake"));
	kept = quarantined(spool);
	assert_non_null(strstr(kept, newer));
}

static void takes_them_back_when_it_can_read_them(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *line = line_of("from the future");

	write_at(spool, "quarantine/newer-v1", line); /* as a program of version 0 would have left it */
	assert_true(wake_spool_has_events(spool));
	assert_drained(spool, "from the future ");
	assert_int_equal(count_in(spool, "quarantine"), 0);
}

static void applies_leftovers_first(void **state)
{
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *line = line_of("left");

	write_at(spool, "work/zzz", line);
	append(spool, "a");
	assert_drained(spool, "left a ");
}

static void sweeps_drafts_of_killed_writers(void **state)
{
	static const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	wake_auto_free char *spool = spool_with_dirs(state);
	wake_auto_free char *path = NULL;
	struct wake_error err;

	write_at(spool, "tmp/old", "half");
	write_at(spool, "tmp/young", "half");
	assert_int_equal(wake_fs_join(spool, "tmp/old", &path, &err), WAKE_OK);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_drained(spool, "");
	assert_int_equal(count_in(spool, "tmp"), 1);
	assert_false(wake_fs_is_file(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_as_the_standard_does),
		cmocka_unit_test(finds_any_changed_byte),
		scratch_test(delivers_in_order),
		scratch_test(makes_private_files),
		scratch_test(leaves_nothing_of_roots),
		scratch_test(appends_many_in_one_write),
		scratch_test(refuses_an_event_beyond_the_maximum),
		scratch_test(leaves_a_file_of_its_own_where_the_lock_is_held),
		scratch_test(does_not_wait_for_a_file_that_was_taken_away),
		scratch_test(gets_around_what_is_no_file),
		scratch_test(says_so_when_nothing_can_be_written),
		scratch_test(ends_a_torn_line),
		scratch_test(takes_a_whole_line_without_its_newline),
		scratch_test(sets_aside_what_cannot_be_read),
		scratch_test(keeps_a_line_without_end),
		scratch_test(sets_aside_what_the_store_refuses),
		scratch_test(finds_refused_ones_in_few_transactions),
		scratch_test(keeps_everything_while_the_store_is_away),
		scratch_test(sets_aside_what_is_no_file),
		scratch_test(leaves_a_file_that_a_writer_holds),
		scratch_test(locks_one_recorder_out),
		scratch_test(waits_for_the_other_recorder),
		scratch_test(loses_nothing_between_writers_and_recorder),
		scratch_test(keeps_newer_events_for_an_upgrade),
		scratch_test(takes_them_back_when_it_can_read_them),
		scratch_test(applies_leftovers_first),
		scratch_test(sweeps_drafts_of_killed_writers),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
