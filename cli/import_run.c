/* SPDX-License-Identifier: MIT */
/* The import: session by session into events, portion by portion through the spool into the store. So an
 * import is a witness like any other, it may be killed at any time, and no more waits in the spool than
 * one portion. A session's cursor is written when everything that the session told is in the store. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/import.h"
#include "cli/print.h"
#include "event/spool.h"

#define PORTION 500                             /* events */
#define PORTION_BYTES ((size_t)8 * 1024 * 1024) /* of what people said in them */
#define CURSORS 256                             /* sessions in a portion */
#define IDLE (3600 * WAKE_SECOND) /* a session that nothing was written to for so long has ended */
#define SLACK (5 * WAKE_SECOND)   /* between the clock of an agent and that of who started it */

struct pending_cursor {
	const struct wake_import_session *session; /* borrowed */
	struct wake_import_cursor cursor;
};

struct wake_import {
	const struct wake_paths *paths; /* borrowed */
	struct wake_store *store;       /* borrowed */
	struct wake_recorder *recorder; /* owned */
	struct wake_prices *prices;     /* owned */
	struct wake_redactor *redactor; /* owned */
	char *url;                      /* owned: of the store */
	bool dry;
	int64_t now;
	struct wake_import_answers answers;
	struct wake_import_places places;
	struct wake_events events; /* not spooled yet */
	size_t said_bytes;         /* in them */
	struct pending_cursor cursors[CURSORS];
	size_t cursor_count;
	struct wake_import_counts counts;

	/* The session that is being read. */
	const struct wake_import_sessions *sessions;
	uint32_t at;
	struct wake_agent_runs known;     /* runs of it that the store has */
	char *origin;                     /* owned: the session that it is a fork of; NULL: none */
	char run_id[WAKE_RUN_ID_MAX + 1]; /* of the opening before; "" if none */
	bool is_over;                     /* the last opening was told as ended */
};

static int prices_beside_settings(
    const struct wake_paths *paths, struct wake_prices **ret_prices, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_prices_path(paths->config, &path, err);

	return ret == WAKE_OK ? wake_prices_load(path, ret_prices, err) : ret;
}

static int redactor_of_settings(
    const struct wake_paths *paths, struct wake_redactor **ret_redactor, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	int ret = wake_config_load(paths->config, &config, err);

	return ret == WAKE_OK ? wake_redactor_new(&config, ret_redactor, err) : ret;
}

int wake_import_new(const struct wake_paths *paths, struct wake_store *store, bool dry,
    struct wake_import **ret_import, struct wake_error *err)
{
	wake_auto_import struct wake_import *import = calloc(1, sizeof(*import));
	int ret = import ? WAKE_OK : wake_fail_nomem(err);

	if (ret != WAKE_OK)
		return ret;
	import->paths = paths;
	import->store = store;
	import->dry = dry;
	import->now = wake_clock_now();
	ret = prices_beside_settings(paths, &import->prices, err);
	if (ret == WAKE_OK)
		ret = redactor_of_settings(paths, &import->redactor, err);
	if (ret == WAKE_OK)
		ret = wake_store_locate(paths, &import->url, err);
	if (ret == WAKE_OK)
		ret = wake_recorder_open(paths, &import->recorder, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_import = import;
	import = NULL; /* the caller's now */
	return WAKE_OK;
}

static void leave_session(struct wake_import *import)
{
	wake_agent_runs_release(&import->known);
	free(import->origin);
	import->origin = NULL;
	import->run_id[0] = '\0';
	import->is_over = true;
}

void wake_import_free(struct wake_import *import)
{
	if (!import)
		return;
	leave_session(import);
	wake_recorder_close(import->recorder);
	wake_prices_free(import->prices);
	wake_redactor_free(import->redactor);
	wake_import_answers_release(&import->answers);
	wake_import_places_release(&import->places);
	wake_events_release(&import->events);
	free(import->url);
	free(import);
}

/* ---- into the store ---------------------------------------------------------------------------- */

/* So many events of the list, which keeps the others. */
static int spool_some(struct wake_import *import, size_t from, size_t count, struct wake_error *err)
{
	const struct wake_events some = { .items = import->events.items + from, .count = count };

	return wake_spool_append(import->paths->spool, &some, false, err);
}

static int flush(struct wake_import *import, struct wake_error *err)
{
	const struct wake_record_options options = { .wait = true };
	struct wake_recorded recorded;
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < import->events.count && !import->dry; i += PORTION) {
		size_t left = import->events.count - i;

		ret = spool_some(import, i, left < PORTION ? left : PORTION, err);
	}
	if (ret == WAKE_OK && import->events.count > 0 && !import->dry)
		ret = wake_recorder_round(import->recorder, &options, &recorded, err);
	wake_events_release(&import->events);
	import->said_bytes = 0;
	for (size_t i = 0; ret == WAKE_OK && i < import->cursor_count && !import->dry; i++)
		ret = wake_import_cursor_write(
		    import->paths, import->url, import->cursors[i].session, &import->cursors[i].cursor, err);
	import->cursor_count = 0;
	return ret;
}

