/* SPDX-License-Identifier: MIT */
/* Entries of edit states as people choose and read them. */
#include "cli/edit_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "event/event.h"

/* "./src/", "src" and "." are what people type. */
static bool lies_at(const char *path, const char *word)
{
	size_t len;

	while (word[0] == '.' && (word[1] == '/' || word[1] == '\0'))
		word += word[1] == '/' ? 2 : 1;
	len = strlen(word);
	while (len > 0 && word[len - 1] == '/')
		len--;
	return len == 0 || (strncmp(path, word, len) == 0 && (path[len] == '\0' || path[len] == '/'));
}

static int is_chosen(const json_t *entry, const char *const *words, bool *ret_chosen, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	const char *text = wake_json_string(entry, "path");
	int ret = wake_event_read_path(text ? text : "", &path, err);

	*ret_chosen = !words || !*words;
	for (; ret == WAKE_OK && words && *words; words++)
		*ret_chosen = *ret_chosen || lies_at(wake_str_text(&path), *words);
	return ret;
}

int wake_edit_choose(
    const json_t *files, const char *const *words, json_t **ret_chosen, struct wake_error *err)
{
	wake_auto_json json_t *chosen = json_array();
	size_t i;
	json_t *entry;
	int ret = chosen ? WAKE_OK : wake_fail_nomem(err);

	json_array_foreach(files, i, entry)
	{
		bool is = false;

		if (ret == WAKE_OK)
			ret = is_chosen(entry, words, &is, err);
		if (ret == WAKE_OK && is && json_array_append(chosen, entry) < 0)
			ret = wake_fail_nomem(err);
	}
	if (ret < 0)
		return ret;
	*ret_chosen = json_incref(chosen);
	return WAKE_OK;
}

int wake_edit_outline(const json_t *files, json_t **ret_outline, struct wake_error *err)
{
	static const char *const keys[] = { "path", "old_path", "status", "added", "removed", "binary",
		"kept" };
	wake_auto_json json_t *outline = json_array();
	size_t i;
	json_t *entry;

	json_array_foreach(files, i, entry)
	{
		json_t *shown = json_object();

		if (json_array_append_new(outline, shown) < 0)
			return wake_fail_nomem(err);
		for (size_t at = 0; at < WAKE_COUNT(keys); at++) {
			json_t *value = json_object_get(entry, keys[at]);

			if (json_object_set_new(shown, keys[at], value ? json_incref(value) : json_null()) <
			    0)
				return wake_fail_nomem(err);
		}
	}
	if (!outline)
		return wake_fail_nomem(err);
	*ret_outline = json_incref(outline);
	return WAKE_OK;
}

static int add_discarded(
    json_t *outline, const json_t *lost, const char *const *words, struct wake_error *err)
{
	wake_auto_json json_t *chosen = NULL;
	wake_auto_json json_t *files = NULL;
	json_t *shown;
	int ret = wake_edit_choose(json_object_get(lost, "files"), words, &chosen, err);

	if (ret == WAKE_OK)
		ret = wake_edit_outline(chosen, &files, err);
	if (ret < 0 || json_array_size(files) == 0)
		return ret;
	shown = json_pack("{s:s?, s:s?, s:s?, s:O}", "at", wake_json_string(lost, "at"), "state",
	    wake_json_string(lost, "state"), "before", wake_json_string(lost, "before"), "files", files);
	return json_array_append_new(outline, shown) < 0 ? wake_fail_nomem(err) : WAKE_OK;
}

int wake_edit_outline_discarded(
    const json_t *discarded, const char *const *words, json_t **ret_outline, struct wake_error *err)
{
	wake_auto_json json_t *outline = json_array();
	size_t i;
	json_t *lost;
	int ret = outline ? WAKE_OK : wake_fail_nomem(err);

	json_array_foreach(discarded, i, lost)
	{
		if (ret == WAKE_OK)
			ret = add_discarded(outline, lost, words, err);
	}
	if (ret < 0)
		return ret;
	*ret_outline = json_incref(outline);
	return WAKE_OK;
}

bool wake_edit_is_kept(const json_t *entry)
{
	const char *kept = wake_json_string(entry, "kept");

	return kept && strcmp(kept, "yes") == 0;
}

static const char *reason_of(const json_t *entry)
{
	static const char *const reasons[][2] = { { "size", "larger than runwake.keepfilemax" },
		{ "name", "its name is in runwake.keepnever" }, { "run", "runwake.keeprunmax was reached" },
		{ "off", "runwake.keep does not ask for it" },
		{ "kind", "neither a file nor a symbolic link" } };
	const char *kept = wake_json_string(entry, "kept");

	for (size_t i = 0; kept && i < WAKE_COUNT(reasons); i++) {
		if (strcmp(kept, reasons[i][0]) == 0)
			return reasons[i][1];
	}
	return "why is not known";
}

/* On one line, whatever it holds: in a heading it must not begin a patch. */
static void append_path(struct wake_str *out, const json_t *entry)
{
	const char *path = wake_json_string(entry, "path");

	if (path)
		wake_text_append_shown(out, path, strlen(path), false);
}

void wake_edit_append_unkept(struct wake_str *out, const char *prefix, const json_t *files)
{
	size_t i;
	json_t *entry;

	json_array_foreach(files, i, entry)
	{
		if (wake_edit_is_kept(entry))
			continue;
		wake_str_appendf(out, "%snot kept: ", prefix);
		append_path(out, entry);
		wake_str_appendf(out, " (%s)\n", reason_of(entry));
	}
}

void wake_edit_append_sum(struct wake_str *out, const json_t *files)
{
	size_t count = json_array_size(files), i;
	int64_t added = 0, removed = 0;
	json_t *entry;

	json_array_foreach(files, i, entry)
	{
		added += wake_json_int(entry, "added", 0);
		removed += wake_json_int(entry, "removed", 0);
	}
	wake_str_appendf(
	    out, "%zu file%s, +%" PRId64 " -%" PRId64, count, count == 1 ? "" : "s", added, removed);
}

void wake_edit_append_stat(struct wake_str *out, const json_t *files)
{
	size_t i;
	json_t *entry;

	json_array_foreach(files, i, entry)
	{
		wake_str_append_char(out, ' ');
		append_path(out, entry);
		if (wake_json_true(entry, "binary"))
			wake_str_append(out, " | Bin\n");
		else
			wake_str_appendf(out, " | +%" PRId64 " -%" PRId64 "\n",
			    wake_json_int(entry, "added", 0), wake_json_int(entry, "removed", 0));
	}
}

void wake_edit_append_names(struct wake_str *out, const json_t *files)
{
	size_t i;
	json_t *entry;

	json_array_foreach(files, i, entry)
	{
		append_path(out, entry);
		wake_str_append_char(out, '\n');
	}
}
