/* SPDX-License-Identifier: MIT */
/* Taking our entries out of Claude Code's settings. */
#include <stdlib.h>
#include <string.h>

#include "agent/claude_settings_parts.h"

/* One thing in an object or a list, where it stands. */
struct span {
	size_t start, end;
	bool is_gone;
};

struct spans {
	struct span *items; /* owned */
	size_t count, gone;
};

struct unwiring {
	const struct wake_claude_document *document;
	const struct wake_claude_made *made; /* NULL: not known */
	struct wake_claude_edit *edit;
	json_t *dropped; /* owned: the events whose lists go whole, as members */
	bool drops_hooks;
	struct wake_error *err;
};

static void spans_release(struct spans *spans)
{
	free(spans->items);
}
#define auto_spans WAKE_CLEANUP(spans_release)

static int spans_add(struct unwiring *unwiring, struct spans *spans, struct wake_scan key,
    struct wake_scan value, bool is_gone)
{
	struct span *items = reallocarray(spans->items, spans->count + 1, sizeof(*items));
	const char *start = key.at ? key.at : value.at;

	if (!items)
		return wake_fail_nomem(unwiring->err);
	spans->items = items;
	items[spans->count++] = (struct span){ .start = (size_t)(start - unwiring->document->text),
		.end = (size_t)(value.at - unwiring->document->text) + value.len,
		.is_gone = is_gone };
	spans->gone += is_gone;
	return WAKE_OK;
}

static int cut(struct unwiring *unwiring, size_t from, size_t to)
{
	return wake_text_change_add(&unwiring->edit->change, from, to - from, "", 0, unwiring->err);
}

/* A run of what goes takes along the comma before it, or where nothing stays before it the one behind it. */
static int cut_gone(struct unwiring *unwiring, struct wake_scan container, const struct spans *spans)
{
	size_t open = (size_t)(container.at - unwiring->document->text);
	int ret = WAKE_OK;

	if (spans->gone > 0 && spans->gone == spans->count)
		return cut(unwiring, open + 1, open + container.len - 1);
	for (size_t i = 0, end; ret == WAKE_OK && i < spans->count; i = end) {
		end = i + 1;
		if (!spans->items[i].is_gone)
			continue;
		while (end < spans->count && spans->items[end].is_gone)
			end++;
		if (i > 0)
			ret = cut(unwiring, spans->items[i - 1].end, spans->items[end - 1].end);
		else
			ret = cut(unwiring, spans->items[i].start, spans->items[end].start);
	}
	return ret;
}

/* A group in which all is ours goes whole; from another, ours go. */
static int look_at_group(struct unwiring *unwiring, struct wake_scan group, bool *ret_is_gone)
{
	struct wake_scan handlers = wake_claude_member(group, "hooks", NULL, NULL), key, handler;
	auto_spans struct spans spans = { 0 };
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	*ret_is_gone = false;
	if (!wake_scan_is_list(handlers) || !wake_scan_open(handlers, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &handler))
		ret = spans_add(unwiring, &spans, key, handler, wake_claude_hook_is_ours(handler));
	if (ret < 0 || spans.gone == 0)
		return ret;
	*ret_is_gone = spans.gone == spans.count;
	return *ret_is_gone ? WAKE_OK : cut_gone(unwiring, handlers, &spans);
}

/* Is the list of an event of our making, as far as we know? */
static bool is_made(const struct unwiring *unwiring, struct wake_scan key)
{
	if (!unwiring->made)
		return true;
	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		if (wake_claude_says(key, wake_claude_events[i]))
			return unwiring->made->events[i];
	}
	return false;
}

/* One of several members of a name stays: without it another would count. */
static bool is_alone(const struct unwiring *unwiring, const char *name)
{
	size_t count;

	(void)wake_claude_member(unwiring->document->hooks, name, NULL, &count);
	return count == 1;
}

static int look_at_list(
    struct unwiring *unwiring, struct wake_scan key, struct wake_scan list, bool *ret_is_gone)
{
	struct wake_scan none, group;
	wake_auto_str struct wake_str name = WAKE_STR(key.len + 1);
	auto_spans struct spans spans = { 0 };
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	*ret_is_gone = false;
	if (!wake_scan_is_list(list) || !wake_scan_open(list, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &none, &group)) {
		bool is_gone = false;

		ret = look_at_group(unwiring, group, &is_gone);
		if (ret == WAKE_OK)
			ret = spans_add(unwiring, &spans, none, group, is_gone);
	}
	wake_scan_append(key, key.len, &name);
	if (ret == WAKE_OK)
		ret = wake_str_check(&name, unwiring->err);
	if (ret < 0 || spans.gone == 0)
		return ret;
	*ret_is_gone =
	    spans.gone == spans.count && is_made(unwiring, key) && is_alone(unwiring, wake_str_text(&name));
	if (!*ret_is_gone)
		return cut_gone(unwiring, list, &spans);
	return wake_json_set(unwiring->dropped, wake_str_text(&name), json_true(), unwiring->err);
}

