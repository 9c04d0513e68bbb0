/* SPDX-License-Identifier: MIT */
/* Options of a command line: one const table a command feeds the parser, the help, the man page and the
 * completion.
 *
 * "--name", "--name=value", "--name value", "-n", "-n value", "-nvalue", "-ab" (flags); "--" ends them;
 * options and words may be mixed. A long option may be cut to an unambiguous beginning. */
#ifndef WAKE_OPTIONS_H
#define WAKE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

struct wake_option {
	const char *name;	/* "workflow" for --workflow; NULL ends a table */
	char letter;		/* 'w' for -w; 0: none */
	bool repeated;		/* may be given more than once; else the second one is refused */
	const char *value;	/* what the value is called in the help: "NAME"; NULL: a flag */
	const char *help;	/* one sentence, without full stop */
	const char *words;	/* the values to complete, separated by spaces; NULL: none known */
};

struct wake_given; /* one option as it was given */

struct wake_options {
	const struct wake_option *table;	/* borrowed */
	struct wake_given *given;		/* owned; in order */
	size_t given_count;
	const char **words;			/* owned array of borrowed words; NULL-terminated */
	size_t word_count;
	size_t loose_count;			/* how many of them stood before a "--" */
	bool help;				/* --help or -h, which every command takes */
};

/* args: after the command's name, NULL-terminated; borrowed as long as ret_options lives. WAKE_INVALID names
 * the option at fault. */
int wake_options_parse(const struct wake_option *table, const char *const *args,
    struct wake_options *ret_options, struct wake_error *err) WAKE_MUST_CHECK;
void wake_options_release(struct wake_options *options);

/* name must stand in the table (assert(3)). */
bool wake_options_has(const struct wake_options *options, const char *name);
const char *wake_options_text(
    const struct wake_options *options, const char *name); /* borrowed; NULL: not given */
size_t wake_options_count(const struct wake_options *options, const char *name);
const char *wake_options_nth(
    const struct wake_options *options, const char *name, size_t n); /* NULL: no more */

/* A whole number from min to max; fallback if the option was not given. */
int wake_options_number(const struct wake_options *options, const char *name, int64_t min, int64_t max,
    int64_t fallback, int64_t *ret_number, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_options WAKE_CLEANUP(wake_options_release)

#endif
