/* SPDX-License-Identifier: MIT */
/* An opening as events. */
#include <string.h>

#include "agent/transcript.h"

#define FAST "-fast" /* behind a model's id: the row of its fast mode */

/* Takes data over. name NULL: the event is known by what it says. */
static int add(struct wake_events *events, enum wake_event_type type, int64_t at, const char *name,
    json_t *data, struct wake_error *err)
{
	wake_auto_json json_t *owned = data;
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_LARGEST);
	wake_auto_event struct wake_event event = { 0 };
	char id[WAKE_ID_SIZE];
	int ret;

	wake_str_appendf(&text, "transcript %s ", wake_event_type_name(type));
	if (name)
		wake_str_append(&text, name);
	ret = name ? wake_str_check(&text, err) : wake_json_append(&text, owned, err);
	if (ret != WAKE_OK)
		return ret;
	wake_id_v8(at / 1000, text.data, text.len, id);
	ret = wake_event_make(type, id, at, json_incref(owned), &event, err);
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

static int begin(const struct wake_transcript_telling *telling, json_t **ret_data, struct wake_error *err)
{
	*ret_data = json_pack("{ss}", "run_id", telling->run_id);
	return *ret_data ? WAKE_OK : wake_fail_nomem(err);
}

static const char *agent_of(const struct wake_transcript_telling *telling)
{
	return telling->agent ? telling->agent : WAKE_AGENT_CLAUDE;
}

