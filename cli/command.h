/* SPDX-License-Identifier: MIT */
/* A command of the program: what it is called, what it takes, what it says about itself, and what it does. */
#ifndef WAKE_COMMAND_H
#define WAKE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/paths.h"
#include "cli/options.h"

/* Exit codes are part of the contract; wake_exits[] in exits.c says what each means. */
enum wake_exit {
	WAKE_EXIT_OK = 0,
	WAKE_EXIT_NO = 1,		/* none, no, a gap; also a failure that fits nothing else */
	WAKE_EXIT_USAGE = 2,
	WAKE_EXIT_NOT_RUNNING = 3,
	WAKE_EXIT_NOT_FOUND = 4,
	WAKE_EXIT_BUSY = 5,
	WAKE_EXIT_STORE = 6,
	WAKE_EXIT_AGENT = 7,
	WAKE_EXIT_COUNT,
	/* Of a command that passes another's exit code on: see own_exits. */
	WAKE_EXIT_OWN = 125,
	WAKE_EXIT_NOT_EXECUTABLE = 126,
	WAKE_EXIT_NO_COMMAND = 127
};

struct wake_exit_row {
	enum wake_exit code;
	const char *meaning;
};
extern const struct wake_exit_row wake_exits[WAKE_EXIT_COUNT];

/* What an error code means as an exit code, where the command says nothing else. */
enum wake_exit wake_exit_of(enum wake_code code);

struct wake_command;

struct wake_command_context {
	const struct wake_command *command;
	struct wake_options options;	/* parsed by the command's table; owned by main */
	struct wake_paths paths;	/* owned by main; zeroed for a command that needs none */
	char *program;			/* absolute path of this program; owned by main */
	bool ignores_pipe;		/* SIGPIPE was ignored already when we began */
	enum wake_exit failure;         /* set by wake_command_fail; else wake_exit_of(err->code) counts */
};

struct wake_example {
	const char *line;	/* what to type */
	const char *about;	/* what it does; one sentence */
};

/* Returns an exit code (enum wake_exit), or a negative wake_code with err filled, which main prints. */
typedef int (*wake_command_function)(struct wake_command_context *context, struct wake_error *err);

struct wake_command {
	const char *name;
	const char *group; /* heading in `runwake help`; NULL: hidden (not listed, no man page) */
	const char *summary;		/* one line, lower case, without full stop */
	const char *const *usage;	/* what follows "runwake NAME ", a line each; NULL-terminated */
	const char *const *description;	/* paragraphs; NULL-terminated */
	const struct wake_option *options; /* ends with a row whose name is NULL */
	const struct wake_example *examples; /* ends with a row whose line is NULL; may be NULL */
	const char *exits;		/* the exit codes it gives besides 0 and 2, as digits: "1346" */
	/* Its exit code is another program's: every failure of its own exits WAKE_EXIT_OWN, or as it says itself. These
	 * rows, the last one's meaning NULL, take the place of the usual ones. NULL: it has the usual ones. */
	const struct wake_exit_row *own_exits;
	size_t words_min, words_max;	/* how many words it takes; words_max SIZE_MAX: any number */
	bool no_paths;			/* works without a home directory */
	bool is_program;		/* a program of its own, runwake-NAME: only told of here */
	wake_command_function run;
};

/* Fills err and says which exit code this failure means. Returns a negative code. */
int wake_command_fail(struct wake_command_context *context, enum wake_exit failure, struct wake_error *err,
    const char *fmt, ...) WAKE_PRINTF(4, 5);

#endif
