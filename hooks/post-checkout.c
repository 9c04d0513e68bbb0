/* SPDX-License-Identifier: MIT */
/* post-checkout OLD NEW FLAG: HEAD may have moved (githooks(5)); FLAG 0 is a checkout of files. */
#include <string.h>

#include "hooks/hook.h"

/* Where OLD is NEW, it may have been `git checkout` without a word, which writes no line: the log's last one
 * is then another's. */
static void aim(const struct wake_hook_call *call, struct wake_witness *ret_witness)
{
	if (call->argc < 4 || strcmp(call->argv[3], "1") != 0 || strcmp(call->argv[1], call->argv[2]) == 0)
		return;
	ret_witness->triggered = true;
	ret_witness->triggered_new = call->argv[2];
}

int main(int argc, char **argv)
{
	static const struct wake_hook hook = { .aim = aim };

	return wake_hook_main(&hook, argc, argv);
}
