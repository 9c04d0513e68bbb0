/* SPDX-License-Identifier: MIT */
/* Made here, or brought in? The rules stand in made.h. */
#include "git/made.h"

#include <stddef.h>
#include <string.h>

#include "event/reflog.h"

#define PLUMBING_LAG_MAX 60 /* seconds between `git commit-tree` and the movement to its commit */

static const char *const graph_names[] = {
	[WAKE_GRAPH_NONE] = "none",
	[WAKE_GRAPH_PARENT] = "parent",
	[WAKE_GRAPH_SAME_PARENTS] = "same-parents",
	[WAKE_GRAPH_ROOT] = "root",
};

static struct wake_verdict made(const char *reason)
{
	return (struct wake_verdict){ .made = true, .reason = reason };
}

static struct wake_verdict brought(const char *reason)
{
	return (struct wake_verdict){ .made = false, .reason = reason };
}

struct wake_verdict wake_made_judge(const struct wake_made_facts *facts)
{
	bool fits = facts->graph != WAKE_GRAPH_NONE;
	bool signed_by_line = facts->has_line && facts->committer_is_line;
	bool own_commit = signed_by_line && facts->flags & WAKE_REFLOG_COMMIT;

	if (!facts->moved)
		return brought("no-movement");
	if (facts->flags & WAKE_REFLOG_PUSH)
		return brought("push");
	if (facts->known_earlier && !own_commit)
		return brought("known");
	if (facts->known_remote && !own_commit)
		return brought("remote");
	if (signed_by_line)
		return made("committer");
	if (fits && facts->flags & WAKE_REFLOG_REPLAY)
		return made("replay");
	if (fits && facts->has_line && facts->same_committer && facts->lag >= 0 &&
	    facts->lag <= PLUMBING_LAG_MAX)
		return made("plumbing");
	return brought("none");
}

const char *wake_graph_name(enum wake_graph graph)
{
	return graph_names[graph];
}

enum wake_graph wake_graph_named(const char *name)
{
	for (size_t i = 0; name && i < sizeof(graph_names) / sizeof(graph_names[0]); i++) {
		if (strcmp(name, graph_names[i]) == 0)
			return (enum wake_graph)i;
	}
	return WAKE_GRAPH_NONE;
}
