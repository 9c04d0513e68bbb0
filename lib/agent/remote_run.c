/* SPDX-License-Identifier: MIT */
/* Reading a service's answer. */
#include "agent/remote_run.h"

#include <stdlib.h>
#include <string.h>

#include "agent/remote_parts.h"

#define TURNS_MAX INT64_C(1000000000) /* the event's own maxima, event/event_types.c */
#define TOKENS_MAX INT64_C(1000000000000)
#define COST_MAX INT64_C(999999999999)
#define TEXT_MAX WAKE_EVENT_TEXT_MAX
#define SESSION_MAX 256
#define EXIT_MAX 255
#define TIME_TEXT_MAX 64

enum {
	RUN_ID,
	STATUS,
	STARTED,
	CREATED,
	COMPLETED,
	PROGRESS,
	METRICS,
	RESULT,
	MODEL,
	ERROR,
	ERROR_MESSAGE,
	AGENT_SESSION,
	EXIT_CODE,
	TURNS,
	CURRENT_TURNS,
	COST,
	TOTAL_COST,
	INPUT,
	OUTPUT,
	SUCCESS,
	IS_ERROR,
	RUNNING,
	WORKFLOW,
	MEMBERS
};
static const char *const members[MEMBERS] = { "run_id", "status", "started_at", "created_at", "completed_at",
	"progress", "metrics", "result", "ai_model", "error", "error_message", "claude_session_id",
	"exit_code", "turns", "current_turns", "cost", "total_cost", "input_tokens", "output_tokens",
	"success", "is_error", "is_running", "workflow_name" };

enum { P_TURNS, P_PHASE, P_RUNNING, P_MEMBERS };
static const char *const progress_members[P_MEMBERS] = { "turns", "current_phase", "is_running" };

enum { M_COST, M_TOKENS, M_MODEL, M_MEMBERS };
static const char *const metrics_members[M_MEMBERS] = { "cost_usd", "tokens", "model" };

enum { T_INPUT, T_OUTPUT, T_CREATED, T_READ, T_MEMBERS };
static const char *const token_members[T_MEMBERS] = { "input", "output", "cache_created", "cache_read" };

enum { R_SUCCESS, R_COMPLETION, R_MESSAGE, R_OUTPUT, R_ERROR, R_IS_ERROR, R_MEMBERS };
static const char *const result_members[R_MEMBERS] = { "success", "completion_type", "message",
	"final_output", "error", "is_error" };

static bool count(struct wake_scan value, int64_t max, int64_t *ret_count)
{
	int64_t found;

	if (!value.at || !wake_scan_count(value, &found) || found > max)
		return false;
	*ret_count = found;
	return true;
}

static bool cost(struct wake_scan value, int64_t *ret_cost)
{
	int64_t found;

	if (!value.at || !wake_scan_millionths(value, &found) || found > COST_MAX)
		return false;
	*ret_cost = found;
	return true;
}

static bool is_false(struct wake_scan value)
{
	return value.at && value.len == 5 && memcmp(value.at, "false", 5) == 0;
}

static enum wake_remote_word word(struct wake_scan value)
{
	if (value.at && wake_scan_is_true(value))
		return WAKE_REMOTE_YES;
	return is_false(value) ? WAKE_REMOTE_NO : WAKE_REMOTE_UNTOLD;
}

/* An empty text is none. */
static int text(struct wake_scan value, size_t max, char **place, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(2 * TEXT_MAX);
	int ret;

	if (*place || !value.at || !wake_scan_is_string(value))
		return WAKE_OK;
	wake_scan_append(value, max, &out);
	ret = wake_str_check(&out, err);
	return ret == WAKE_OK && out.len > 0 ? wake_str_steal(&out, place, err) : ret;
}

/* Python's isoformat() of a time without a zone: such services mean UTC by it, as far as they mean anything.
 */
int64_t wake_remote_time(struct wake_scan value)
{
	char buffer[TIME_TEXT_MAX + 2];
	struct wake_error ignored;
	size_t len;
	int64_t at = 0;

	if (!value.at)
		return 0;
	(void)wake_scan_copy(value, buffer, TIME_TEXT_MAX);
	len = strlen(buffer);
	if (len > 10 && buffer[10] == ' ')
		buffer[10] = 'T';
	if (wake_time_parse(buffer, &at, &ignored) == WAKE_OK)
		return at > 0 ? at : 0;
	memcpy(buffer + len, "Z", 2);
	return wake_time_parse(buffer, &at, &ignored) == WAKE_OK && at > 0 ? at : 0;
}

static void read_tokens(struct wake_remote_facts *facts, struct wake_scan tokens)
{
	struct wake_scan views[T_MEMBERS];

	/* Of an input without its output, or the sum alone, no cost could be told: all or nothing. */
	if (!tokens.at || !wake_scan_pick(tokens, token_members, T_MEMBERS, views))
		return;
	facts->has_tokens = count(views[T_INPUT], TOKENS_MAX, &facts->input) &&
	                    count(views[T_OUTPUT], TOKENS_MAX, &facts->output);
	if (!facts->has_tokens)
		return;
	(void)count(views[T_CREATED], TOKENS_MAX, &facts->cache_write);
	(void)count(views[T_READ], TOKENS_MAX, &facts->cache_read);
}

