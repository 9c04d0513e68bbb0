/* SPDX-License-Identifier: MIT */
/* A hook program about itself. */
#include "hooks/program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "hooks/contract.h"
#include "hooks/tell.h"

#define PROBE_MAX 64            /* bytes of the probe's word */
#define SELF_MAX (64 * 1024) /* bytes of our own path */
#define PREFIX_TO_HOOKS "/libexec/runwake/hooks/"

char *wake_hook_find_runwake(void)
{
	struct wake_error err = { 0 };
	wake_auto_free char *self = malloc(SELF_MAX);
	ssize_t len = self ? readlink("/proc/self/exe", self, SELF_MAX - 1) : -1;
	char *end = NULL, *runwake = NULL;

	if (len < 0)
		return NULL;
	self[len] = '\0';
	end = strrchr(self, '/');
	if (!end || end - self < (ssize_t)strlen(PREFIX_TO_HOOKS))
		return NULL;
	end -= strlen(PREFIX_TO_HOOKS) - 1;
	if (strncmp(end, PREFIX_TO_HOOKS, strlen(PREFIX_TO_HOOKS)) != 0)
		return NULL;
	*end = '\0';
	return wake_str_format(&runwake, &err, "%s/bin/runwake", self) < 0 ? NULL : runwake;
}

/* git hook run NAME with the probe's word: proves that git reaches us here, and touches nothing. */
bool wake_hook_answer_probe(const char *name)
{
	const char *word = getenv(WAKE_HOOK_PROBE);

	if (!word)
		return false;
	wake_tell(WAKE_HOOK_PROBE_ANSWER " %s %.*s " RUNWAKE_VERSION, name, PROBE_MAX, word);
	return true;
}
