/* SPDX-License-Identifier: MIT */
/* What a secret looks like. Inner to the module. */
#ifndef WAKE_REDACT_RULES_H
#define WAKE_REDACT_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* The two bytes that a key of a provider, a web token or a scheme's name may begin with: the nth of them, NULL
 * after the last. static. */
const char *wake_redact_beginning(size_t nth);

/* The bytes from text on that are such a key; 0: none. skip: what at their beginning may stay ("Bearer "). */
size_t wake_redact_key_length(const char *text, size_t len, size_t *ret_skip);

/* Does a member, variable or option of this name hold a secret? "GITHUB_TOKEN", "clientSecret", "--password". */
bool wake_redact_is_secret_name(const char *name, size_t len);

/* Of a name that many things have: "auth", "sig". What it holds is a secret if it looks like one. */
bool wake_redact_is_weak_name(const char *name, size_t len);
/* Twenty characters or more of a token's, digits and letters. */
bool wake_redact_is_random(const char *value, size_t len);

/* Is a value what it seems, and no reference, type, call or word of prose? tight: NAME=VALUE without a blank. */
bool wake_redact_is_bare_secret(const char *value, size_t len, bool tight);
bool wake_redact_is_quoted_secret(const char *value, size_t len);

/* Whole match of a pattern with * and ?; time is the product of the lengths at worst. */
bool wake_redact_matches(const char *pattern, const char *word, size_t len);

#endif