/* ---- whose an opening is ------------------------------------------------------------------------ */

/* Is it one of the session's own openings? Those that began later are of no interest here. */
static bool is_own(const struct wake_agent_run *run, const char *session, unsigned ordinal)
{
	char own[WAKE_ID_SIZE];

	for (; ordinal > 0; ordinal--) {
		wake_agent_run_id(WAKE_AGENT_CLAUDE, session, ordinal, own);
		if (strcmp(run->run_id, own) == 0)
			return true;
	}
	return false;
}

/* A run of another name that the session was recorded as, while it was at work: `runwake run` names its
 * runs itself. */
static const struct wake_agent_run *find_other(
    const struct wake_import *import, const char *session, const struct wake_transcript_opening *opening)
{
	for (size_t i = 0; i < import->known.count; i++) {
		const struct wake_agent_run *run = &import->known.items[i];

		if (run->started == WAKE_TIME_NONE || opening->first < run->started - SLACK ||
		    (run->completed != WAKE_TIME_NONE && opening->first > run->completed + SLACK))
			continue;
		if (!is_own(run, session, opening->ordinal))
			return run;
	}
	return NULL;
}

static const struct wake_agent_run *find_named(const struct wake_import *import, const char *run_id)
{
	for (size_t i = 0; i < import->known.count; i++) {
		if (strcmp(import->known.items[i].run_id, run_id) == 0)
			return &import->known.items[i];
	}
	return NULL;
}

