/* SPDX-License-Identifier: MIT */
/* Putting our entries into Claude Code's settings. */
#include <string.h>

#include "agent/claude_settings_parts.h"
#include "base/text.h"

struct wiring {
	const struct wake_claude_document *document;
	struct wake_claude_style style;
	const char *program;
	struct wake_claude_edit *edit;
	bool is_wired; /* of the event in hand */
	struct wake_error *err;
};

/* {"hooks":[…]} of the events that have no list yet, or of all; owned; NULL: no memory. */
static json_t *entries_of(const struct wiring *wiring, const bool *wanted)
{
	wake_auto_json json_t *events = json_object();

	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		json_t *entry;

		if (!wanted[i])
			continue;
		entry = wake_claude_hook_entry(wake_claude_events[i], wiring->program);
		if (json_object_set_new(events, wake_claude_events[i], json_pack("[o]", entry)) < 0)
			return NULL;
	}
	return json_incref(events);
}

/* ---- the text --------------------------------------------------------------------------------- */

/* The client starts what the last "command" says. */
static int renew(struct wiring *wiring, struct wake_scan handler)
{
	struct wake_scan command = wake_claude_member(handler, "command", NULL, NULL);
	wake_auto_str struct wake_str text = WAKE_STR(6 * strlen(wiring->program) + 64);
	wake_auto_json json_t *program = json_string(wiring->program);
	wake_auto_str struct wake_str said = WAKE_STR(command.len + 1);
	int ret = program ? wake_json_append(&text, program, wiring->err) : wake_fail_nomem(wiring->err);

	wake_scan_append(command, command.len, &said);
	if (ret == WAKE_OK)
		ret = wake_str_check(&said, wiring->err);
	if (ret < 0 || strcmp(wake_str_text(&said), wiring->program) == 0)
		return ret;
	return wake_text_change_add(&wiring->edit->change, (size_t)(command.at - wiring->document->text),
	    command.len, text.data, text.len, wiring->err);
}

static int look_at_group(struct wiring *wiring, struct wake_scan group)
{
	struct wake_scan handlers = wake_claude_member(group, "hooks", NULL, NULL), key, handler;
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	if (!wake_scan_is_list(handlers) || !wake_scan_open(handlers, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &handler)) {
		if (!wake_claude_hook_is_ours(handler))
			continue;
		wiring->is_wired = true;
		ret = renew(wiring, handler);
	}
	return ret;
}

static int look_at_list(struct wiring *wiring, struct wake_scan list)
{
	struct wake_scan key, group;
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	wiring->is_wired = false;
	if (!wake_scan_is_list(list) || !wake_scan_open(list, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &group))
		ret = look_at_group(wiring, group);
	return ret;
}

static int append(struct wiring *wiring, struct wake_scan container, json_t *items)
{
	wake_auto_json json_t *owned = items;

	if (!owned)
		return wake_fail_nomem(wiring->err);
	return wake_claude_append_items(
	    wiring->document, &wiring->style, container, owned, &wiring->edit->change, wiring->err);
}

static int add_to_list(struct wiring *wiring, const char *event, struct wake_scan list)
{
	int ret;

	if (!wake_scan_is_list(list))
		return wake_fail(wiring->err, WAKE_INVALID,
		    "\"hooks\" has a member \"%s\" that is no list: correct it, or take it out", event);
	ret = look_at_list(wiring, list);
	if (ret < 0 || wiring->is_wired)
		return ret;
	return append(wiring, list, json_pack("[o]", wake_claude_hook_entry(event, wiring->program)));
}

/* Entries of ours may also be at events that this version wants nothing of. */
static int renew_others(struct wiring *wiring)
{
	struct wake_scan key, list, last;
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	if (!wake_scan_open(wiring->document->hooks, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &list)) {
		bool is_wanted = false;

		for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
			if (!wake_claude_says(key, wake_claude_events[i]))
				continue;
			last = wake_claude_member(wiring->document->hooks, wake_claude_events[i], NULL, NULL);
			is_wanted = last.at == list.at; /* add_to_list has seen to it */
		}
		if (!is_wanted)
			ret = look_at_list(wiring, list);
	}
	return ret;
}

