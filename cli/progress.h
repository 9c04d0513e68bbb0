/* SPDX-License-Identifier: MIT */
/* How far a long piece of work is, on standard error: a line that is written over on a terminal, else a line every
 * few seconds, so that a log of it stays short. */
#ifndef WAKE_PROGRESS_H
#define WAKE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct wake_progress {
	bool terminal;
	bool shown;	/* a line stands on the terminal */
	int64_t next;	/* when the next one is due (monotonic) */
};

void wake_progress_begin(struct wake_progress *progress);
/* what: harmless text; total -1: not known. */
void wake_progress_say(struct wake_progress *progress, const char *what, int64_t done, int64_t total);
void wake_progress_end(struct wake_progress *progress);

#endif
