/* SPDX-License-Identifier: MIT */
/* The hook that would have run if ours were not there.
 *
 * Ours was put into a repository as a symbolic link where no hook was: nothing to chain. Where one was, a
 * shell shim runs ours and then that one (WAKE_HOOK_SHIM is set for ours). Only a core.hooksPath that names
 * our own directory hides the repository's COMMON_DIR/hooks/NAME: then we run that. */
#ifndef WAKE_CHAIN_H
#define WAKE_CHAIN_H

#include <stdbool.h>

#include "hooks/contract.h"
#include "hooks/input.h"

/* Path of the hook to run after ours; NULL: none. argv0 is what git called us by. owned: free(3). */
char *wake_chain_find(const char *argv0, const char *common_dir, const char *name);

/* Becomes that hook, with the same arguments, environment, directory and input. Returns only when that
 * fails: the exit code to give git, err filled. */
int wake_chain_exec(
    const char *path, char **argv, const struct wake_hook_input *input, struct wake_error *err);

#endif
