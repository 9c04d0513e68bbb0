/* SPDX-License-Identifier: MIT */
/* What the commands that read the store share. */
#ifndef WAKE_READER_H
#define WAKE_READER_H

#include "cli/command.h"
#include "store/query.h"

/* Opens the store and records first. A store that does not answer: exit code 6. owned: wake_store_close. */
int wake_reader_open(struct wake_command_context *context, struct wake_store **ret_store,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Says that ret, which came from opening the store, means exit code 6, unless the input is at fault.
 * Returns ret. */
int wake_reader_failed(struct wake_command_context *context, int ret);

/* Lets the recorder's lock go (lock becomes -1; -1: nothing is held), and wakes a recorder if anything came meanwhile:
 * hooks that found the lock held left their events to us. */
void wake_reader_let_go(const struct wake_command_context *context, int *lock);

/* The run that a word means; ret_id: workflow_runs.id. Not found: exit code 4. */
int wake_reader_run(struct wake_store *store, const char *word, char ret_id[WAKE_ID_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* Words that git knows, such as HEAD~2 or a branch's name, in the repository around us. */
int wake_reader_resolve(const char *word, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* The movements that a word means: a movement's id, a commit, or what git knows by that name here. owned:
 * json_decref. */
int wake_reader_meant(struct wake_store *store, const char *word, json_t **ret_movements,
    struct wake_error *err) WAKE_MUST_CHECK;

/* A new {"schema_version":1}; NULL when memory is out. owned: json_decref. */
json_t *wake_reader_document(void);

/* A run id as a list shows it: a version 7 UUID is cut to its time, which tells runs of different
 * milliseconds apart and can be typed as a prefix. borrowed: in buffer or run_id itself. */
const char *wake_reader_short_run(const char *run_id, char buffer[WAKE_ID_SIZE]);

/* "2026-11-22 16:50" of RFC 3339 text, in local time; "" for NULL. */
const char *wake_reader_local_minute(const char *rfc3339, char buffer[32]);

/* "2026-11-22 16:50:18" of RFC 3339 text, in local time; "" for NULL. */
const char *wake_reader_local_time(const char *rfc3339, char buffer[32]);

/* "1h02m", "3m20s", "12s"; "" for a negative number. */
const char *wake_reader_duration(int64_t seconds, char buffer[32]);

#endif
