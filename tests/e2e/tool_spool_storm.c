/* SPDX-License-Identifier: MIT */
/* A storm on a spool: writers are killed every 2 ms, recorders every 30 ms, some are stopped for a while;
 * then what the writers were told is compared with what the store holds.
 *
 *	tool_spool_storm SPOOL STORE SECONDS WRITERS RECORDERS TEXT-BYTES [BALLAST]
 *
 * STORE.db is an SQLite store whose primary key is the event's id; STORE.accepted and STORE.refused hold one
 * id a line, each written after append had returned. BALLAST is a file on the spool's disk, which is removed
 * before what is left is recorded: on a full disk a torn line of the last file can be set aside nowhere. Prints
 * NAME=NUMBER lines; what they should be is the caller's to say:
 *
 *	accepted	events that append took
 *	refused		events that it did not take
 *	recorded	events in the store
 *	lost		accepted, but not in the store: must be 0
 *	undead		refused, but in the store: must be 0
 *	torn		recorded with another content than was written: must be 0
 *	batches		transactions of the store while the storm was on
 *	redelivered	times that an event came again after a recorder had been killed
 *	quarantined	lines set aside: torn by a kill, never accepted */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/spool.h"

#define KILL_EVERY 2      /* milliseconds, writers */
#define RECORDER_EVERY 15 /* of those: 30 ms */
#define STOP_EVERY 25     /* of those: 50 ms */
#define PROCESSES_MAX 256
#define WRITER_NICE 10 /* 32 of them would leave a recorder no time to do anything before it is killed */
#define DRAINS_MAX 3   /* after the storm */

struct storm {
	const char *spool, *store, *ballast;
	int seconds, writers, recorders;
	size_t text_max;
	int accepted, refused; /* descriptors */
	uint64_t random;
};

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "tool_spool_storm: %s: %s\n", what, why);
	exit(2);
}

static uint64_t next_random(struct storm *storm)
{
	storm->random ^= storm->random << 13;
	storm->random ^= storm->random >> 7;
	storm->random ^= storm->random << 17;
	return storm->random;
}

static char *path_of(const struct storm *storm, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s%s", storm->store, suffix) < 0)
		die("memory", "out");
	return path;
}

/* ---- writers ---------------------------------------------------------------------------------- */

/* Mostly short, now and then as long as allowed; exit_code holds the length, so that the reader can check. */
static int make_event(struct storm *storm, struct wake_events *events, struct wake_error *err)
{
	size_t len = next_random(storm) % (next_random(storm) % 32 == 0 ? storm->text_max : 600);
	wake_auto_free char *text = malloc(len + 1);
	struct wake_event event = { 0 };
	int ret;

	if (!text)
		return wake_fail_nomem(err);
	memset(text, 'a' + (int)(len % 26), len);
	text[len] = '\0';
	ret = wake_event_make(WAKE_EVENT_RUN_ENDED, NULL, 0,
	    json_pack("{ss,ss,ss,si}", "run_id", "storm", "status", "completed", "result", text, "exit_code",
	        (int)len),
	    &event, err);
	return ret < 0 ? ret : wake_events_add(events, &event, err);
}

static void be_writer(struct storm *storm)
{
	(void)setpriority(PRIO_PROCESS, 0, WRITER_NICE);
	for (;;) {
		wake_auto_events struct wake_events events = { 0 };
		struct wake_error err = { 0 };
		char line[WAKE_ID_SIZE];
		int ret;

		if (make_event(storm, &events, &err) < 0)
			die("make an event", err.text);
		memcpy(line, events.items[0].id, WAKE_ID_SIZE - 1);
		line[WAKE_ID_SIZE - 1] = '\n';
		ret = wake_spool_append(storm->spool, &events, next_random(storm) % 8 == 0, &err);
		if (write(ret == WAKE_OK ? storm->accepted : storm->refused, line, sizeof(line)) !=
		    sizeof(line))
			die("tell of an event", strerror(errno));
	}
}

/* ---- the store -------------------------------------------------------------------------------- */

static sqlite3 *open_store(const struct storm *storm)
{
	wake_auto_free char *path = path_of(storm, ".db");
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_busy_timeout(db, 10000) != SQLITE_OK ||
	    sqlite3_exec(db,
	        "pragma journal_mode=wal; pragma synchronous=normal;"
	        "create table if not exists events (id text primary key, intact integer, deliveries integer);"
	        "create table if not exists batches (number integer primary key)",
	        NULL, NULL, NULL) != SQLITE_OK)
		die("open the store", sqlite3_errmsg(db));
	return db;
}

