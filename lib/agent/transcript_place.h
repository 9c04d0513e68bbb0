/* SPDX-License-Identifier: MIT */
/* Where Claude Code keeps the transcript of a session: PROJECTS/DIRECTORY/SESSION.jsonl, DIRECTORY being
 * named after the directory that the session was begun in. One that is resumed from another directory goes on
 * in the file where it began, whatever the client's hooks name (2.1.330). */
#ifndef WAKE_TRANSCRIPT_PLACE_H
#define WAKE_TRANSCRIPT_PLACE_H

#include <stdbool.h>

#include "base/error.h"

#define WAKE_TRANSCRIPT_SUFFIX ".jsonl"

/* Their ids are UUIDs; whatever else stands there goes into ids of ours and onto terminals: letters, digits,
 * '-' and '_', fewer than WAKE_AGENT_SESSION_MAX. */
bool wake_transcript_is_session(const char *name);

/* Of several, the one written to last. WAKE_NOTFOUND: none. owned: free(3). */
int wake_transcript_locate(const char *projects, const char *session, char **ret_path,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
