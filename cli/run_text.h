/* SPDX-License-Identifier: MIT */
/* Runs and commits as text, made of the objects of store/query.h. */
#ifndef WAKE_RUN_TEXT_H
#define WAKE_RUN_TEXT_H

#include "base/json.h"
#include "base/str.h"
#include "cli/print.h"

#define WAKE_SHORT_HASH 10 /* hex digits that text output shows */

enum wake_style wake_run_style(const char *status);

/* A run, field by field. */
void wake_run_append(struct wake_str *out, const json_t *run);

/* A table of commits. all: also those that others replaced. */
int wake_commits_print(const json_t *commits, bool all, struct wake_error *err) WAKE_MUST_CHECK;

int wake_pushes_print(const json_t *pushes, struct wake_error *err) WAKE_MUST_CHECK;

/* One line "label   value"; nothing for NULL. */
void wake_field_append(struct wake_str *out, const char *label, enum wake_style style, const char *value);

/* The first digits of a hash; "" for NULL. */
const char *wake_short_hash(const char *hash, char buffer[WAKE_SHORT_HASH + 1]);

#endif