static int is_intact(const struct wake_event *event)
{
	const char *text = wake_json_string(event->data, "result");
	size_t len = (size_t)wake_json_int(event->data, "exit_code", -1);

	return text && strlen(text) == len && strspn(text, (char[]){ (char)('a' + len % 26), 0 }) == len;
}

static int record(void *context, struct wake_events *batch, struct wake_error *err)
{
	static const char sql[] = "insert into events values (?1, ?2, 1)"
	                          " on conflict (id) do update set deliveries = deliveries + 1";
	sqlite3 *db = context;
	sqlite3_stmt *insert = NULL;
	int ret = sqlite3_exec(db, "begin immediate", NULL, NULL, NULL);

	if (ret == SQLITE_OK)
		ret = sqlite3_prepare_v2(db, sql, -1, &insert, NULL);
	for (size_t i = 0; i < batch->count && ret == SQLITE_OK; i++) {
		if (sqlite3_bind_text(insert, 1, batch->items[i].id, -1, SQLITE_STATIC) != SQLITE_OK ||
		    sqlite3_bind_int(insert, 2, is_intact(&batch->items[i])) != SQLITE_OK ||
		    sqlite3_step(insert) != SQLITE_DONE)
			ret = sqlite3_errcode(db);
		(void)sqlite3_reset(insert);
	}
	(void)sqlite3_finalize(insert);
	if (ret == SQLITE_OK)
		ret = sqlite3_exec(db, "insert into batches default values; commit", NULL, NULL, NULL);
	if (ret == SQLITE_OK)
		return WAKE_OK;
	(void)sqlite3_exec(db, "rollback", NULL, NULL, NULL);
	return wake_fail(err, WAKE_UNAVAILABLE, "the store: %s", sqlite3_errstr(ret));
}

/* As the real one does: lock, drain, unlock, look again. */
static void be_recorder(struct storm *storm)
{
	sqlite3 *db = open_store(storm);

	for (;;) {
		do {
			wake_auto_close int lock = -1;
			struct wake_error err = { 0 };

			/* A full disk keeps the quarantine from being written: those lines wait. */
			if (wake_spool_lock(storm->spool, true, &lock, &err) == WAKE_OK &&
			    wake_spool_drain(storm->spool, record, db, NULL, &err) < 0)
				break;
		} while (wake_spool_has_events(storm->spool));
		(void)poll(NULL, 0, 1);
	}
}

/* ---- the storm -------------------------------------------------------------------------------- */

static pid_t start(struct storm *storm, int number)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork", strerror(errno));
	if (pid > 0)
		return pid;
	storm->random ^= (uint64_t)getpid() * UINT64_C(0x9e3779b97f4a7c15);
	if (number < storm->writers)
		be_writer(storm);
	be_recorder(storm);
	_exit(0);
}

static void strike(struct storm *storm, pid_t *processes, int number)
{
	int status;

	(void)kill(processes[number], SIGKILL);
	if (waitpid(processes[number], &status, 0) < 0 || !WIFSIGNALED(status))
		die("a process", "ended by itself");
	processes[number] = start(storm, number);
}

static void rage(struct storm *storm, pid_t *processes)
{
	int64_t end = wake_clock_monotonic() + storm->seconds * WAKE_SECOND;
	int stopped = 0;

	for (int tick = 0; wake_clock_monotonic() < end; tick++) {
		(void)poll(NULL, 0, KILL_EVERY);
		strike(storm, processes, (int)(next_random(storm) % (unsigned)storm->writers));
		if (tick % RECORDER_EVERY == 0 && storm->recorders > 0)
			strike(storm, processes,
			    storm->writers + (int)(next_random(storm) % (unsigned)storm->recorders));
		if (tick % STOP_EVERY == 0) {
			(void)kill(processes[stopped], SIGCONT);
			stopped = (int)(next_random(storm) % (unsigned)storm->writers);
			(void)kill(processes[stopped], SIGSTOP);
		}
	}
	for (int i = 0; i < storm->writers + storm->recorders; i++) {
		(void)kill(processes[i], SIGKILL);
		(void)waitpid(processes[i], NULL, 0);
	}
}

/* ---- the reckoning ---------------------------------------------------------------------------- */

