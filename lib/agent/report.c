/* SPDX-License-Identifier: MIT */
/* run-reported events of streams. */
#include "agent/report.h"

#define MODEL_MAX 100	/* the event's own maxima, event/event_types.c */
#define SESSION_MAX 256
#define COST_MAX INT64_C(999999999999)

/* A stream of several models tells their tokens in one sum, and names one: only claude's does, which tells its cost. */
static int set_price(json_t *data, const struct wake_report_by *by, const struct wake_stream_facts *facts, int64_t at,
    struct wake_error *err)
{
	const struct wake_tokens tokens = { .input = facts->input,
		.output = facts->output,
		.cache_read = facts->cache_read,
		.cache_write_5m = facts->cache_write };
	int64_t cost = 0;
	int ret;

	if (!by->prices || facts->has_cost || !facts->has_tokens || !facts->model)
		return WAKE_OK;
	ret = wake_prices_cost(by->prices, facts->model, at ? at : wake_clock_now(), &tokens, &cost, err);
	if (ret == WAKE_OK && cost <= COST_MAX)
		return wake_json_set_int(data, "cost", cost, err);
	return ret == WAKE_NOTFOUND || ret == WAKE_OK ? WAKE_OK : ret;
}

static int set_sums(json_t *data, const struct wake_stream_facts *facts, struct wake_error *err)
{
	const struct {
		const char *key;
		bool is_known;
		int64_t value;
	} sums[] = { { "input_tokens", facts->has_tokens, facts->input },
		{ "output_tokens", facts->has_tokens, facts->output },
		{ "cache_read_tokens", facts->has_tokens, facts->cache_read },
		{ "cache_write_tokens", facts->has_tokens, facts->cache_write },
		{ "cost", facts->has_cost, facts->cost } };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(sums); i++) {
		if (sums[i].is_known)
			ret = wake_json_set_int(data, sums[i].key, sums[i].value, err);
	}
	return ret;
}

int wake_report_add(struct wake_events *events, const struct wake_report_by *by, const char *run_id,
    const struct wake_stream_facts *facts, bool is_resumed, int64_t at, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *data = json_object();
	int ret = data ? wake_json_set_string(data, "run_id", run_id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK && !facts->has_result && !facts->session && !facts->model && !facts->error)
		return WAKE_OK;
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "source", "stream", err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "ai_model", facts->model, MODEL_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "agent_session_id", facts->session, SESSION_MAX, err);
	if (ret == WAKE_OK && facts->has_turns)
		ret = wake_json_set_int(data, "num_turns", facts->turns, err);
	if (ret == WAKE_OK && !is_resumed)
		ret = set_sums(data, facts, err);
	if (ret == WAKE_OK && !is_resumed)
		ret = set_price(data, by, facts, at, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(by->redactor, data, "result", facts->result, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(by->redactor, data, "error", facts->error, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_make(WAKE_EVENT_RUN_REPORTED, NULL, at, json_incref(data), &event, err);
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}
