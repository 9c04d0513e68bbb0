/* SPDX-License-Identifier: MIT */
/* Between the files of the import. Inner to it. */
#ifndef WAKE_IMPORT_PARTS_H
#define WAKE_IMPORT_PARTS_H

#include "cli/import.h"

#define WAKE_IMPORT_CURSORS 256 /* sessions in a portion */

struct wake_import_pending {
	const struct wake_import_session *session; /* borrowed */
	struct wake_import_cursor cursor;          /* owned */
};

struct wake_import {
	const struct wake_paths *paths; /* borrowed */
	struct wake_store *store;       /* borrowed; NULL: the recorder's */
	struct wake_recorder *recorder; /* owned, unless is_guest */
	bool is_guest, leaves_to_others;
	const struct wake_import_source *source; /* static */
	struct wake_prices *prices;     /* owned */
	struct wake_redactor *redactor; /* owned */
	char *url;                      /* owned: of the store */
	bool dry;
	int64_t now;
	struct wake_import_answers answers;
	struct wake_import_places places;
	struct wake_events events; /* not spooled yet */
	size_t said_bytes;         /* in them */
	struct wake_import_pending cursors[WAKE_IMPORT_CURSORS];
	size_t cursor_count;
	struct wake_import_counts counts;

	/* The session that is being read. */
	const struct wake_import_sessions *sessions;
	uint32_t at;
	struct wake_agent_runs known;       /* runs of it that the store has */
	char *origin;                       /* owned: the session that it is a fork of; NULL: none */
	char run_id[WAKE_RUN_ID_MAX + 1];   /* of the opening before; "" if none */
	bool is_over;                       /* the last opening was told as ended */
	char was_told[WAKE_RUN_ID_MAX + 1]; /* whose its last opening was when it was read before */
};

/* What is asked: good until the next round of the recorder. */
struct wake_store *wake_import_store(const struct wake_import *import);

/* import_tell.c: an opening as events, and whether another session tells of an answer. As
 * wake_transcript_reading wants them; context: the import. */
int wake_import_tell(
    void *context, const struct wake_transcript_opening *opening, struct wake_error *err) WAKE_MUST_CHECK;
int wake_import_is_elsewhere(
    void *context, const char *response, bool *ret_is, struct wake_error *err) WAKE_MUST_CHECK;

/* import_run.c: what was told, once there is a portion of it. */
int wake_import_flush_portion(struct wake_import *import, struct wake_error *err) WAKE_MUST_CHECK;

#endif
