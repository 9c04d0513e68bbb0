/* SPDX-License-Identifier: MIT */
/* runwake chat: the conversations, or one of them with what its runs did. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "cli/chat_text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "cli/table.h"
#include "store/query_chat.h"

#define LIMIT_DEFAULT 50
#define TEXT_MAX ((size_t)1024 * 1024 * 1024)
#define SHORT_SESSION 8 /* digits that a list shows, and that may be typed */

static const struct wake_option options[] = {
	{ .name = "limit",
	    .letter = 'n',
	    .value = "N",
	    .help = "at most so many (default: 50; at most 1000)" },
	{ .name = "before", .value = "CURSOR", .help = "the page before this place" },
	{ .name = "after", .value = "CURSOR", .help = "of a session: the page after this place" },
	{ .name = "since",
	    .value = "TIME",
	    .help = "only sessions active since then: a time, a date, or an age such as 2h or 7d" },
	{ .name = "unread", .help = "only sessions with interventions that no agent has been given yet" },
	{ .name = "full", .help = "show messages as long as they are" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

/* What was asked for. */
struct asked {
	const struct wake_options *given;
	const char *session; /* NULL: the list */
	bool json, full;
	int64_t limit;
	struct wake_chat_place place;
	bool has_place, after;
};

static int set_cursor(
    json_t *document, const char *key, const struct wake_chat_place *place, struct wake_error *err)
{
	char cursor[WAKE_CHAT_CURSOR_SIZE];

	if (!*place->id)
		return wake_json_set(document, key, json_null(), err);
	wake_chat_place_format(place, cursor);
	return wake_json_set(document, key, json_string(cursor), err);
}

/* ---- the list ---------------------------------------------------------------------------------- */

/* The first line, in which something stands. */
static void append_first_line(struct wake_str *out, const char *text)
{
	text = text ? text + strspn(text, " \t\r\n") : "";
	wake_str_append_bytes(out, text, strcspn(text, "\r\n"));
}

static int add_session(struct wake_table *table, const json_t *session, struct wake_error *err)
{
	wake_auto_str struct wake_str line = WAKE_STR(4096);
	char id[SHORT_SESSION + 1], at[32], numbers[4][32];
	const char *state = wake_json_string(session, "state");
	const char *texts[] = { id, wake_json_string(session, "name"),
		wake_json_string(session, "agent_name"),
		wake_reader_local_minute(wake_json_string(session, "last_activity_at"), at), numbers[0],
		numbers[1], state, numbers[2], numbers[3], NULL };
	int ret = WAKE_OK;

	(void)snprintf(id, sizeof(id), "%s", wake_json_string(session, "id"));
	(void)snprintf(numbers[0], sizeof(numbers[0]), "%" PRId64, wake_json_int(session, "runs", 0));
	(void)snprintf(numbers[1], sizeof(numbers[1]), "%" PRId64, wake_json_int(session, "messages", 0));
	(void)snprintf(numbers[2], sizeof(numbers[2]), "$%.2f",
	    json_number_value(json_object_get(session, "cost_estimate")));
	(void)snprintf(numbers[3], sizeof(numbers[3]), "%" PRId64, wake_json_int(session, "unread", 0));
	append_first_line(&line, wake_json_string(session, "text"));
	texts[WAKE_COUNT(texts) - 1] = wake_str_text(&line);
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table,
		    i == 0   ? WAKE_STYLE_STRONG
		    : i == 6 ? wake_run_style(state)
		             : WAKE_STYLE_PLAIN,
		    texts[i], err);
	return ret;
}

static int print_list(const json_t *sessions, const struct wake_chat_place *next, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "SESSION", false, false }, { "NAME", false, true },
		{ "AGENT", false, true }, { "ACTIVE", false, false }, { "RUNS", true, false },
		{ "MESSAGES", true, false }, { "STATE", false, false }, { "COST", true, false },
		{ "UNREAD", true, false }, { "LATEST", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	char cursor[WAKE_CHAT_CURSOR_SIZE];
	size_t i;
	json_t *session;
	int ret = WAKE_OK;

	if (json_array_size(sessions) == 0) {
		wake_print_note("no session matches");
		return WAKE_OK;
	}
	json_array_foreach(sessions, i, session)
	{
		if (ret == WAKE_OK)
			ret = add_session(&table, session, err);
	}
	if (ret == WAKE_OK)
		ret = wake_table_print(&table, 0, err);
	if (ret == WAKE_OK && *next->id) {
		wake_chat_place_format(next, cursor);
		wake_print_note("there are more: --before %s", cursor);
	}
	return ret;
}

static int list(struct wake_store *store, const struct asked *asked, struct wake_error *err)
{
	const char *since = wake_options_text(asked->given, "since");
	struct wake_chat_list how = { .before = asked->has_place ? &asked->place : NULL,
		.since = WAKE_TIME_NONE,
		.limit = (size_t)asked->limit,
		.unread = wake_options_has(asked->given, "unread") };
	wake_auto_json json_t *document = wake_reader_document(), *sessions = NULL;
	struct wake_chat_place next = { 0 };
	int ret = document ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK && since && wake_time_parse_since(since, wake_clock_now(), &how.since, err) < 0)
		return wake_error_prefix(err, "--since");
	if (ret == WAKE_OK)
		ret = wake_query_conversations(store, &how, &sessions, &next, err);
	if (ret == WAKE_OK && !asked->json)
		return print_list(sessions, &next, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "sessions", json_incref(sessions), err);
	if (ret == WAKE_OK)
		ret = set_cursor(document, "next", &next, err);
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

/* ---- one session ------------------------------------------------------------------------------- */

/* Where the pages beside this one begin; id "": nothing is there. */
struct beside {
	struct wake_chat_place previous, next;
};

/* What comes later may come at any time, so there is always a place for it. */
static void find_beside(
    const struct asked *asked, const struct wake_chat_place places[2], bool more, struct beside *beside)
{
	bool empty = !*places[0].id;

	*beside = (struct beside){ 0 };
	if (empty && asked->has_place)
		*(asked->after ? &beside->next : &beside->previous) = asked->place;
	if (empty && asked->has_place && asked->after)
		beside->previous = asked->place;
	if (empty)
		return;
	beside->next = places[1];
	if (asked->after || more)
		beside->previous = places[0];
}

static int print_chat(const json_t *session, const json_t *items, const struct beside *beside, bool more,
    const struct asked *asked, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(TEXT_MAX);
	char cursor[WAKE_CHAT_CURSOR_SIZE];
	size_t i;
	json_t *item;
	int ret;

	wake_chat_append_head(&out, session);
	wake_str_append_char(&out, '\n');
	json_array_foreach(items, i, item)(void) wake_chat_append_item(&out, item, asked->full);
	ret = wake_print_text(&out, err);
	if (ret != WAKE_OK)
		return ret;
	if (*beside->previous.id) {
		wake_chat_place_format(&beside->previous, cursor);
		wake_print_note("what came before: --before %s", cursor);
	}
	if (*beside->next.id && (asked->after ? more : asked->has_place)) {
		wake_chat_place_format(&beside->next, cursor);
		wake_print_note("what came after: --after %s", cursor);
	}
	return WAKE_OK;
}

static int print_document(json_t *session, json_t *items, const struct beside *beside, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	int ret =
	    document ? wake_json_set(document, "session", json_incref(session), err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set(document, "items", json_incref(items), err);
	if (ret == WAKE_OK)
		ret = set_cursor(document, "next", &beside->next, err);
	if (ret == WAKE_OK)
		ret = set_cursor(document, "previous", &beside->previous, err);
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

static int chat(struct wake_store *store, const struct asked *asked, struct wake_error *err)
{
	const struct wake_chat_page page = { .from = asked->has_place ? &asked->place : NULL,
		.after = asked->after,
		.limit = (size_t)asked->limit,
		.characters = asked->json || asked->full ? 0 : WAKE_CHAT_SHOWN_CHARACTERS };
	wake_auto_json json_t *session = NULL, *items = NULL;
	struct wake_chat_place places[2];
	struct beside beside;
	char id[WAKE_ID_SIZE];
	bool more = false;
	int ret = wake_query_find_session(store, asked->session, id, err);

	if (ret == WAKE_OK)
		ret = wake_query_conversation(store, id, &session, err);
	if (ret == WAKE_OK)
		ret = wake_query_chat(store, id, &page, &items, places, &more, err);
	if (ret != WAKE_OK)
		return ret;
	find_beside(asked, places, more, &beside);
	return asked->json ? print_document(session, items, &beside, err)
	                   : print_chat(session, items, &beside, more, asked, err);
}

/* ---- what is asked ----------------------------------------------------------------------------- */

static int check_options(const struct asked *asked, struct wake_error *err)
{
	static const char *const of_list[] = { "since", "unread" }, *const of_one[] = { "after", "full" };

	for (size_t i = 0; asked->session && i < WAKE_COUNT(of_list); i++) {
		if (wake_options_has(asked->given, of_list[i]))
			return wake_fail(err, WAKE_INVALID, "--%s chooses among sessions; leave out '%s'",
			    of_list[i], asked->session);
	}
	for (size_t i = 0; !asked->session && i < WAKE_COUNT(of_one); i++) {
		if (wake_options_has(asked->given, of_one[i]))
			return wake_fail(err, WAKE_INVALID, "--%s is for one session; name it", of_one[i]);
	}
	if (wake_options_has(asked->given, "before") && wake_options_has(asked->given, "after"))
		return wake_fail(err, WAKE_INVALID, "--before and --after cannot be combined");
	return WAKE_OK;
}

static int read_asked(const struct wake_options *given, struct asked *asked, struct wake_error *err)
{
	const char *before = wake_options_text(given, "before"), *after = wake_options_text(given, "after");
	int ret;

	*asked = (struct asked){ .given = given,
		.session = given->word_count > 0 ? given->words[0] : NULL,
		.json = wake_options_has(given, "json"),
		.full = wake_options_has(given, "full"),
		.has_place = before || after,
		.after = after != NULL };
	ret = check_options(asked, err);
	if (ret == WAKE_OK)
		ret = wake_options_number(
		    given, "limit", 1, WAKE_CHAT_PAGE_MAX, LIMIT_DEFAULT, &asked->limit, err);
	if (ret == WAKE_OK && asked->has_place)
		ret = wake_chat_place_parse(after ? after : before, &asked->place, err);
	return ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	struct asked asked;
	int ret = read_asked(&context->options, &asked, err);

	if (ret == WAKE_OK)
		ret = wake_reader_open(context, &store, err);
	if (ret != WAKE_OK)
		return ret;
	return asked.session ? chat(store, &asked, err) : list(store, &asked, err);
}

static const struct wake_example examples[] = {
	{ "runwake chat", "The conversations, the last active first" },
	{ "runwake chat sprint", "What was said and done in the session of that name" },
	{ "runwake chat @latest --full --limit 200", "The newest run's conversation, nothing cut" },
	{ "runwake chat sprint --json --after \"$next\"", "What came since, for a program" },
	{ 0 },
};

const struct wake_command wake_command_chat = {
	.name = "chat",
	.group = "Reading",
	.summary = "list conversations, or show one with what its runs did",
	.usage = (const char *const[]){ "[--limit N] [--before CURSOR] [--since TIME] [--unread] [--json]",
	    "SESSION [--limit N] [--before CURSOR|--after CURSOR] [--full] [--json]", NULL },
	.description = (const char *const[]){ "Without SESSION, lists the sessions that runs belong to, the "
	                                      "last active first. COST is what is known of it; "
	                                      "UNREAD counts interventions that no agent has been given yet.",
	    "SESSION is a session's name (of several of one name the most recently updated), its id or the "
	    "beginning of "
	    "it, or a run as elsewhere. Messages are shown in the order of time, between them the beginnings "
	    "and ends of "
	    "runs, the commits that they made, and pushes: the latest 50, of which the newest stands last.",
	    "A page is asked for by a place: --before goes back, --after goes on. With --json the places are "
	    "\"previous\" "
	    "and \"next\" (null: nothing is there); what is said after \"next\" can be asked for as it "
	    "comes. Messages are "
	    "whole there, and each item has a \"type\": run-started, message, commit, push or run-ended.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 0,
	.words_max = 1,
	.run = run,
};
