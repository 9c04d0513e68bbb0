/* SPDX-License-Identifier: MIT */
/* Addresses of services that run agents elsewhere (agent/remote_run.h). */
#ifndef WAKE_REMOTE_URL_H
#define WAKE_REMOTE_URL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

#define WAKE_REMOTE_URL_MAX 2048 /* bytes */

/* What a person gives, as the beginning of every request's address: without a slash at its end; one without a
 * path gets the API's usual one. WAKE_INVALID: neither http nor https; user, password, query or fragment in
 * it; plain http to another machine, where that is not allowed by is_plain_allowed. owned: free(3). */
int wake_remote_url_read(
    const char *text, bool is_plain_allowed, char **ret_base, struct wake_error *err) WAKE_MUST_CHECK;

bool wake_remote_url_is_https(const char *base);

/* Appends one segment of a path, percent-encoded: whatever it holds, it stays one segment. */
void wake_remote_url_append_segment(struct wake_str *out, const char *segment);

#endif
