/* SPDX-License-Identifier: MIT */
/* How a run stands, of what a service says. */
#include <string.h>

#include "agent/remote_run.h"

#define CLOCKS_DIFFER (5 * 60 * WAKE_SECOND)

enum word { UNKNOWN, PENDING, RUNNING, COMPLETED, FAILED, KILLED, TIMED_OUT, LOST };

static enum word word_of(const char *status)
{
	static const struct {
		const char *text;
		enum word word;
	} words[] = { { "pending", PENDING }, { "queued", PENDING }, { "running", RUNNING },
		{ "completed", COMPLETED }, { "failed", FAILED }, { "error", FAILED }, { "killed", KILLED },
		{ "terminated", KILLED }, { "cancelled", KILLED }, { "timeout", TIMED_OUT },
		{ "timeout_killed", TIMED_OUT }, { "orphaned", LOST } };

	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		if (strcmp(status, words[i].text) == 0)
			return words[i].word;
	}
	return UNKNOWN;
}

/* What a rule asks of the facts. */
enum question { ALWAYS, IS_OVER_WELL, IS_OVER_BADLY, REACHED_TURNS, SUCCEEDED, DID_NOT_SUCCEED };

static bool answers(const struct wake_remote_facts *facts, enum question question)
{
	bool is_well = strcmp(facts->completion, "completed_successfully") == 0;
	bool is_bad = strcmp(facts->completion, "failed") == 0;
	bool is_over = facts->is_running == WAKE_REMOTE_NO && facts->completed > 0;

	switch (question) {
	case ALWAYS:
		return true;
	case IS_OVER_WELL:
		return is_over && facts->success == WAKE_REMOTE_YES && is_well;
	case IS_OVER_BADLY:
		return is_over && (is_bad || facts->success == WAKE_REMOTE_NO) && facts->error;
	case REACHED_TURNS:
		return strcmp(facts->completion, "max_turns_reached") == 0;
	case SUCCEEDED:
		return facts->success == WAKE_REMOTE_YES && is_well && !facts->error;
	case DID_NOT_SUCCEED:
		return facts->success == WAKE_REMOTE_NO || is_bad ||
		       (facts->has_exit_code && facts->exit_code != 0);
	}
	return false;
}

static const struct {
	enum word word;
	enum question asks;
	enum wake_remote_state state;
	const char *status, *error;
} rules[] = {
	{ PENDING, ALWAYS, WAKE_REMOTE_WAITS, NULL, NULL },
	/* The row was not written when the agent ended. */
	{ RUNNING, IS_OVER_WELL, WAKE_REMOTE_ENDED, "completed", NULL },
	{ RUNNING, IS_OVER_BADLY, WAKE_REMOTE_ENDED, "failed", NULL },
	{ RUNNING, ALWAYS, WAKE_REMOTE_RUNS, NULL, NULL },
	{ TIMED_OUT, ALWAYS, WAKE_REMOTE_ENDED, "failed", "the service's time limit was reached" },
	{ LOST, ALWAYS, WAKE_REMOTE_ENDED, "failed", "the service lost the run's process" },
	/* Killing a run that has completed changes its word alone. */
	{ KILLED, SUCCEEDED, WAKE_REMOTE_ENDED, "completed", NULL },
	{ KILLED, ALWAYS, WAKE_REMOTE_ENDED, "killed", NULL },
	{ FAILED, REACHED_TURNS, WAKE_REMOTE_ENDED, "failed", "the limit of turns was reached" },
	/* Services called a success failed where something beside the agent went wrong. */
	{ FAILED, SUCCEEDED, WAKE_REMOTE_ENDED, "completed", NULL },
	{ FAILED, ALWAYS, WAKE_REMOTE_ENDED, "failed", NULL },
	{ COMPLETED, REACHED_TURNS, WAKE_REMOTE_ENDED, "failed", "the limit of turns was reached" },
	/* An error of the agent's API comes as a success with an error in it. */
	{ COMPLETED, DID_NOT_SUCCEED, WAKE_REMOTE_ENDED, "failed",
	    "the service calls it completed and no success" },
	{ COMPLETED, ALWAYS, WAKE_REMOTE_ENDED, "completed", NULL },
	{ UNKNOWN, ALWAYS, WAKE_REMOTE_UNCLEAR, NULL, NULL },
};

void wake_remote_decide(const struct wake_remote_facts *facts, struct wake_remote_verdict *ret_verdict)
{
	enum word word = word_of(facts->status);
	size_t i = 0;

	while (rules[i].word != word || !answers(facts, rules[i].asks))
		i++;
	*ret_verdict = (struct wake_remote_verdict){ .state = rules[i].state,
		.status = rules[i].status,
		.error = rules[i].error,
		.is_contradicted =
		    rules[i].state == WAKE_REMOTE_ENDED && facts->is_running == WAKE_REMOTE_YES };
}

int64_t wake_remote_clamp(int64_t told, int64_t earliest, int64_t latest)
{
	if (told <= 0 || told < earliest - CLOCKS_DIFFER || told > latest + CLOCKS_DIFFER)
		return latest;
	if (told < earliest)
		return earliest;
	return told > latest ? latest : told;
}
