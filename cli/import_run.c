/* SPDX-License-Identifier: MIT */
/* The import: session by session into events, portion by portion through the spool into the store. So an
 * import is a witness like any other, it may be killed at any time, and no more waits in the spool than
 * one portion. A session's cursor is written when everything that the session told is in the store. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/import_parts.h"
#include "cli/print.h"
#include "event/spool.h"

#define PORTION 500                             /* events */
#define RECENTLY (60 * WAKE_SECOND)             /* written to since then: its agent may be at work on it */
#define PORTION_BYTES ((size_t)8 * 1024 * 1024) /* of what people said in them */

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

int wake_import_new(
    const struct wake_import_spec *spec, struct wake_import **ret_import, struct wake_error *err)
{
	wake_auto_import struct wake_import *import = calloc(1, sizeof(*import));
	int ret = import ? WAKE_OK : wake_fail_nomem(err);

	if (ret != WAKE_OK)
		return ret;
	import->paths = spec->paths;
	import->store = spec->store;
	import->recorder = spec->recorder;
	import->is_guest = spec->recorder != NULL;
	import->leaves_to_others = spec->leaves_to_others;
	import->dry = spec->dry;
	import->source = spec->source ? spec->source : &wake_import_claude;
	import->now = wake_clock_now();
	ret = prices_beside_settings(import->paths, &import->prices, err);
	if (ret == WAKE_OK)
		ret = redactor_of_settings(import->paths, &import->redactor, err);
	if (ret == WAKE_OK)
		ret = wake_store_locate(import->paths, &import->url, err);
	if (ret == WAKE_OK && !import->is_guest)
		ret = wake_recorder_open(import->paths, &import->recorder, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_import = import;
	import = NULL; /* the caller's now */
	return WAKE_OK;
}

struct wake_store *wake_import_store(const struct wake_import *import)
{
	return import->store ? import->store : wake_recorder_store(import->recorder);
}

static void leave_session(struct wake_import *import)
{
	wake_agent_runs_release(&import->known);
	free(import->origin);
	import->origin = NULL;
	import->run_id[0] = '\0';
	import->is_over = true;
}

static void drop_cursors(struct wake_import *import)
{
	for (size_t i = 0; i < import->cursor_count; i++)
		wake_import_cursor_release(&import->cursors[i].cursor);
	import->cursor_count = 0;
}

void wake_import_free(struct wake_import *import)
{
	if (!import)
		return;
	leave_session(import);
	drop_cursors(import);
	if (!import->is_guest)
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

static int record(struct wake_import *import, struct wake_error *err)
{
	const struct wake_record_options options = { .wait = !import->leaves_to_others };
	struct wake_recorded recorded = { 0 };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < import->events.count; i += PORTION) {
		size_t left = import->events.count - i;

		ret = spool_some(import, i, left < PORTION ? left : PORTION, err);
	}
	if (ret == WAKE_OK && import->events.count > 0)
		ret = wake_recorder_round(import->recorder, &options, &recorded, err);
	return ret == WAKE_OK && recorded.left_to_another
	           ? wake_fail(err, WAKE_BUSY, "another recorder is at work on '%s'", import->paths->spool)
	           : ret;
}

/* A cursor says that all before it is in the store: so it is written behind that. */
static int flush(struct wake_import *import, struct wake_error *err)
{
	int ret = import->dry ? WAKE_OK : record(import, err);

	wake_events_release(&import->events);
	import->said_bytes = 0;
	for (size_t i = 0; ret == WAKE_OK && i < import->cursor_count && !import->dry; i++)
		ret = wake_import_cursor_write(
		    import->paths, import->url, import->cursors[i].session, &import->cursors[i].cursor, err);
	drop_cursors(import);
	return ret;
}

int wake_import_flush_portion(struct wake_import *import, struct wake_error *err)
{
	if (import->events.count < PORTION && import->said_bytes < PORTION_BYTES)
		return WAKE_OK;
	return flush(import, err);
}

/* ---- sessions ----------------------------------------------------------------------------------- */

/* ends: taken over. */
static void keep_cursor(struct wake_import *import, const struct wake_import_session *session,
    const struct wake_transcript_reading *reading, int64_t took, int64_t **ends)
{
	struct wake_import_pending *pending = &import->cursors[import->cursor_count++];

	pending->session = session;
	pending->cursor = (struct wake_import_cursor){ .place = reading->last,
		.end = reading->end,
		.is_over = import->is_over,
		.read_at = import->now,
		.took = took,
		.beside_end = *ends };
	(void)snprintf(pending->cursor.run_id, sizeof(pending->cursor.run_id), "%s", import->run_id);
	*ends = NULL; /* the cursor's now */
}

static int make_ends(const struct wake_import_session *session, int64_t **ret_ends, struct wake_error *err)
{
	if (session->beside_count == 0)
		return WAKE_OK;
	*ret_ends = calloc(session->beside_count, sizeof(**ret_ends));
	return *ret_ends ? WAKE_OK : wake_fail_nomem(err);
}

static void count(struct wake_import *import, const struct wake_transcript_reading *reading)
{
	import->counts.sessions++;
	import->counts.lines += reading->lines;
	import->counts.unreadable += reading->unreadable;
	import->counts.too_long += reading->too_long;
}

static bool may_go_on(const struct wake_import *import, const struct wake_import_session *session)
{
	return session->entry ? !session->is_gone : import->now - session->written < RECENTLY;
}

static int read_session(struct wake_import *import, const struct wake_import_session *session,
    const struct wake_import_cursor *cursor, struct wake_error *err)
{
	wake_auto_free int64_t *ends = NULL;
	struct wake_transcript_reading reading = { .path = session->path,
		.beside = (const char *const *)session->beside,
		.beside_count = session->beside_count,
		.from = cursor->place,
		.told = cursor->end,
		.beside_told = cursor->beside_end,
		.may_go_on = may_go_on(import, session),
		.each = wake_import_tell,
		.is_elsewhere = wake_import_is_elsewhere,
		.context = import };
	int64_t begun = wake_clock_monotonic();
	int ret = make_ends(session, &ends, err);

	leave_session(import);
	(void)snprintf(import->was_told, sizeof(import->was_told), "%s", cursor->run_id);
	reading.beside_end = ends;
	if (ret == WAKE_OK)
		ret = wake_query_agent_runs(wake_import_store(import), session->name, &import->known, err);
	if (ret == WAKE_OK)
		ret = import->source->read(&reading, err);
	if (ret != WAKE_OK)
		return ret;
	count(import, &reading);
	keep_cursor(import, session, &reading, wake_clock_monotonic() - begun, &ends);
	return import->cursor_count == WAKE_IMPORT_CURSORS ? flush(import, err) : WAKE_OK;
}

/* One file that is not for us, or that goes meanwhile, keeps no other from being read. */
static int take_session(struct wake_import *import, uint32_t at, struct wake_error *err)
{
	const struct wake_import_session *session = &import->sessions->items[at];
	wake_auto_import_cursor struct wake_import_cursor cursor = { 0 };
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

int wake_import_one(struct wake_import *import, const struct wake_import_sessions *sessions, uint32_t at,
    struct wake_error *err)
{
	int ret;

	import->sessions = sessions;
	/* What was told of others is in the store by now, and their places are others' in the next list. */
	wake_import_answers_release(&import->answers);
	ret = take_session(import, at, err);
	if (ret == WAKE_OK)
		return flush(import, err);
	/* What was told of it so far is told again with the rest. */
	wake_events_release(&import->events);
	import->said_bytes = 0;
	return ret;
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
