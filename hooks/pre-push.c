/* SPDX-License-Identifier: MIT */
/* pre-push REMOTE URL: a push is about to be tried (githooks(5)); it also runs on --dry-run, so it proves no
 * push. */
#include "hooks/push.h"

/* A push moves no HEAD. */
static void aim(const struct wake_hook_call *call, struct wake_witness *ret_witness)
{
	(void)call;
	ret_witness->triggered = false;
}

int main(int argc, char **argv)
{
	static const struct wake_hook hook = {
		.reads_input = true,
		.durable = true,
		.aim = aim,
		.add = wake_push_add,
	};

	return wake_hook_main(&hook, argc, argv);
}
