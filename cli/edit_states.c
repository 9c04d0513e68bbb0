/* SPDX-License-Identifier: MIT */
/* Edit states of a run as --json shows them. */
#include "cli/edit_states.h"

#include "base/clock.h"
#include "cli/edit_text.h"

static json_t *or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static int add_state(
    json_t *outline, const struct wake_edit_state *state, const char *const *words, struct wake_error *err)
{
	wake_auto_json json_t *chosen = NULL;
	wake_auto_json json_t *files = NULL;
	char since[WAKE_TIME_SIZE], at[WAKE_TIME_SIZE];
	json_t *shown;
	int ret = wake_edit_choose(state->files, words, &chosen, err);

	if (ret == WAKE_OK)
		ret = wake_edit_outline(chosen, &files, err);
	if (ret < 0)
		return ret;
	wake_time_format(state->since, since);
	wake_time_format(state->at, at);
	shown = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:O}", "state", state->id,
	    "at", at, "since", since, "reason", or_null(state->reason), "root", or_null(state->root), "head",
	    or_null(state->head), "branch", or_null(state->branch), "files_changed",
	    (json_int_t)state->files_changed, "untracked_files", (json_int_t)state->untracked, "added_lines",
	    (json_int_t)state->added, "removed_lines", (json_int_t)state->removed, "files", files);
	return json_array_append_new(outline, shown) < 0 ? wake_fail_nomem(err) : WAKE_OK;
}

int wake_edit_outline_states(struct wake_store *store, const char *run, const json_t *states,
    const char *const *words, json_t **ret_outline, struct wake_error *err)
{
	wake_auto_json json_t *outline = json_array();
	size_t i;
	json_t *which;
	int ret = outline ? WAKE_OK : wake_fail_nomem(err);

	json_array_foreach(states, i, which)
	{
		wake_auto_edit_state struct wake_edit_state state = { 0 };

		if (ret == WAKE_OK)
			ret = wake_query_edit_state(store, run, json_string_value(which), &state, err);
		if (ret == WAKE_OK)
			ret = add_state(outline, &state, words, err);
	}
	if (ret < 0)
		return ret;
	*ret_outline = json_incref(outline);
	return WAKE_OK;
}