static int set_metadata(json_t *data, const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_error *err)
{
	json_t *metadata = json_object();
	int ret = wake_json_set(data, "metadata", metadata, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(metadata, "agent_version", opening->version, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(metadata, "agent_entrypoint", opening->entrypoint, err);
	return ret == WAKE_OK ? wake_json_set_string(metadata, "forked_from",
	                            telling->forked_from ? telling->forked_from : opening->forked_from, err)
	                      : ret;
}

static int set_place(json_t *data, const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_error *err)
{
	bool on_branch = opening->branch && strcmp(opening->branch, "HEAD") != 0;
	int ret = wake_json_set_string(data, "workspace_id", telling->workspace_id, err);

	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "workspace_path", telling->workspace_path, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "repository_id", telling->repository_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "worktree_id", telling->worktree_id, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "git_repo", telling->git_repo, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK && on_branch)
		ret = wake_event_set_text(data, "branch", opening->branch, WAKE_EVENT_NAME_MAX, err);
	return ret;
}

/* The task is left to the first prompt, which is told beside it. Known by its run alone: it began once. */
static int tell_start(const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *data = NULL;
	char conversation[WAKE_ID_SIZE];
	int ret;

	if (telling->is_announced)
		return WAKE_OK;
	wake_agent_conversation_id(agent_of(telling), telling->session, conversation);
	ret = begin(telling, &data, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "workflow", json_string("unknown"), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "task", json_string(""), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "agent_type", json_string(agent_of(telling)), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "session_id", conversation, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(
		    telling->redactor, data, "session_name", opening->title, 255, err);
	/* Where no texts are recorded, a conversation has no name rather than an empty one. */
	if (ret == WAKE_OK && json_string_length(json_object_get(data, "session_name")) == 0)
		(void)json_object_del(data, "session_name");
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "claim", false, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "parent_run_id", telling->parent_run_id, err);
	if (ret == WAKE_OK)
		ret = set_place(data, opening, telling, err);
	if (ret == WAKE_OK)
		ret = set_metadata(data, opening, telling, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_RUN_STARTED, opening->first, telling->run_id,
	                            json_incref(data), err)
	                      : ret;
}

static int tell_said(const struct wake_transcript_said *said, const struct wake_transcript_telling *telling,
    struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *data = NULL;
	int ret = begin(telling, &data, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(data, "role", json_string("user"), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "message", said->message, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "kind", said->kind, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(
		    telling->redactor, data, "text", said->text, WAKE_EVENT_TEXT_MAX, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_SAID, said->at, NULL, json_incref(data), err) : ret;
}

/* What the agent told it had cost, else its tokens by the table; unknown stays unknown. */
static int price(const struct wake_transcript_answer *answer, const struct wake_prices *prices, json_t *item,
    struct wake_error *err)
{
	char fast[WAKE_TRANSCRIPT_MODEL_MAX + sizeof(FAST)];
	const char *model = answer->model;
	struct wake_error ignored;
	int64_t cost = answer->cost;
	int ret = WAKE_OK;

	if (answer->is_fast) {
		(void)snprintf(fast, sizeof(fast), "%s" FAST, model);
		model = fast;
	}
	if (cost < 0)
		ret = wake_prices_cost(prices, model, answer->at, &answer->tokens, &cost, &ignored);
	return ret == WAKE_OK && cost <= WAKE_TRANSCRIPT_COST_MAX ? wake_json_set_int(item, "cost", cost, err)
	                                                          : WAKE_OK;
}

static int add_item(json_t *items, const struct wake_transcript_answer *answer,
    const struct wake_prices *prices, struct wake_error *err)
{
	const struct wake_tokens *tokens = &answer->tokens;
	char at[WAKE_TIME_SIZE];
	json_t *item;

	wake_time_format(answer->at, at);
	item = json_pack("{ss ss ss sI sI sI sI}", "response", answer->response, "at", at, "model",
	    answer->model, "input", (json_int_t)tokens->input, "output", (json_int_t)tokens->output,
	    "cache_read", (json_int_t)tokens->cache_read, "cache_write",
	    (json_int_t)(tokens->cache_write_5m + tokens->cache_write_1h));
	if (json_array_append_new(items, item) < 0)
		return wake_fail_nomem(err);
	return price(answer, prices, item, err);
}

/* The next answers that are to be told, as many as an event may list. ret_next: behind them. */
static int tell_usage(const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, size_t first, size_t *ret_next,
    struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *data = NULL;
	json_t *items = NULL;
	int64_t at = 0;
	size_t next = first;
	int ret = begin(telling, &data, err);

	if (ret == WAKE_OK) {
		items = json_array();
		ret = wake_json_set(data, "items", items, err);
	}
	for (; ret == WAKE_OK && next < opening->answer_count; next++) {
		const struct wake_transcript_answer *answer = &opening->answers[next];

		if (json_array_size(items) == WAKE_EVENT_LIST_MAX)
			break;
		if (answer->is_told && !telling->tells_all)
			continue;
		at = json_array_size(items) == 0 ? answer->at : at;
		ret = add_item(items, answer, telling->prices, err);
	}
	*ret_next = next;
	if (ret != WAKE_OK || json_array_size(items) == 0)
		return ret;
	return add(events, WAKE_EVENT_USAGE, at, NULL, json_incref(data), err);
}

/* Where a model's price was not known to the agent, its sum is no sum: then the answers are left to tell. */
static int set_totals(json_t *data, const struct wake_transcript_totals *totals, struct wake_error *err)
{
	int ret = wake_json_set_int(data, "input_tokens", totals->input, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "output_tokens", totals->output, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "cache_read_tokens", totals->cache_read, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "cache_write_tokens", totals->cache_write, err);
	return ret == WAKE_OK ? wake_json_set_int(data, "cost", totals->cost, err) : ret;
}

static bool is_unfinished(
    const struct wake_transcript_opening *opening, const struct wake_transcript_telling *telling)
{
	return telling->may_go_on && !opening->is_over &&
	       (opening->state == WAKE_TRANSCRIPT_PROMPTED || opening->state == WAKE_TRANSCRIPT_WORKING);
}

/* The lines that tell of a limit and of the end have no time of their own, and whether a turn is given up is
 * known by no line at all. Of reports of one moment the one that knows more must be the later; times of lines
 * are whole milliseconds. */
static int64_t time_of_report(const struct wake_transcript_opening *opening, bool is_in_turn)
{
	if (opening->is_over)
		return opening->last + 3;
	if (opening->state == WAKE_TRANSCRIPT_FAILED)
		return opening->last + 2;
	return opening->last + !is_in_turn;
}

static int tell_report(const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_events *events, struct wake_error *err)
{
	bool with_totals = opening->has_totals && !opening->totals.is_guessed && !telling->without_totals;
	bool is_in_turn = is_unfinished(opening, telling);
	wake_auto_json json_t *data = NULL;
	int ret = begin(telling, &data, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(data, "source", json_string("transcript"), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "agent_session_id", telling->session, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "ai_model", opening->model, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "num_turns", opening->turns, err);
	if (ret == WAKE_OK && with_totals)
		ret = set_totals(data, &opening->totals, err);
	if (ret == WAKE_OK && !is_in_turn)
		ret = wake_redact_set_text(
		    telling->redactor, data, "result", opening->result, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK && opening->state == WAKE_TRANSCRIPT_FAILED)
		ret = wake_redact_set_text(
		    telling->redactor, data, "error", opening->error, WAKE_EVENT_TEXT_MAX, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_RUN_REPORTED, time_of_report(opening, is_in_turn), NULL,
	                            json_incref(data), err)
	                      : ret;
}

/* Only the end that the agent wrote down itself is a reported one: where it wrote none, it may go on. */
static int tell_end(const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_events *events, struct wake_error *err)
{
	static const struct {
		const char *status, *error;
	} ends[] = { [WAKE_TRANSCRIPT_NOTHING] = { "completed", NULL },
		[WAKE_TRANSCRIPT_ANSWERED] = { "completed", NULL },
		[WAKE_TRANSCRIPT_FAILED] = { "failed", NULL },
		[WAKE_TRANSCRIPT_INTERRUPTED] = { "killed", "interrupted" },
		[WAKE_TRANSCRIPT_PROMPTED] = { "killed", "the agent ended before it answered" },
		[WAKE_TRANSCRIPT_WORKING] = { "killed", "the agent ended in the middle of a turn" } };
	int64_t at = telling->ended_at ? telling->ended_at : opening->last;
	wake_auto_json json_t *data = NULL;
	int ret;

	if (!telling->is_ended)
		return WAKE_OK;
	ret = begin(telling, &data, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "status", json_string(ends[opening->state].status), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "error", ends[opening->state].error, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "reported", opening->is_over, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_RUN_ENDED, at, NULL, json_incref(data), err)
	                      : ret;
}

int wake_transcript_tell(const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_events *events, struct wake_error *err)
{
	int ret = tell_start(opening, telling, events, err);

	for (size_t i = 0; ret == WAKE_OK && i < opening->said_count && !telling->is_nested; i++) {
		if (!opening->said[i].is_told || telling->tells_all)
			ret = tell_said(&opening->said[i], telling, events, err);
	}
	for (size_t next = 0; ret == WAKE_OK && next < opening->answer_count;)
		ret = tell_usage(opening, telling, next, &next, events, err);
	if (ret == WAKE_OK && !telling->is_nested)
		ret = tell_report(opening, telling, events, err);
	return ret == WAKE_OK ? tell_end(opening, telling, events, err) : ret;
}