static void drain_rest(struct storm *storm, sqlite3 *db)
{
	struct wake_error err = { 0 };
	int ret = WAKE_OK;

	if (storm->ballast && unlink(storm->ballast) < 0)
		die(storm->ballast, strerror(errno));
	for (int i = 0; i < DRAINS_MAX && (ret < 0 || wake_spool_has_events(storm->spool)); i++) {
		wake_auto_close int lock = -1;

		ret = wake_spool_lock(storm->spool, true, &lock, &err);
		if (ret == WAKE_OK)
			ret = wake_spool_drain(storm->spool, record, db, NULL, &err);
	}
	if (ret < 0)
		die("the last drain", err.text);
}

static int64_t ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		die(sql, sqlite3_errmsg(db));
	number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return number;
}

/* How many ids a list has, and how many of them are in the store. A last line cut off by a kill says nothing.
 */
static void compare(
    const struct storm *storm, sqlite3 *db, const char *suffix, int64_t *ret_told, int64_t *ret_found)
{
	wake_auto_free char *path = path_of(storm, suffix);
	FILE *list = fopen(path, "re");
	sqlite3_stmt *find = NULL;
	char line[WAKE_ID_SIZE + 1];

	*ret_told = *ret_found = 0;
	if (!list ||
	    sqlite3_prepare_v2(db, "select 1 from events where id = ?1", -1, &find, NULL) != SQLITE_OK)
		die(path, "cannot be compared");
	while (fgets(line, sizeof(line), list)) {
		if (strlen(line) != WAKE_ID_SIZE)
			continue;
		(void)sqlite3_bind_text(find, 1, line, WAKE_ID_SIZE - 1, SQLITE_STATIC);
		*ret_told += 1;
		*ret_found += sqlite3_step(find) == SQLITE_ROW;
		(void)sqlite3_reset(find);
	}
	(void)sqlite3_finalize(find);
	(void)fclose(list);
}

static void reckon(struct storm *storm)
{
	sqlite3 *db = open_store(storm);
	struct wake_spool_status status;
	int64_t accepted, kept, refused, undead, batches = ask(db, "select count(*) from batches");
	struct wake_error err;

	drain_rest(storm, db);
	compare(storm, db, ".accepted", &accepted, &kept);
	compare(storm, db, ".refused", &refused, &undead);
	if (wake_spool_status(storm->spool, &status, &err) < 0)
		die("status", err.text);
	(void)printf(
	    "accepted=%lld\nrefused=%lld\nrecorded=%lld\nlost=%lld\nundead=%lld\ntorn=%lld\nbatches=%lld\n"
	    "redelivered=%lld\nquarantined=%llu\n",
	    (long long)accepted, (long long)refused, (long long)ask(db, "select count(*) from events"),
	    (long long)(accepted - kept), (long long)undead,
	    (long long)ask(db, "select count(*) from events where not intact"), (long long)batches,
	    (long long)ask(db, "select coalesce(sum(deliveries - 1), 0) from events"),
	    (unsigned long long)status.quarantined);
	(void)sqlite3_close(db);
}

static int open_list(const struct storm *storm, const char *suffix)
{
	wake_auto_free char *path = path_of(storm, suffix);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		die(path, strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	pid_t processes[PROCESSES_MAX];
	struct storm storm;

	if (argc != 7 && argc != 8)
		die("usage", "SPOOL STORE SECONDS WRITERS RECORDERS TEXT-BYTES [BALLAST]");
	storm = (struct storm){ .spool = argv[1],
		.store = argv[2],
		.seconds = atoi(argv[3]),
		.writers = atoi(argv[4]),
		.recorders = atoi(argv[5]),
		.text_max = (size_t)atoi(argv[6]),
		.ballast = argv[7],
		.random = (uint64_t)wake_clock_now() };
	if (storm.writers < 1 || storm.recorders < 0 || storm.writers + storm.recorders > PROCESSES_MAX ||
	    storm.text_max < 1 || storm.text_max > WAKE_EVENT_TEXT_MAX)
		die("usage", "numbers out of range");
	storm.accepted = open_list(&storm, ".accepted");
	storm.refused = open_list(&storm, ".refused");
	(void)sqlite3_close(
	    open_store(&storm)); /* made once, before anybody can be killed in the middle of it */
	for (int i = 0; i < storm.writers + storm.recorders; i++)
		processes[i] = start(&storm, i);
	rage(&storm, processes);
	reckon(&storm);
	return 0;
}