static int set_place(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, bool *ret_live, struct wake_error *err)
{
	const struct wake_import_place *place = NULL;
	int ret;

	*ret_live = false;
	if (!opening->directory || opening->directory[0] != '/')
		return WAKE_OK;
	ret = wake_import_place_of(&import->places, import->paths, opening->directory, &place, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_live = place->is_live;
	telling->workspace_path = place->root;
	telling->workspace_id = place->workspace_id;
	telling->git_repo = place->git_repo;
	telling->repository_id = *place->repository_id ? place->repository_id : NULL;
	telling->worktree_id = *place->worktree_id ? place->worktree_id : NULL;
	return WAKE_OK;
}

/* The opening's own run, or the one that it was recorded as. run_id: room for WAKE_RUN_ID_MAX + 1 bytes. */
static int name_run(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, char *run_id, struct wake_error *err)
{
	const struct wake_agent_run *other, *own;
	bool is_live;
	int ret = set_place(import, opening, telling, &is_live, err);

	wake_agent_run_id(WAKE_AGENT_CLAUDE, telling->session, opening->ordinal, run_id);
	own = find_named(import, run_id);
	other = own && own->is_announced ? NULL : find_other(import, telling->session, opening);
	telling->is_announced = other || (own && own->is_announced);
	telling->is_ended = !other && (opening->is_over || (import->now - opening->last > IDLE && !is_live));
	if (other) {
		(void)snprintf(run_id, WAKE_RUN_ID_MAX + 1, "%s", other->run_id);
		/* Two openings in one run: the totals of one are not the run's. */
		telling->without_totals = strcmp(import->run_id, run_id) == 0;
	}
	import->is_over = other ? opening->is_over : telling->is_ended;
	return ret;
}

/* What it goes on from: the opening before, which another import may have told. */
static void set_parent(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, char before[WAKE_ID_SIZE])
{
	if (opening->ordinal == 1)
		return;
	wake_agent_run_id(WAKE_AGENT_CLAUDE, telling->session, opening->ordinal - 1, before);
	telling->parent_run_id = *import->run_id ? import->run_id : before;
	if (strcmp(telling->parent_run_id, telling->run_id) == 0)
		telling->parent_run_id = NULL;
}

static int tell(void *context, const struct wake_transcript_opening *opening, struct wake_error *err)
{
	struct wake_import *import = context;
	char run_id[WAKE_RUN_ID_MAX + 1], before[WAKE_ID_SIZE];
	struct wake_transcript_telling telling = { .run_id = run_id,
		.session = import->sessions->items[import->at].name,
		.prices = import->prices,
		.redactor = import->redactor,
		.forked_from = import->origin };
	int ret = name_run(import, opening, &telling, run_id, err);

	if (ret == WAKE_OK) {
		set_parent(import, opening, &telling, before);
		ret = wake_transcript_tell(opening, &telling, &import->events, err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < opening->answer_count; i++)
		ret =
		    wake_import_answers_add(&import->answers, opening->answers[i].response, import->at, err);
	(void)snprintf(import->run_id, sizeof(import->run_id), "%s", run_id);
	import->said_bytes += opening->said_bytes;
	import->counts.runs += !telling.is_announced;
	import->counts.known += telling.is_announced;
	import->counts.answers += opening->answer_count;
	import->counts.said += opening->said_count;
	import->counts.left_out += opening->said_dropped;
	if (ret == WAKE_OK && (import->events.count >= PORTION || import->said_bytes >= PORTION_BYTES))
		ret = flush(import, err);
	return ret;
}

/* Told by another session in this import, or in one before. */
static int is_elsewhere(void *context, const char *response, bool *ret_is, struct wake_error *err)
{
	struct wake_import *import = context;
	const char *name = import->sessions->items[import->at].name;
	wake_auto_free char *found = NULL;
	uint32_t session;
	int ret = WAKE_OK;

	if (wake_import_answers_find(&import->answers, response, &session))
		ret = wake_str_copy(import->sessions->items[session].name, &found, err);
	else
		ret = wake_query_session_of_answer(import->store, response, &found, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_is = found && strcmp(found, name) != 0;
	if (*ret_is) {
		free(import->origin);
		import->origin = found;
		found = NULL; /* the import's now */
	}
	return WAKE_OK;
}

/* ---- sessions ----------------------------------------------------------------------------------- */

static void keep_cursor(struct wake_import *import, const struct wake_import_session *session,
    const struct wake_transcript_reading *reading)
{
	struct pending_cursor *pending = &import->cursors[import->cursor_count++];

	pending->session = session;
	pending->cursor = (struct wake_import_cursor){
		.place = reading->last, .end = reading->end, .is_over = import->is_over
	};
}

static int read_session(struct wake_import *import, const struct wake_import_session *session,
    const struct wake_import_cursor *cursor, struct wake_error *err)
{
	struct wake_transcript_reading reading = { .path = session->path,
		.beside = (const char *const *)session->beside,
		.beside_count = session->beside_count,
		.from = cursor->place,
		.each = tell,
		.is_elsewhere = is_elsewhere,
		.context = import };
	int ret;

	leave_session(import);
	ret = wake_query_agent_runs(import->store, session->name, &import->known, err);
	if (ret == WAKE_OK)
		ret = wake_transcript_claude_read(&reading, err);
	if (ret != WAKE_OK)
		return ret;
	import->counts.sessions++;
	import->counts.lines += reading.lines;
	import->counts.unreadable += reading.unreadable;
	import->counts.too_long += reading.too_long;
	keep_cursor(import, session, &reading);
	return import->cursor_count == CURSORS ? flush(import, err) : WAKE_OK;
}

/* One file that is not for us, or that goes meanwhile, keeps no other from being read. */
static int take_session(struct wake_import *import, uint32_t at, struct wake_error *err)
{
	const struct wake_import_session *session = &import->sessions->items[at];
	struct wake_import_cursor cursor;
	int ret = wake_import_cursor_read(import->paths, import->url, session, &cursor, err);

	import->at = at;
	if (ret == WAKE_OK && cursor.is_current && cursor.is_over) {
		import->counts.unchanged++;
		return WAKE_OK;
	}
	if (ret == WAKE_OK && access(session->path, R_OK) < 0) {
		wake_print_note("'%s' cannot be read: %s", session->path, strerror(errno));
		import->counts.failed++;
		return WAKE_OK;
	}
	return ret == WAKE_OK ? read_session(import, session, &cursor, err) : ret;
}

int wake_import_sessions(struct wake_import *import, const struct wake_import_sessions *sessions,
    void (*progress)(const struct wake_import_counts *counts, uint64_t bytes),
    struct wake_import_counts *ret_counts, struct wake_error *err)
{
	uint64_t bytes = 0;
	int ret = WAKE_OK;

	for (size_t i = 0; i < sessions->count; i++)
		bytes += (uint64_t)(sessions->items[i].bytes + sessions->items[i].beside_bytes);
	import->sessions = sessions;
	for (uint32_t i = 0; ret == WAKE_OK && i < sessions->count; i++) {
		ret = take_session(import, i, err);
		import->counts.bytes +=
		    (uint64_t)(sessions->items[i].bytes + sessions->items[i].beside_bytes);
		if (progress)
			progress(&import->counts, bytes);
	}
	if (ret == WAKE_OK)
		ret = flush(import, err);
	if (ret == WAKE_OK && !import->dry)
		wake_import_cursor_prune(import->paths);
	*ret_counts = import->counts;
	return ret;
}
