/* SPDX-License-Identifier: MIT */
/* Secrets are taken out of a text before its first byte is written to the spool: keys of providers by their
 * prefixes, web tokens, private keys (PEM, PGP), passwords and tokens in URLs, values of members, variables and
 * options with secret names, and what a person names in the setting runwake.redact: literals, and patterns of whole
 * words. One linear pass; a secret that has none of these forms is not found. */
#ifndef WAKE_REDACT_H
#define WAKE_REDACT_H

#include "base/config.h"
#include "base/json.h"

struct wake_redactor;

/* config: borrowed for the call. owned: wake_redactor_free. WAKE_INVALID: runwake.redact has too many words. */
int wake_redactor_new(const struct wake_config *config, struct wake_redactor **ret_redactor, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_redactor_free(struct wake_redactor *redactor);

/* Appends text to out, each secret as [redacted]. */
int wake_redact_append(const struct wake_redactor *redactor, const char *text, size_t len, struct wake_str *out,
    struct wake_error *err) WAKE_MUST_CHECK;

/* wake_event_set_text (event.h) of a redacted text. Where the setting runwake.messages is off, of an empty one. */
int wake_redact_set_text(const struct wake_redactor *redactor, json_t *data, const char *key, const char *text,
    size_t max, struct wake_error *err) WAKE_MUST_CHECK;

static inline void wake_scope_redactor(struct wake_redactor **redactor)
{
	wake_redactor_free(*redactor);
}
#define wake_auto_redactor WAKE_CLEANUP(wake_scope_redactor)

#endif
