/* SPDX-License-Identifier: MIT */
/* post-commit, post-merge and post-applypatch: HEAD has just moved (githooks(5)). */
#include <string.h>

#include "hooks/hook.h"

/* `git merge --squash` runs post-merge with 1 and moves nothing. */
static void aim(const struct wake_hook_call *call, struct wake_witness *ret_witness)
{
	bool squash =
	    strcmp(call->name, "post-merge") == 0 && call->argc > 1 && strcmp(call->argv[1], "1") == 0;

	ret_witness->triggered = !squash;
}

int main(int argc, char **argv)
{
	static const struct wake_hook hook = { .aim = aim };

	return wake_hook_main(&hook, argc, argv);
}