static int add_to_hooks(struct wiring *wiring)
{
	bool *made = wiring->edit->made.events, is_short = false;
	int ret = WAKE_OK;

	if (!wake_scan_is_object(wiring->document->hooks))
		return wake_fail(
		    wiring->err, WAKE_INVALID, "\"hooks\" is no JSON object: correct it, or take it out");
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_CLAUDE_EVENTS; i++) {
		const char *event = wake_claude_events[i];
		struct wake_scan list = wake_claude_member(wiring->document->hooks, event, NULL, NULL);

		made[i] = !list.at;
		is_short |= made[i];
		if (list.at)
			ret = add_to_list(wiring, event, list);
	}
	if (ret == WAKE_OK)
		ret = renew_others(wiring);
	if (ret == WAKE_OK && is_short)
		ret = append(wiring, wiring->document->hooks, entries_of(wiring, made));
	return ret;
}

static int add_hooks(struct wiring *wiring)
{
	wake_auto_json json_t *settings = NULL;

	wiring->edit->made.hooks = true;
	memset(wiring->edit->made.events, true, sizeof(wiring->edit->made.events));
	settings = json_pack("{s:o}", "hooks", entries_of(wiring, wiring->edit->made.events));
	if (!settings)
		return wake_fail_nomem(wiring->err);
	if (!wiring->document->root.at)
		return wake_claude_append_whole(
		    wiring->document, &wiring->style, settings, &wiring->edit->change, wiring->err);
	return append(wiring, wiring->document->root, json_incref(settings));
}

/* ---- the values ------------------------------------------------------------------------------- */

/* The same of what the settings say, told apart from the text. */
static bool renew_values(json_t *groups, const char *program)
{
	json_t *group, *handler;
	bool is_wired = false;
	size_t at, inner;

	json_array_foreach(groups, at, group)
	{
		json_array_foreach(json_object_get(group, "hooks"), inner, handler)
		{
			if (!wake_claude_hook_is_ours_json(handler))
				continue;
			is_wired = true;
			if (json_object_set_new(handler, "command", json_string(program)) < 0)
				return false; /* which the comparison finds */
		}
	}
	return is_wired;
}

static int expect(const struct wiring *wiring, json_t **ret_expected)
{
	wake_auto_json json_t *expected = json_deep_copy(wiring->document->json);
	json_t *hooks, *groups;
	const char *key;

	if (!json_object_get(expected, "hooks") && json_object_set_new(expected, "hooks", json_object()) < 0)
		return wake_fail_nomem(wiring->err);
	hooks = json_object_get(expected, "hooks");
	json_object_foreach(hooks, key, groups)
	{
		(void)renew_values(groups, wiring->program);
	}
	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		const char *event = wake_claude_events[i];

		groups = json_object_get(hooks, event);
		if (!groups && json_object_set_new(hooks, event, groups = json_array()) < 0)
			return wake_fail_nomem(wiring->err);
		if (!renew_values(groups, wiring->program) &&
		    json_array_append_new(groups, wake_claude_hook_entry(event, wiring->program)) < 0)
			return wake_fail_nomem(wiring->err);
	}
	*ret_expected = json_incref(expected);
	return WAKE_OK;
}

static int finish(struct wiring *wiring)
{
	const struct wake_claude_document *document = wiring->document;
	wake_auto_json json_t *expected = NULL;
	int ret = wake_text_change_apply(
	    &wiring->edit->change, document->text, document->len, &wiring->edit->text, wiring->err);

	if (ret == WAKE_OK)
		ret = expect(wiring, &expected);
	return ret < 0 ? ret : wake_claude_edit_check(wiring->edit, expected, wiring->err);
}

int wake_claude_settings_wire(const char *text, size_t len, const char *program,
    struct wake_claude_edit *ret_edit, struct wake_error *err)
{
	wake_auto_claude_document struct wake_claude_document document = { 0 };
	wake_auto_claude_edit struct wake_claude_edit edit = { .text =
		                                                   WAKE_STR(2 * WAKE_CLAUDE_SETTINGS_MAX) };
	struct wiring wiring = { .document = &document, .program = program, .edit = &edit, .err = err };
	int ret;

	if (!wake_text_is_utf8(program, strlen(program)))
		return wake_fail(err, WAKE_INVALID,
		    "settings are UTF-8, and this installation's path is not: install it elsewhere");
	ret = wake_claude_document_open(text, len, &document, err);
	if (ret < 0)
		return ret;
	wake_claude_style_find(&document, &wiring.style);
	ret = document.hooks_count > 0 ? add_to_hooks(&wiring) : add_hooks(&wiring);
	if (ret == WAKE_OK)
		ret = finish(&wiring);
	if (ret == WAKE_OK) {
		*ret_edit = edit;
		edit = (struct wake_claude_edit){ 0 }; /* the caller's now */
	}
	return ret;
}
