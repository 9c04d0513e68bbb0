/* SPDX-License-Identifier: MIT */
/* What answers mean. Whatever is told is written down in the entry first, with its time: killed in between,
 * the next one says the very same, and the record takes it once. */
#include "remote/watched.h"

#include <string.h>
#include <sys/random.h>

#include "event/spool.h"

#define ASK_LATER (60 * WAKE_SECOND) /* whoever begins a run has this long to do it */
#define CONTRADICTED_MOST                                                                                    \
	(600 * WAKE_SECOND) /* then an end is believed that the service contradicts itself */
#define LONG_AGO (3650 * 24 * 3600 * WAKE_SECOND)
#define HTTP_FINE(status) ((status) >= 200 && (status) < 300)

static uint32_t random_number(void)
{
	uint32_t number = 0;

	(void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return number;
}

bool wake_remote_watched_path(struct wake_remote_watched *watched, struct wake_str *path)
{
	const struct wake_remote_entry *entry = &watched->entry;
	int64_t age = wake_clock_now() - wake_remote_entry_time(entry, "asked_at");
	bool is_young = age >= 0 && age < ASK_LATER && !wake_json_true(entry->json, "unanswered");

	/* Somebody is just asking, or looking whether the answer names another's run. */
	if (entry->phase <= WAKE_REMOTE_ANSWERED && is_young) {
		watched->next = wake_clock_monotonic() + ASK_LATER - age;
		return false;
	}
	if (entry->phase == WAKE_REMOTE_GIVEN_UP) {
		watched->next = INT64_MAX;
		return false;
	}
	if (entry->phase == WAKE_REMOTE_ASKING)
		wake_remote_path_list(path, entry);
	else
		wake_remote_path_run(path, entry, "status");
	return true;
}

/* ---- trouble ---- */

/* Written only where it changes: a service that is away for days costs one write. text NULL: it is over. */
static int note_trouble(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const char *text, struct wake_error *err)
{
	struct wake_remote_entry *entry = &watched->entry;
	const char *had = wake_remote_entry_text(entry, "trouble");
	int ret = WAKE_OK;

	if ((!text && !had) || (text && had && strcmp(text, had) == 0))
		return WAKE_OK;
	if (!text) {
		(void)json_object_del(entry->json, "trouble");
		(void)json_object_del(entry->json, "trouble_since");
	} else {
		ret = wake_json_set_string(entry->json, "trouble", text, err);
		if (ret == WAKE_OK && !had)
			ret = wake_remote_entry_set_time(entry, "trouble_since", wake_clock_now(), err);
	}
	return ret == WAKE_OK ? wake_remote_entry_write(&place->paths, entry, err) : ret;
}

static bool set_next(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    enum wake_remote_answer answer, int64_t retry_after)
{
	return wake_remote_pace_next(&watched->pace, answer, retry_after,
	    wake_remote_patience(place, &watched->entry), random_number(), wake_clock_monotonic(),
	    &watched->next);
}

/* The time stands in the entry before it is told. */
static int fix_end(const struct wake_remote_place *place, struct wake_remote_entry *entry, int64_t told,
    int64_t *ret_at, struct wake_error *err)
{
	int64_t at = wake_remote_entry_time(entry, "end_at");
	int ret = WAKE_OK;

	if (!at) {
		at = wake_remote_clamp(told, wake_remote_entry_time(entry, "started_at"), wake_clock_now());
		ret = wake_remote_entry_set_time(entry, "end_at", at, err);
		if (ret == WAKE_OK)
			ret = wake_remote_entry_write(&place->paths, entry, err);
	}
	*ret_at = at;
	return ret;
}

/* Every failure ends the row. It is a presumed end: should the service ever be asked again and tell one, that
 * counts. */
static int give_up(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const char *why, struct wake_error *err)
{
	struct wake_remote_entry *entry = &watched->entry;
	wake_auto_events struct wake_events events = { 0 };
	struct wake_remote_verdict verdict = { .status = "failed" };
	char text[WAKE_ERROR_TEXT_SIZE];
	int64_t at;
	int ret = WAKE_OK;

	(void)snprintf(text, sizeof(text), "what became of it is not known: %s", why);
	verdict.error = text;
	if (entry->phase == WAKE_REMOTE_TRACKED) {
		ret = fix_end(place, entry, 0, &at, err);
		if (ret == WAKE_OK)
			ret = wake_remote_tell_end(NULL, &verdict, place->redactor,
			    wake_remote_entry_text(entry, "run_id"), false, at, &events, err);
		if (ret == WAKE_OK)
			ret = wake_spool_append(place->paths.spool, &events, true, err);
	}
	if (ret < 0)
		return ret;
	(void)json_object_del(entry->json, "end_at");
	entry->phase = WAKE_REMOTE_GIVEN_UP;
	ret = wake_json_set_string(entry->json, "trouble", why, err);
	watched->next = INT64_MAX;
	return ret == WAKE_OK ? wake_remote_entry_write(&place->paths, entry, err) : ret;
}

int wake_remote_watched_refuse(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const char *why, struct wake_error *err)
{
	if (!set_next(place, watched, WAKE_REMOTE_REFUSAL, 0))
		return give_up(place, watched, why, err);
	return note_trouble(place, watched, why, err);
}

static int bear(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    int64_t retry_after, const char *why, struct wake_error *err)
{
	(void)set_next(place, watched, WAKE_REMOTE_TROUBLE, retry_after);
	return note_trouble(place, watched, why, err);
}

/* ---- news ---- */

static bool is_bare(const json_t *report)
{
	return json_object_size(report) <= 2; /* the run and the source */
}

/* Adds the report where it is another than the latest, or this process has not told it. */
static int add_report(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_remote_facts *facts, struct wake_events *events, bool *ret_news, struct wake_error *err)
{
	struct wake_remote_entry *entry = &watched->entry;
	const char *had = wake_remote_entry_text(entry, "report_digest");
	wake_auto_json json_t *data = NULL;
	char digest[WAKE_ID_SIZE];
	int64_t at = wake_remote_entry_time(entry, "report_at"), now = wake_clock_now();
	int ret = wake_remote_report(
	    facts, place->redactor, wake_remote_entry_text(entry, "run_id"), &data, digest, err);

	if (ret < 0 || is_bare(data))
		return ret;
	*ret_news = !had || strcmp(had, digest) != 0;
	if (*ret_news) {
		at = now > at ? now : at + 1; /* later than the one before, whatever the clock does */
		ret = wake_remote_entry_set_time(entry, "report_at", at, err);
		if (ret == WAKE_OK)
			ret = wake_json_set_string(entry->json, "report_digest", digest, err);
		if (ret == WAKE_OK)
			ret = wake_remote_entry_write(&place->paths, entry, err);
	}
	if (ret == WAKE_OK && (*ret_news || !watched->has_told))
		ret = wake_remote_tell_report(json_incref(data), at, events, err);
	return ret;
}

static int add_end(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_remote_facts *facts, const struct wake_remote_verdict *verdict,
    struct wake_events *events, struct wake_error *err)
{
	int64_t at;
	int ret = fix_end(place, &watched->entry, facts->completed, &at, err);

	return ret == WAKE_OK ? wake_remote_tell_end(facts, verdict, place->redactor,
	                            wake_remote_entry_text(&watched->entry, "run_id"), true, at, events, err)
	                      : ret;
}

/* The service's status and phase, for `runwake remote list`; true: they have changed. */
static bool note_seen(struct wake_remote_watched *watched, const struct wake_remote_facts *facts)
{
	const char *had = wake_remote_entry_text(&watched->entry, "seen");
	char seen[160];

	(void)snprintf(seen, sizeof(seen), "%s%s%s", facts->status, *facts->phase ? ", " : "", facts->phase);
	if (had && strcmp(had, seen) == 0)
		return false;
	return json_object_set_new(watched->entry.json, "seen", json_string(seen)) == 0;
}

/* Only what stands for a while ends a run whose agent is said to be at work. */
static bool is_believed(struct wake_remote_watched *watched, const struct wake_remote_verdict *verdict)
{
	int64_t now = wake_clock_monotonic();

	if (verdict->state != WAKE_REMOTE_ENDED || !verdict->is_contradicted) {
		watched->contradicted = 0;
		return verdict->state == WAKE_REMOTE_ENDED;
	}
	if (!watched->contradicted)
		watched->contradicted = now;
	return now - watched->contradicted >= CONTRADICTED_MOST;
}

static int tell(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_remote_facts *facts, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_remote_verdict verdict;
	bool has_changed = note_seen(watched, facts), is_news = false, is_over;
	int ret = add_report(place, watched, facts, &events, &is_news, err);

	wake_remote_decide(facts, &verdict);
	is_over = is_believed(watched, &verdict);
	if (ret == WAKE_OK && is_over)
		ret = add_end(place, watched, facts, &verdict, &events, err);
	if (ret == WAKE_OK && events.count)
		ret = wake_spool_append(place->paths.spool, &events, is_over, err);
	if (ret < 0)
		return ret;
	watched->has_told = true;
	watched->is_gone = is_over;
	watched->is_alive = verdict.state == WAKE_REMOTE_WAITS || verdict.state == WAKE_REMOTE_RUNS;
	if (is_over)
		return wake_remote_entry_remove(&place->paths, watched->entry.id, err);
	if (has_changed && !is_news)
		ret = wake_remote_entry_write(&place->paths, &watched->entry, err);
	if (ret < 0)
		return ret;
	(void)set_next(place, watched, is_news || has_changed ? WAKE_REMOTE_NEWS : WAKE_REMOTE_NO_NEWS, 0);
	return note_trouble(place, watched,
	    verdict.state == WAKE_REMOTE_UNCLEAR ? "the service gives a status that is none we know" : NULL,
	    err);
}

/* A run that was begun elsewhere began when the service says so; what it may say is bounded. */
static int begin(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_remote_facts *facts, struct wake_error *err)
{
	struct wake_remote_entry *entry = &watched->entry;
	int64_t now = wake_clock_now();
	int ret = WAKE_OK;

	if (entry->phase != WAKE_REMOTE_ANSWERED)
		return WAKE_OK;
	if (!wake_remote_entry_time(entry, "started_at"))
		ret = wake_remote_entry_set_time(
		    entry, "started_at", wake_remote_clamp(facts->started, now - LONG_AGO, now), err);
	if (ret == WAKE_OK && !wake_remote_entry_text(entry, "workflow") && *facts->workflow)
		ret = wake_json_set_string(entry->json, "workflow", facts->workflow, err);
	(void)json_object_del(entry->json, "unanswered");
	if (ret == WAKE_OK)
		ret = wake_remote_entry_write(&place->paths, entry, err);
	return ret == WAKE_OK ? wake_remote_begin(&place->paths, place->host, entry, err) : ret;
}

static int take_status(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_str *body, struct wake_error *err)
{
	wake_auto_remote_facts struct wake_remote_facts facts = { 0 };
	int ret = wake_remote_facts_read(wake_str_text(body), body->len, &facts, err);

	if (ret == WAKE_INVALID)
		return bear(place, watched, 0, err->text, err);
	if (ret < 0)
		return ret;
	if (*facts.run_id && strcmp(facts.run_id, wake_remote_entry_text(&watched->entry, "run_id")) != 0)
		return wake_remote_watched_refuse(
		    place, watched, "the service answers with another run's status", err);
	ret = begin(place, watched, &facts, err);
	return ret == WAKE_OK ? tell(place, watched, &facts, err) : ret;
}

/* One that the list does not hold may come into it; patience is that of a refusal. */
static int take_list(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_str *body, struct wake_error *err)
{
	struct wake_error problem;
	int ret = wake_remote_take_asked(place, &watched->entry, body, &problem);

	if (ret == WAKE_OK) {
		watched->pace = (struct wake_remote_pace){ 0 };
		watched->next = 0;
		return WAKE_OK;
	}
	if (ret == WAKE_NOTFOUND || ret == WAKE_BUSY || ret == WAKE_EXISTS)
		return wake_remote_watched_refuse(place, watched, problem.text, err);
	return ret == WAKE_INVALID ? bear(place, watched, 0, problem.text, err)
	                           : wake_fail(err, problem.code, "%s", problem.text);
}

int wake_remote_watched_take(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_exchange_answer *answer, const struct wake_str *body, struct wake_error *err)
{
	char text[WAKE_ERROR_TEXT_SIZE / 2];
	bool is_trouble =
	    answer->status == 0 || answer->status >= 500 || answer->status == 429 || answer->status == 408;

	if (HTTP_FINE(answer->status))
		return watched->entry.phase == WAKE_REMOTE_ASKING ? take_list(place, watched, body, err)
		                                                  : take_status(place, watched, body, err);
	wake_remote_describe(answer, body, text, sizeof(text));
	return is_trouble ? bear(place, watched, answer->retry_after, text, err)
	                  : wake_remote_watched_refuse(place, watched, text, err);
}
