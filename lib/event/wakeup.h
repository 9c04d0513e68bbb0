/* SPDX-License-Identifier: MIT */
/* Waking the recorder from a witness that must not wait: after the append, ask whether the spool is drained now, or
 * a recorder has failed a moment ago (event/spool.h); if not, start `runwake record` detached (double fork, setsid,
 * chdir /, 0–2 on /dev/null, every other descriptor closed, signals reset, GIT_* taken out of the environment). */
#ifndef WAKE_WAKEUP_H
#define WAKE_WAKEUP_H

/* runwake: absolute path of the program. Never fails and never waits for it. */
void wake_wakeup_recorder(const char *spool, const char *runwake);

/* Any program in that way. argv: its absolute path and what follows, NULL-terminated. */
void wake_wakeup_detached(const char *const *argv);

#endif
