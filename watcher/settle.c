/* SPDX-License-Identifier: MIT */
/* When edits have come to rest. */
#include "watcher/settle.h"

void wake_settle_touch(struct wake_settle *settle, int64_t now)
{
	if (!settle->pending)
		settle->first = now;
	settle->last = now;
	settle->pending = true;
}

int64_t wake_settle_due(const struct wake_settle *settle)
{
	int64_t quiet = settle->last + WAKE_SETTLE_QUIET;
	int64_t latest = settle->first + WAKE_SETTLE_LATEST;

	if (!settle->pending)
		return INT64_MAX;
	return quiet < latest ? quiet : latest;
}

bool wake_settle_take(struct wake_settle *settle, int64_t now)
{
	if (!settle->pending || (now >= settle->last && now < wake_settle_due(settle)))
		return false;
	settle->pending = false;
	return true;
}
