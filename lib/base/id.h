/* SPDX-License-Identifier: MIT */
/* UUIDs (RFC 9562) as lower-case text. */
#ifndef WAKE_ID_H
#define WAKE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAKE_ID_SIZE 37 /* 36 characters and a NUL */
#define WAKE_ID_BEYOND "ffffffff-ffff-ffff-ffff-ffffffffffff" /* an id, and sorts after every id of ours */

/* The namespace of everything that we derive; random, fixed for ever. */
#define WAKE_ID_NAMESPACE "8f6c1f0e-53a4-4d0b-9b1e-6a7d3c2e9f41"

/* Version 7: 48 bits of now in milliseconds, the rest from libuuid's random bytes (libuuid 2.38 makes
 * no version 7 itself). */
void wake_id_v7(char ret_id[WAKE_ID_SIZE]);

/* Version 5: uuid_generate_sha1 over name in our namespace. */
void wake_id_v5(const void *name, size_t len, char ret_id[WAKE_ID_SIZE]);

/* Version 5 of several texts, each with a NUL behind it: two that meet are not taken for others. Of very long
 * ones (together beyond 4 KiB) the beginnings count. */
void wake_id_v5_of(const char *const *parts, size_t count, char ret_id[WAKE_ID_SIZE]);

/* Version 8: 48 bits of milliseconds since 1970 (clamped to 0 … 2^48 − 1), the rest from
 * uuid_generate_sha1 over name: the same input gives the same id, and ids sort by time. */
void wake_id_v8(int64_t milliseconds, const void *name, size_t len, char ret_id[WAKE_ID_SIZE]);

/* What a version 7 or 8 begins with; of any other UUID, whatever its first 48 bits are. */
int64_t wake_id_milliseconds(const char *id);

bool wake_id_is_uuid(const char *text);	/* 36 characters, any version, lower or upper case */
bool wake_id_is_v7(const char *text);

/* workflow_runs.id of a run_id: itself (lower-cased) if it is a version 7, else version 5 of it. */
void wake_id_for_run(const char *run_id, char ret_id[WAKE_ID_SIZE]);

#endif
