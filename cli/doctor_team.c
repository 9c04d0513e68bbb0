/* SPDX-License-Identifier: MIT */
/* The doctor on what a store shares with a team: the role in use, what waits to be folded, what waits to be
 * told. */
#include <inttypes.h>

#include "cli/db.h"
#include "cli/doctor.h"

static int check_role(
    const struct wake_rights *rights, const char *url, struct wake_findings *findings, struct wake_error *err)
{
	if (!*rights->name || rights->role == WAKE_ROLE_FULL)
		return WAKE_OK;
	if (rights->role == WAKE_ROLE_MACHINE)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "role", url,
		    "keep a store in a file (runwake db use sqlite:/PATH) and name this database by the "
		    "setting runwake.feed",
		    err,
		    "the role '%s' may insert events and no more: nothing can be recorded with it directly",
		    rights->name);
	return wake_findings_add(findings, WAKE_FINDING_NOTE, "role", url,
	    "where this machine is to record, have the database's owner grant the rest", err,
	    "%s, as '%s': lacks %s", wake_role_name(rights->role), rights->name, rights->lacks);
}

static int check_waiting(const struct wake_team_state *state, const char *url, struct wake_findings *findings,
    struct wake_error *err)
{
	const struct wake_waiting *waiting = &state->waiting;
	int ret = WAKE_OK;

	if (waiting->events > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_NOTE, "ledger", url, "runwake db fold", err,
		    "%" PRId64 " events of machines wait to be folded", waiting->events);
	if (ret == WAKE_OK && waiting->set_aside > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "ledger", url,
		    "runwake db fold tries them once more; look at what is left: select * from workflow_events "
		    "where set_aside is not null",
		    err,
		    "%" PRId64 " events of machines were set aside, the latest one because: %s",
		    waiting->set_aside, waiting->reason);
	if (ret == WAKE_OK && state->partitions.overdue)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "ledger", url,
		    "runwake db migrate --optional partitions", err,
		    "no more months are ready for the ledger's next events");
	return ret;
}

static int check_feed(
    const struct wake_team_state *state, struct wake_findings *findings, struct wake_error *err)
{
	const struct wake_feed_counts *counts = &state->feed_counts;
	const char *url = state->feed.url;
	int ret;

	if (!url)
		return WAKE_OK;
	if (*state->feed.problem)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "feed", url,
		    "until the database takes them, they wait in the store here and are not lost", err,
		    "%" PRId64 " events wait to be told: %s", counts->waiting, state->feed.problem);
	else
		ret = wake_findings_add(findings, WAKE_FINDING_OK, "feed", url, NULL, err,
		    "%" PRId64 " events wait to be told", counts->waiting);
	if (ret == WAKE_OK && counts->refused > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "feed", url,
		    "look at them: select * from workflow_unfed where refused is not null", err,
		    "the database refused %" PRId64 " events, the latest one because: %s", counts->refused,
		    counts->refusal);
	return ret;
}

int wake_doctor_team(
    struct wake_store *store, const char *url, struct wake_findings *findings, struct wake_error *err)
{
	WAKE_CLEANUP(wake_team_state_release) struct wake_team_state state = { 0 };
	struct wake_error failure = { 0 };
	int ret = wake_team_state_read(store, &state, &failure);

	if (ret < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "store", url, "runwake db status",
		    err, "%s", failure.text);
	ret = check_role(&state.rights, url, findings, err);
	if (ret == WAKE_OK)
		ret = check_waiting(&state, url, findings, err);
	return ret == WAKE_OK ? check_feed(&state, findings, err) : ret;
}
