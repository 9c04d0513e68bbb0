/* SPDX-License-Identifier: MIT */
/* The services that entries name: where requests go, and with which key. */
#ifndef WAKE_REMOTE_SERVICE_H
#define WAKE_REMOTE_SERVICE_H

#include "agent/remote_run.h"
#include "base/config.h"
#include "base/paths.h"
#include "event/remote_entry.h"
#include "remote/exchange.h"

struct wake_remote_place {
	struct wake_paths paths;
	struct wake_config config;
	struct wake_redactor *redactor;
	char host[WAKE_HOST_SIZE];
	char *program;   /* owned; runwake, which lies beside us */
	int64_t read_at; /* monotonic: when the settings were read */
};

/* owned: wake_remote_place_release. */
int wake_remote_place_find(struct wake_remote_place *ret_place, struct wake_error *err) WAKE_MUST_CHECK;
/* Reads the settings again, where that was a while ago or `now`; ones that cannot be read leave what was read
 * before. */
void wake_remote_place_refresh(struct wake_remote_place *place, bool now);
void wake_remote_place_release(struct wake_remote_place *place);

/* A request to the service of an entry: base URL, then the path's format. The key is that of the settings'
 * remote of that name only where its URL is still the entry's: a key goes to no other host than it was meant
 * for. */
int wake_remote_ask(const struct wake_remote_place *place, const struct wake_remote_entry *entry,
    const char *path, const char *body, size_t body_len, void *context, struct wake_exchange *exchange,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Microseconds for which the service's refusals are borne. */
int64_t wake_remote_patience(const struct wake_remote_place *place, const struct wake_remote_entry *entry);

/* "run/WORKFLOW?persistent=true", "run/ID/status", "run/ID/kill", and the list for one that is looked for;
 * appended. */
void wake_remote_path_start(struct wake_str *out, const struct wake_remote_entry *entry);
void wake_remote_path_run(struct wake_str *out, const struct wake_remote_entry *entry, const char *action);
void wake_remote_path_list(struct wake_str *out, const struct wake_remote_entry *entry);

/* What an answer that is no 2xx says, in our words: "401: …", with the service's own detail made harmless. */
void wake_remote_describe(
    const struct wake_exchange_answer *answer, const struct wake_str *body, char *ret_text, size_t size);

/* start.c: see main.c. ret_exit: the exit code where a request has failed, with err filled. */
int wake_remote_start(
    struct wake_remote_place *place, const char *id, int *ret_exit, struct wake_error *err) WAKE_MUST_CHECK;
int wake_remote_kill(struct wake_remote_place *place, const char *id, struct wake_error *err) WAKE_MUST_CHECK;
/* The answer to a list, for an entry that is asking: its phase becomes answered, written down. */
int wake_remote_take_asked(const struct wake_remote_place *place, struct wake_remote_entry *entry,
    const struct wake_str *body, struct wake_error *err) WAKE_MUST_CHECK;

/* poll.c: follows all entries until there is none, or a signal comes. */
int wake_remote_poll(struct wake_remote_place *place, struct wake_error *err) WAKE_MUST_CHECK;

#endif
