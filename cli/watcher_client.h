/* SPDX-License-Identifier: MIT */
/* Asking the watcher that runs, through its socket in the state directory. */
#ifndef WAKE_WATCHER_CLIENT_H
#define WAKE_WATCHER_CLIENT_H

#include <stdbool.h>

#include "base/json.h"
#include "base/paths.h"

/* Sends one word ("status") and takes the answer, within two seconds. WAKE_NOTFOUND: nobody listens;
 * WAKE_UNAVAILABLE: no whole answer in time; WAKE_INVALID: an answer that is no JSON object, or too long.
 * owned: json_decref. */
int wake_watcher_ask(const struct wake_paths *paths, const char *word, json_t **ret_document,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Is the watcher's lock held? Also true of one that does not listen yet or any more. */
bool wake_watcher_is_held(const struct wake_paths *paths);

#endif