static void read_progress(struct wake_remote_facts *facts, struct wake_scan progress)
{
	struct wake_scan views[P_MEMBERS];

	if (!progress.at || !wake_scan_pick(progress, progress_members, P_MEMBERS, views))
		return;
	facts->has_turns = count(views[P_TURNS], TURNS_MAX, &facts->turns);
	facts->is_running = word(views[P_RUNNING]);
	(void)wake_scan_copy(views[P_PHASE], facts->phase, sizeof(facts->phase));
}

static void read_metrics(struct wake_remote_facts *facts, struct wake_scan metrics)
{
	struct wake_scan views[M_MEMBERS];

	if (!metrics.at || !wake_scan_pick(metrics, metrics_members, M_MEMBERS, views))
		return;
	facts->has_cost = cost(views[M_COST], &facts->cost);
	(void)wake_scan_copy(views[M_MODEL], facts->model, sizeof(facts->model));
	read_tokens(facts, views[M_TOKENS]);
}

/* An object in the nested shape, a text in the flat one. */
static int read_result(struct wake_remote_facts *facts, struct wake_scan result, struct wake_error *err)
{
	struct wake_scan views[R_MEMBERS];
	int ret;

	if (!result.at || !wake_scan_is_object(result) ||
	    !wake_scan_pick(result, result_members, R_MEMBERS, views))
		return text(result, TEXT_MAX, &facts->result, err);
	facts->success = word(views[R_SUCCESS]);
	if (views[R_IS_ERROR].at && wake_scan_is_true(views[R_IS_ERROR]))
		facts->success = WAKE_REMOTE_NO;
	(void)wake_scan_copy(views[R_COMPLETION], facts->completion, sizeof(facts->completion));
	ret = text(views[R_OUTPUT], TEXT_MAX, &facts->result, err);
	if (ret == WAKE_OK)
		ret = text(views[R_ERROR], TEXT_MAX, &facts->error, err);
	/* message is the service's own summary: the error's text where there is no other. */
	if (ret == WAKE_OK && facts->success == WAKE_REMOTE_NO)
		ret = text(views[R_MESSAGE], TEXT_MAX, &facts->error, err);
	return ret;
}

/* What stands beside status, and where the nested shape has told nothing. */
static int read_flat(
    struct wake_remote_facts *facts, const struct wake_scan views[MEMBERS], struct wake_error *err)
{
	int ret = text(views[ERROR_MESSAGE], TEXT_MAX, &facts->error, err);

	if (ret == WAKE_OK)
		ret = text(views[ERROR], TEXT_MAX, &facts->error, err);
	if (ret == WAKE_OK)
		ret = text(views[AGENT_SESSION], SESSION_MAX, &facts->session, err);
	if (!*facts->model)
		(void)wake_scan_copy(views[MODEL], facts->model, sizeof(facts->model));
	if (!facts->has_turns)
		facts->has_turns = count(views[TURNS], TURNS_MAX, &facts->turns) ||
		                   count(views[CURRENT_TURNS], TURNS_MAX, &facts->turns);
	if (!facts->has_cost)
		facts->has_cost = cost(views[COST], &facts->cost) || cost(views[TOTAL_COST], &facts->cost);
	if (!facts->has_tokens)
		facts->has_tokens = count(views[INPUT], TOKENS_MAX, &facts->input) &&
		                    count(views[OUTPUT], TOKENS_MAX, &facts->output);
	facts->has_exit_code = count(views[EXIT_CODE], EXIT_MAX, &facts->exit_code);
	if (facts->success == WAKE_REMOTE_UNTOLD)
		facts->success = word(views[SUCCESS]);
	if (views[IS_ERROR].at && wake_scan_is_true(views[IS_ERROR]))
		facts->success = WAKE_REMOTE_NO;
	if (facts->is_running == WAKE_REMOTE_UNTOLD)
		facts->is_running = word(views[RUNNING]);
	return ret;
}

static void read_head(struct wake_remote_facts *facts, const struct wake_scan views[MEMBERS])
{
	(void)wake_scan_copy(views[STATUS], facts->status, sizeof(facts->status));
	(void)wake_scan_copy(views[WORKFLOW], facts->workflow, sizeof(facts->workflow));
	(void)wake_scan_copy(views[RUN_ID], facts->run_id, sizeof(facts->run_id));
	facts->started = wake_remote_time(views[STARTED]);
	if (!facts->started)
		facts->started = wake_remote_time(views[CREATED]);
	facts->completed = wake_remote_time(views[COMPLETED]);
}

int wake_remote_facts_read(
    const char *bytes, size_t len, struct wake_remote_facts *ret_facts, struct wake_error *err)
{
	wake_auto_remote_facts struct wake_remote_facts facts = { 0 };
	struct wake_scan whole, views[MEMBERS];
	int ret;

	if (!wake_scan_take(&bytes, &len, &whole) || !wake_scan_pick(whole, members, MEMBERS, views) ||
	    !views[STATUS].at || !wake_scan_is_string(views[STATUS]))
		return wake_fail(err, WAKE_INVALID, "the answer is no run's status");
	read_head(&facts, views);
	read_progress(&facts, views[PROGRESS]);
	read_metrics(&facts, views[METRICS]);
	ret = read_result(&facts, views[RESULT], err);
	if (ret == WAKE_OK)
		ret = read_flat(&facts, views, err);
	if (ret < 0)
		return ret;
	*ret_facts = facts;
	facts = (struct wake_remote_facts){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_remote_facts_release(struct wake_remote_facts *facts)
{
	free(facts->session);
	free(facts->result);
	free(facts->error);
	*facts = (struct wake_remote_facts){ 0 };
}
