/* SPDX-License-Identifier: MIT */
/* What is written to a hook's standard input: read once by us, then, if it was git, given again to the hook that comes
 * after. */
#ifndef WAKE_HOOK_INPUT_H
#define WAKE_HOOK_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define WAKE_HOOK_INPUT_MAX (64 * 1024 * 1024) /* bytes that we keep; what is longer is only passed on */

struct wake_hook_input {
	char *data; /* owned */
	size_t len;
	size_t room;
	bool taken; /* something was read, so it has to be given again */
	bool whole; /* to its end; else the rest still waits in standard input */
};

/* Reads standard input to its end, or to max bytes: WAKE_INVALID. On failure what was read so far is kept. */
int wake_hook_input_read(struct wake_hook_input *input, size_t max, struct wake_error *err) WAKE_MUST_CHECK;

/* Reads the rest, and forgets it: who writes it gets no EPIPE. */
void wake_hook_input_drain(void);

/* Makes what was read, followed by what was not, standard input again. Before exec: a long text is fed by a
 * child that ends with its reader. */
int wake_hook_input_replay(const struct wake_hook_input *input, struct wake_error *err) WAKE_MUST_CHECK;

/* The next line from *at on, without its newline; false at the end. */
bool wake_hook_input_line(
    const struct wake_hook_input *input, size_t *at, const char **ret_line, size_t *ret_len);

void wake_hook_input_release(struct wake_hook_input *input);

#endif
