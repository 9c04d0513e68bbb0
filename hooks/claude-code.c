/* SPDX-License-Identifier: MIT */
/* The hook of Claude Code, for each of its events. */
#include "hooks/agent.h"

int main(int argc, char **argv)
{
	return wake_agent_hook_main(argc, argv);
}
