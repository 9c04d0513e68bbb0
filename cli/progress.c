/* SPDX-License-Identifier: MIT */
/* How far a long piece of work is. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define ON_TERMINAL (WAKE_SECOND / 10)
#define IN_LOG (5 * WAKE_SECOND)

void wake_progress_begin(struct wake_progress *progress)
{
	const char *term = getenv("TERM");
	bool terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;

	*progress = (struct wake_progress){ .terminal = terminal };
	/* What is done at once needs no line. */
	progress->next = wake_clock_monotonic() + (terminal ? ON_TERMINAL : IN_LOG);
}

void wake_progress_say(struct wake_progress *progress, const char *what, int64_t done, int64_t total)
{
	int64_t now = wake_clock_monotonic();
	char of[64] = "";

	if (now < progress->next)
		return;
	progress->next = now + (progress->terminal ? ON_TERMINAL : IN_LOG);
	if (total > 0)
		(void)snprintf(of, sizeof(of), " of %" PRId64 " (%d %%)", total,
		    done < total ? (int)((double)done * 100 / (double)total) : 100);
	if (progress->terminal)
		(void)fprintf(stderr, "\r\033[K%s: %" PRId64 "%s", what, done, of);
	else
		(void)fprintf(stderr, "runwake: %s: %" PRId64 "%s\n", what, done, of);
	progress->shown = progress->terminal;
}

void wake_progress_end(struct wake_progress *progress)
{
	if (progress->shown)
		(void)fprintf(stderr, "\r\033[K");
	progress->shown = false;
}
