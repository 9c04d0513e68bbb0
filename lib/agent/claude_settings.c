/* SPDX-License-Identifier: MIT */
/* Reading Claude Code's settings, and what is wired in them. */
#include "agent/claude_settings.h"

#include <stdlib.h>
#include <string.h>

#include "agent/claude_settings_parts.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* the client reads settings that begin with one */

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr(" \t\r\n", text[i]) || !text[i])
			return false;
	}
	return true;
}

static size_t mark_len(const char *text, size_t len)
{
	size_t mark = strlen(BYTE_ORDER_MARK);

	return len >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0 ? mark : 0;
}

static int read_values(struct wake_claude_document *document, struct wake_error *err)
{
	const char *at = document->text + document->begin;
	size_t left = document->len - document->begin;
	int ret;

	if (is_blank(at, left)) {
		document->json = json_object();
		return document->json ? WAKE_OK : wake_fail_nomem(err);
	}
	ret = wake_json_parse_theirs(at, left, &document->json, err);
	if (ret < 0)
		return ret;
	if (!json_is_object(document->json) || !wake_scan_take(&at, &left, &document->root))
		return wake_fail(err, WAKE_INVALID, "settings are a JSON object, and this is none");
	document->hooks = wake_claude_member(document->root, "hooks", NULL, &document->hooks_count);
	return WAKE_OK;
}

int wake_claude_document_open(
    const char *text, size_t len, struct wake_claude_document *ret_document, struct wake_error *err)
{
	wake_auto_claude_document struct wake_claude_document document = { .text = text, .len = len };
	int ret;

	if (len > WAKE_CLAUDE_SETTINGS_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "longer than %zu bytes", (size_t)WAKE_CLAUDE_SETTINGS_MAX);
	document.begin = mark_len(text, len);
	ret = read_values(&document, err);
	if (ret == WAKE_OK) {
		*ret_document = document;
		document.json = NULL; /* the caller's now */
	}
	return ret;
}

void wake_claude_document_release(struct wake_claude_document *document)
{
	json_decref(document->json);
	*document = (struct wake_claude_document){ 0 };
}

int wake_claude_edit_check(
    const struct wake_claude_edit *edit, const json_t *expected, struct wake_error *err)
{
	wake_auto_claude_document struct wake_claude_document document = { 0 };
	int ret = wake_claude_document_open(wake_str_text(&edit->text), edit->text.len, &document, err);

	if (ret == WAKE_OK && !json_equal(document.json, expected))
		ret = wake_fail(err, WAKE_INVALID,
		    "they are written in a way that cannot be changed without harm: "
		    "let a formatter write them anew");
	return ret;
}

static int note_program(struct wake_claude_wired *wired, const json_t *handler, struct wake_error *err)
{
	const char *program = wake_json_string(handler, "command");

	if (wired->program) {
		wired->is_mixed |= strcmp(wired->program, program) != 0;
		return WAKE_OK;
	}
	return wake_str_copy(program, &wired->program, err);
}

static int look_at_event(
    struct wake_claude_wired *wired, const char *event, const json_t *groups, struct wake_error *err)
{
	const json_t *group, *handler;
	bool is_wired = false;
	size_t at, inner;
	int ret = WAKE_OK;

	json_array_foreach(groups, at, group)
	{
		json_array_foreach(json_object_get(group, "hooks"), inner, handler)
		{
			if (ret < 0 || !wake_claude_hook_is_ours_json(handler))
				continue;
			is_wired = true;
			ret = note_program(wired, handler, err);
		}
	}
	for (size_t i = 0; is_wired && i < WAKE_CLAUDE_EVENTS; i++) {
		if (strcmp(event, wake_claude_events[i]) != 0)
			continue;
		wired->events[i] = true;
		wired->count++;
	}
	return ret;
}

int wake_claude_settings_look(
    const char *text, size_t len, struct wake_claude_wired *ret_wired, struct wake_error *err)
{
	wake_auto_claude_document struct wake_claude_document document = { 0 };
	wake_auto_claude_wired struct wake_claude_wired wired = { 0 };
	const char *event;
	json_t *groups;
	int ret = wake_claude_document_open(text, len, &document, err);

	if (ret < 0)
		return ret;
	json_object_foreach(json_object_get(document.json, "hooks"), event, groups)
	{
		if (ret == WAKE_OK)
			ret = look_at_event(&wired, event, groups, err);
	}
	wired.hooks_disabled = wake_json_true(document.json, "disableAllHooks");
	wired.managed_only = wake_json_true(document.json, "allowManagedHooksOnly");
	if (ret == WAKE_OK) {
		*ret_wired = wired;
		wired.program = NULL; /* the caller's now */
	}
	return ret;
}

void wake_claude_wired_release(struct wake_claude_wired *wired)
{
	free(wired->program);
	*wired = (struct wake_claude_wired){ 0 };
}

void wake_claude_edit_release(struct wake_claude_edit *edit)
{
	wake_text_change_release(&edit->change);
	wake_str_release(&edit->text);
	*edit = (struct wake_claude_edit){ 0 };
}
