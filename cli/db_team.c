/* SPDX-License-Identifier: MIT */
/* What `runwake db status` and the doctor say of a store that a team shares, or that is fed to one. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/db.h"
#include "cli/run_text.h"

/* Counting takes the right to read; a role that may not is told by its name alone. */
static int read_waiting(struct wake_store *store, struct wake_team_state *state, struct wake_error *err)
{
	int ret;

	if (state->rights.role == WAKE_ROLE_NONE || state->rights.role == WAKE_ROLE_MACHINE)
		return WAKE_OK;
	ret = wake_waiting_count(store, &state->waiting, err);
	return ret == WAKE_OK ? wake_partitions_read(store, &state->partitions, err) : ret;
}

int wake_team_state_read(struct wake_store *store, struct wake_team_state *ret_state, struct wake_error *err)
{
	struct wake_team_state state = { .partitions.until = WAKE_TIME_NONE };
	int ret = wake_rights_read(store, &state.rights, err);

	if (ret == WAKE_OK)
		ret = read_waiting(store, &state, err);
	if (ret == WAKE_OK)
		ret = wake_feed_count(store, &state.feed_counts, err);
	if (ret == WAKE_OK)
		ret = wake_feed_read(store, &state.feed, err);
	if (ret == WAKE_OK)
		*ret_state = state;
	return ret;
}

void wake_team_state_release(struct wake_team_state *state)
{
	wake_feed_state_release(&state->feed);
}

int wake_team_state_json(const struct wake_team_state *state, json_t *document, struct wake_error *err)
{
	const char *name = *state->rights.name ? state->rights.name : NULL;
	const char *reason = *state->waiting.reason ? state->waiting.reason : NULL;
	const char *problem = *state->feed.problem ? state->feed.problem : NULL;
	const char *refusal = *state->feed_counts.refusal ? state->feed_counts.refusal : NULL;
	char until[WAKE_TIME_SIZE] = "";
	wake_auto_json json_t *members = NULL;

	if (state->partitions.until != WAKE_TIME_NONE)
		wake_time_format(state->partitions.until, until);
	members = json_pack("{s:s,s:s?,s:s,s:I,s:I,s:s?,s:s?,s:b,s:s?,s:I,s:I,s:s?,s:s?}", "role",
	    wake_role_name(state->rights.role), "role_name", name, "role_lacks", state->rights.lacks,
	    "events_to_fold", (json_int_t)state->waiting.events, "events_set_aside",
	    (json_int_t)state->waiting.set_aside, "set_aside_reason", reason, "partitions_until",
	    *until ? until : NULL, "partitions_overdue", state->partitions.overdue, "feed", state->feed.url,
	    "feed_waiting", (json_int_t)state->feed_counts.waiting, "feed_refused",
	    (json_int_t)state->feed_counts.refused, "feed_refusal", refusal, "feed_problem", problem);
	if (!members || json_object_update(document, members) < 0)
		return wake_fail_nomem(err);
	return WAKE_OK;
}

static void append_rights(const struct wake_rights *rights, struct wake_str *out)
{
	char line[512];

	if (!*rights->name)
		return;
	(void)snprintf(line, sizeof(line), "%s (%s)%s%s", wake_role_name(rights->role), rights->name,
	    *rights->lacks ? "; lacks " : "", rights->lacks);
	wake_field_append(out, "role", WAKE_STYLE_PLAIN, line);
}

static void append_waiting(const struct wake_waiting *waiting, struct wake_str *out)
{
	char line[512];

	if (waiting->events > 0) {
		(void)snprintf(line, sizeof(line), "%" PRId64 " event%s wait%s (runwake db fold)",
		    waiting->events, waiting->events == 1 ? "" : "s", waiting->events == 1 ? "s" : "");
		wake_field_append(out, "to fold", WAKE_STYLE_PLAIN, line);
	}
	if (waiting->set_aside > 0) {
		(void)snprintf(line, sizeof(line), "%" PRId64 " event%s, the latest because: %s",
		    waiting->set_aside, waiting->set_aside == 1 ? "" : "s", waiting->reason);
		wake_field_append(out, "set aside", WAKE_STYLE_WARN, line);
	}
}

static void append_partitions(const struct wake_partitions *partitions, struct wake_str *out)
{
	char until[WAKE_TIME_SIZE], line[128];

	if (partitions->until == WAKE_TIME_NONE)
		return;
	wake_time_format(partitions->until, until);
	(void)snprintf(line, sizeof(line), "by month, until %.10s%s", until,
	    partitions->overdue ? "; run 'runwake db migrate --optional partitions'" : "");
	wake_field_append(out, "partitions", partitions->overdue ? WAKE_STYLE_WARN : WAKE_STYLE_PLAIN, line);
}

static void append_feed(const struct wake_team_state *state, struct wake_str *out)
{
	const struct wake_feed_counts *counts = &state->feed_counts;
	char line[WAKE_ERROR_TEXT_SIZE + 128];

	if (!state->feed.url)
		return;
	wake_field_append(out, "feeds", WAKE_STYLE_PLAIN, state->feed.url);
	(void)snprintf(line, sizeof(line), "%" PRId64 " event%s wait%s to be told%s%s", counts->waiting,
	    counts->waiting == 1 ? "" : "s", counts->waiting == 1 ? "s" : "",
	    *state->feed.problem ? ": " : "", state->feed.problem);
	wake_field_append(out, "", *state->feed.problem ? WAKE_STYLE_WARN : WAKE_STYLE_PLAIN, line);
	if (counts->refused > 0) {
		(void)snprintf(line, sizeof(line), "%" PRId64 " event%s refused, the latest because: %s",
		    counts->refused, counts->refused == 1 ? " was" : "s were", counts->refusal);
		wake_field_append(out, "", WAKE_STYLE_WARN, line);
	}
}

void wake_team_state_append(const struct wake_team_state *state, struct wake_str *out)
{
	append_rights(&state->rights, out);
	append_waiting(&state->waiting, out);
	append_partitions(&state->partitions, out);
	append_feed(state, out);
}