static int take_out_hooks(struct unwiring *unwiring)
{
	struct wake_scan key, value, root = unwiring->document->root, hooks = unwiring->document->hooks;
	auto_spans struct spans spans = { 0 };
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	if (!wake_scan_open(root, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &value))
		ret = spans_add(unwiring, &spans, key, value, value.at == hooks.at);
	return ret < 0 ? ret : cut_gone(unwiring, root, &spans);
}

static int look_at_hooks(struct unwiring *unwiring)
{
	struct wake_scan key, list, hooks = unwiring->document->hooks;
	auto_spans struct spans spans = { 0 };
	struct wake_scan_walk walk;
	int ret = WAKE_OK;

	if (!wake_scan_is_object(hooks) || !wake_scan_open(hooks, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &list)) {
		bool is_gone = false;

		ret = look_at_list(unwiring, key, list, &is_gone);
		if (ret == WAKE_OK)
			ret = spans_add(unwiring, &spans, key, list, is_gone);
	}
	if (ret < 0 || spans.gone == 0)
		return ret;
	unwiring->drops_hooks = spans.gone == spans.count && unwiring->document->hooks_count == 1 &&
	                        (!unwiring->made || unwiring->made->hooks);
	return unwiring->drops_hooks ? take_out_hooks(unwiring) : cut_gone(unwiring, hooks, &spans);
}

/* ---- the values, told apart from the text ------------------------------------------------------ */

/* Removes ours; is none left then of the group's? */
static bool empty_group(json_t *group)
{
	json_t *handlers = json_object_get(group, "hooks");
	size_t before = json_array_size(handlers);

	for (size_t i = before; i-- > 0;) {
		if (wake_claude_hook_is_ours_json(json_array_get(handlers, i)))
			(void)json_array_remove(handlers, i);
	}
	return before > 0 && json_array_size(handlers) == 0;
}

static int expect(const struct unwiring *unwiring, json_t **ret_expected)
{
	wake_auto_json json_t *expected = json_deep_copy(unwiring->document->json);
	json_t *hooks = json_object_get(expected, "hooks"), *groups, *next;
	const char *event;

	if (!expected)
		return wake_fail_nomem(unwiring->err);
	json_object_foreach(hooks, event, groups)
	{
		for (size_t i = json_array_size(groups); i-- > 0;) {
			if (empty_group(json_array_get(groups, i)))
				(void)json_array_remove(groups, i);
		}
	}
	json_object_foreach(unwiring->dropped, event, next)
	{
		if (json_array_size(json_object_get(hooks, event)) == 0)
			(void)json_object_del(hooks, event);
	}
	if (unwiring->drops_hooks && json_object_size(hooks) == 0)
		(void)json_object_del(expected, "hooks");
	*ret_expected = json_incref(expected);
	return WAKE_OK;
}

static int finish(struct unwiring *unwiring)
{
	const struct wake_claude_document *document = unwiring->document;
	wake_auto_json json_t *expected = NULL;
	int ret = wake_text_change_apply(
	    &unwiring->edit->change, document->text, document->len, &unwiring->edit->text, unwiring->err);

	if (ret == WAKE_OK)
		ret = expect(unwiring, &expected);
	unwiring->edit->is_bare = json_object_size(expected) == 0;
	return ret < 0 ? ret : wake_claude_edit_check(unwiring->edit, expected, unwiring->err);
}

static void unwiring_release(struct unwiring *unwiring)
{
	json_decref(unwiring->dropped);
}

int wake_claude_settings_unwire(const char *text, size_t len, const struct wake_claude_made *made,
    struct wake_claude_edit *ret_edit, struct wake_error *err)
{
	wake_auto_claude_document struct wake_claude_document document = { 0 };
	wake_auto_claude_edit struct wake_claude_edit edit = { .text = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX) };
	WAKE_CLEANUP(unwiring_release)
	struct unwiring unwiring = {
		.document = &document, .made = made, .edit = &edit, .dropped = json_object(), .err = err
	};
	int ret =
	    unwiring.dropped ? wake_claude_document_open(text, len, &document, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = look_at_hooks(&unwiring);
	if (ret == WAKE_OK)
		ret = finish(&unwiring);
	if (ret == WAKE_OK) {
		*ret_edit = edit;
		edit = (struct wake_claude_edit){ 0 }; /* the caller's now */
	}
	return ret;
}
