/* SPDX-License-Identifier: MIT */
/* Runs at remote services that are to be followed to their end: STATE/remote/ID.json, one an attempt to start
 * one or a run that is followed. The to-do of runwake-remote; what is there survives any crash. 0600: it
 * holds the task, which is redacted, and no key.
 *
 * Members: phase (below), url (the service's base), remote (its name in the settings; absent: none),
 * key_file, ca_file, plain, patience (of a service that has no name), workflow, task, session_name,
 * session_asked (what the service was told as the session's name), branch, repo, max_turns, timeout,
 * persistent, asked_at, unanswered (the outcome of the POST is not known, and whoever sent it is done),
 * run_id, started_at, report_digest and report_at, end_at (written down before they are told, so that telling
 * again says the same), seen (the service's latest word), trouble (why the latest request was none; or why it
 * was given up), trouble_since. Times are RFC 3339. */
#ifndef WAKE_REMOTE_ENTRY_H
#define WAKE_REMOTE_ENTRY_H

#include <stdbool.h>

#include "base/id.h"
#include "base/json.h"
#include "base/paths.h"

enum wake_remote_phase {
	WAKE_REMOTE_ASKING,   /* written down, and then the service is asked to begin the run */
	WAKE_REMOTE_ANSWERED, /* it has given the run an id, and nothing is recorded yet */
	WAKE_REMOTE_TRACKED,  /* its start is recorded; it is asked about until it has ended */
	WAKE_REMOTE_GIVEN_UP, /* nobody asks any more; trouble says why */
};

struct wake_remote_entry {
	char id[WAKE_ID_SIZE];
	enum wake_remote_phase phase;
	json_t *json; /* owned; an object */
};

/* The id of the entry of a run that is known. */
void wake_remote_entry_id(const char *url, const char *run_id, char ret_id[WAKE_ID_SIZE]);

/* Durable when it returns. */
int wake_remote_entry_write(
    const struct wake_paths *paths, struct wake_remote_entry *entry, struct wake_error *err) WAKE_MUST_CHECK;
/* WAKE_NOTFOUND; WAKE_CORRUPT: the file is none of ours. owned: wake_remote_entry_release. */
int wake_remote_entry_read(const struct wake_paths *paths, const char *id,
    struct wake_remote_entry *ret_entry, struct wake_error *err) WAKE_MUST_CHECK;
/* One that is not there is fine. */
int wake_remote_entry_remove(
    const struct wake_paths *paths, const char *id, struct wake_error *err) WAKE_MUST_CHECK;
void wake_remote_entry_release(struct wake_remote_entry *entry);

const char *wake_remote_entry_text(
    const struct wake_remote_entry *entry, const char *key);                            /* borrowed; NULL */
int64_t wake_remote_entry_time(const struct wake_remote_entry *entry, const char *key); /* 0: none */
int wake_remote_entry_set_time(
    struct wake_remote_entry *entry, const char *key, int64_t at, struct wake_error *err) WAKE_MUST_CHECK;

#define WAKE_REMOTE_ENTRIES_MAX 10000

struct wake_remote_entries {
	struct wake_remote_entry *items; /* owned; by id */
	size_t count;
	size_t skipped; /* files that cannot be read, or are beyond WAKE_REMOTE_ENTRIES_MAX */
};

/* No directory: an empty list. owned: wake_remote_entries_release. */
int wake_remote_entries_list(const struct wake_paths *paths, struct wake_remote_entries *ret_entries,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_remote_entries_release(struct wake_remote_entries *entries);

/* Is there any that somebody must ask about? */
bool wake_remote_entries_wait(const struct wake_paths *paths);

/* STATE/remote. owned: free(3). */
int wake_remote_entries_dir(
    const struct wake_paths *paths, char **ret_dir, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_remote_entry WAKE_CLEANUP(wake_remote_entry_release)
#define wake_auto_remote_entries WAKE_CLEANUP(wake_remote_entries_release)

#endif
