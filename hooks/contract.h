/* SPDX-License-Identifier: MIT */
/* What the hooks, the shims that run them, `install` and `doctor` agree upon. */
#ifndef WAKE_HOOK_CONTRACT_H
#define WAKE_HOOK_CONTRACT_H

#define WAKE_HOOK_SHIM "RUNWAKE_SHIM"          /* environment: a shim runs us, and does the chaining */
#define WAKE_HOOK_PROBE "RUNWAKE_PROBE"        /* environment: a word to say again; do and run nothing else */
#define WAKE_HOOK_PROBE_ANSWER "runwake-probe" /* "runwake-probe NAME WORD VERSION" on standard error */

#define WAKE_HOOK_CHAINED_SUFFIX ".runwake-chained"      /* what the hook is called that a shim hides */
#define WAKE_HOOK_SHIM_MARK "#!/bin/sh\n# runwake-shim " /* how a shim begins */

#define WAKE_HOOK_TOLD "runwake/told" /* in COMMON_DIR: what a hook told last, and by its time when */

#endif
