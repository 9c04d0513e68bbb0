/* SPDX-License-Identifier: MIT */
/* A hook program about itself: where it lies, and that it was reached. */
#ifndef WAKE_HOOK_PROGRAM_H
#define WAKE_HOOK_PROGRAM_H

#include <stdbool.h>

/* PREFIX/libexec/runwake/hooks/NAME → PREFIX/bin/runwake; NULL if we do not lie there. owned: free(3). */
char *wake_hook_find_runwake(void);

/* Where the probe asks (contract.h), answers it: then nothing else is to be done. */
bool wake_hook_answer_probe(const char *name);

#endif
