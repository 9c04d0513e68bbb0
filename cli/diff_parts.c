/* SPDX-License-Identifier: MIT */
/* The parts of `runwake diff`, one after the other: what was committed, is uncommitted, was thrown away. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/committed.h"
#include "cli/diff.h"
#include "cli/edit_text.h"
#include "cli/print.h"
#include "event/event.h"
#include "git/kept.h"

#define HEADING_MAX ((size_t)64 * 1024 * 1024) /* bytes: a line for each file that is not kept */
#define BATCH 1000                             /* paths that one git takes */

static int show_committed(struct wake_diff *diff, struct wake_error *err)
{
	wake_auto_committed struct wake_committed committed = { 0 };
	const char *given[3] = { NULL };
	struct wake_error failure;
	size_t used = 0;
	bool good = true;
	int ret = wake_committed_find(&diff->context->paths, diff->store, diff->id,
	    wake_options_text(&diff->context->options, "commit"), &committed, &failure);

	/* What is kept can be shown all the same. */
	if (ret == WAKE_NOTFOUND && (diff->uncommitted || diff->discarded)) {
		wake_print_note("%s; what it committed cannot be shown", failure.text);
		return WAKE_OK;
	}
	if (ret < 0) {
		*err = failure;
		return ret;
	}
	if (diff->stat)
		given[used++] = "--stat";
	if (diff->name_only)
		given[used++] = "--name-only";
	ret = wake_committed_show(&committed, given, diff->words, &diff->outlet, &good, err);
	if (!good)
		diff->exit = WAKE_EXIT_NO;
	return ret;
}

static int put(struct wake_diff *diff, const struct wake_str *text, struct wake_error *err)
{
	int ret = wake_str_check(text, err);

	return ret == WAKE_OK && text->len > 0 ? wake_outlet_write(&diff->outlet, text->data, text->len, err)
	                                       : ret;
}

/* By way of a file in memory: git's output may be longer than a pipe holds, and nobody reads it yet. */
static int put_patch(struct wake_diff *diff, struct wake_kept *kept, const char *old_tree,
    const char *new_tree, const char *const *paths, struct wake_error *err)
{
	wake_auto_close int fd = memfd_create("runwake-patch", MFD_CLOEXEC);
	int ret;

	if (fd < 0)
		return wake_fail_errno(err, "make a file in memory");
	ret = wake_kept_patch(kept, old_tree, new_tree, paths, wake_print_has_color(), fd, err);
	if (ret == WAKE_OK && lseek(fd, 0, SEEK_SET) < 0)
		ret = wake_fail_errno(err, "rewind a file in memory");
	return ret == WAKE_OK ? wake_outlet_pour(&diff->outlet, fd, err) : ret;
}

static int add_path(struct wake_str *buffer, const json_t *entry, struct wake_error *err)
{
	const char *text = wake_json_string(entry, "path");
	int ret = wake_event_read_path(text ? text : "", buffer, err);

	wake_str_append_char(buffer, '\0');
	return ret;
}

/* The kept ones of these entries, so many paths at once as git takes. */
static int put_chosen(struct wake_diff *diff, struct wake_kept *kept, const char *old_tree,
    const char *new_tree, const json_t *files, struct wake_error *err)
{
	size_t count = json_array_size(files), at = 0;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && at < count) {
		wake_auto_str struct wake_str buffer = WAKE_STR((size_t)BATCH * (WAKE_EVENT_PATH_MAX + 1));
		const char *paths[BATCH + 1] = { NULL };
		size_t used = 0, from = 0;

		for (; ret == WAKE_OK && at < count && used < BATCH; at++) {
			if (!wake_edit_is_kept(json_array_get(files, at)))
				continue;
			ret = add_path(&buffer, json_array_get(files, at), err);
			used++;
		}
		if (ret == WAKE_OK)
			ret = wake_str_check(&buffer, err);
		for (size_t i = 0; ret == WAKE_OK && i < used; i++) {
			paths[i] = buffer.data + from;
			from += strlen(paths[i]) + 1;
		}
		if (ret == WAKE_OK && used > 0)
			ret = put_patch(diff, kept, old_tree, new_tree, paths, err);
	}
	return ret;
}

/* A group of entries that lie in the same two trees, under a heading. All of a state's are asked for by no
 * path, so that git sees renames. */
static int put_group(struct wake_diff *diff, const char *repository_id, const char *old_tree,
    const char *new_tree, const json_t *files, bool whole, struct wake_error *err)
{
	wake_auto_kept struct wake_kept *kept = NULL;
	struct wake_error failure;
	int ret = wake_kept_open(&diff->context->paths, repository_id, false, &kept, &failure);

	if (ret == WAKE_OK)
		ret = whole ? put_patch(diff, kept, old_tree, new_tree, NULL, &failure)
		            : put_chosen(diff, kept, old_tree, new_tree, files, &failure);
	if (ret == WAKE_NOTFOUND) { /* somebody has removed it: the figures still stand */
		wake_print_note("%s", failure.text);
		diff->exit = WAKE_EXIT_NO;
		return WAKE_OK;
	}
	if (ret < 0)
		*err = failure;
	return ret;
}

static int put_heading(
    struct wake_diff *diff, const char *what, const char *at, const json_t *files, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(HEADING_MAX);
	char local[32];

	if (diff->name_only) {
		wake_edit_append_names(&out, files);
		return put(diff, &out, err);
	}
	wake_str_appendf(&out, "# %s %s: ", what, wake_reader_local_time(at, local));
	wake_edit_append_sum(&out, files);
	wake_str_append_char(&out, '\n');
	wake_edit_append_unkept(&out, "# ", files);
	if (diff->stat)
		wake_edit_append_stat(&out, files);
	return put(diff, &out, err);
}

static int put_place(struct wake_diff *diff, const char *root, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(HEADING_MAX);

	if (diff->name_only || !root)
		return WAKE_OK;
	wake_str_append(&out, "# in ");
	wake_text_append_shown(&out, root, strlen(root), false);
	wake_str_append_char(&out, '\n');
	return put(diff, &out, err);
}

static bool has_kept(const json_t *files)
{
	size_t i;
	json_t *entry;

	json_array_foreach(files, i, entry)
	{
		if (wake_edit_is_kept(entry))
			return true;
	}
	return false;
}

static int show_group(struct wake_diff *diff, const char *what, const char *at, const char *repository_id,
    const char *const trees[2], const json_t *files, bool whole, struct wake_error *err)
{
	int ret = put_heading(diff, what, at, files, err);

	if (ret < 0 || diff->stat || diff->name_only || !has_kept(files))
		return ret;
	return put_group(diff, repository_id, trees[0], trees[1], files, whole, err);
}

int wake_diff_states(struct wake_diff *diff, json_t **ret_states, struct wake_error *err)
{
	const char *at = wake_options_text(&diff->context->options, "at");
	json_t *states;

	if (!at)
		return wake_query_edits_left(diff->store, diff->id, ret_states, err);
	states = json_pack("[s]", at);
	if (!states)
		return wake_fail(err, WAKE_INVALID, "'%s' is neither a state's id nor a time", at);
	*ret_states = states;
	return WAKE_OK;
}

/* where: told only where there are several. */
static int show_state(struct wake_diff *diff, const char *which, bool where, struct wake_error *err)
{
	wake_auto_edit_state struct wake_edit_state state = { 0 };
	wake_auto_json json_t *files = NULL;
	const char *trees[2];
	char at[WAKE_TIME_SIZE];
	int ret = wake_query_edit_state(diff->store, diff->id, which, &state, err);

	if (ret == WAKE_OK)
		ret = wake_edit_choose(state.files, diff->words, &files, err);
	if (ret < 0 || json_array_size(files) == 0)
		return ret;
	wake_time_format(state.at, at);
	trees[0] = state.kept_old;
	trees[1] = state.kept_new;
	if (where)
		ret = put_place(diff, state.root, err);
	if (ret < 0)
		return ret;
	return show_group(diff, "uncommitted, as of", at, state.repository_id, trees, files,
	    json_array_size(files) == json_array_size(state.files), err);
}

static int show_uncommitted(struct wake_diff *diff, struct wake_error *err)
{
	wake_auto_json json_t *states = NULL;
	size_t i;
	json_t *which;
	int ret = wake_diff_states(diff, &states, err);

	json_array_foreach(states, i, which)
	{
		if (ret == WAKE_OK)
			ret = show_state(diff, json_string_value(which), json_array_size(states) > 1, err);
	}
	return ret;
}

static int show_discarded(struct wake_diff *diff, struct wake_error *err)
{
	wake_auto_json json_t *discarded = NULL;
	size_t i;
	json_t *lost;
	int ret = wake_query_run_discarded(diff->store, diff->id, &discarded, err);

	json_array_foreach(discarded, i, lost)
	{
		wake_auto_json json_t *files = NULL;
		const char *old_tree = wake_json_string(lost, "kept_old");
		const char *new_tree = wake_json_string(lost, "kept_new");
		const char *repository_id = wake_json_string(lost, "repository_id");
		const char *const trees[2] = { old_tree ? old_tree : "", new_tree ? new_tree : "" };

		if (ret == WAKE_OK)
			ret = wake_edit_choose(json_object_get(lost, "files"), diff->words, &files, err);
		if (ret == WAKE_OK && json_array_size(files) > 0)
			ret = show_group(diff, "thrown away, gone by", wake_json_string(lost, "at"),
			    repository_id ? repository_id : "", trees, files, false, err);
	}
	return ret;
}

int wake_diff_show(struct wake_diff *diff, struct wake_error *err)
{
	int ret = wake_outlet_open(&diff->outlet, err);

	if (ret == WAKE_OK && diff->committed)
		ret = show_committed(diff, err);
	if (ret == WAKE_OK && diff->uncommitted)
		ret = show_uncommitted(diff, err);
	if (ret == WAKE_OK && diff->discarded)
		ret = show_discarded(diff, err);
	return ret == WAKE_OK ? wake_outlet_finish(&diff->outlet, err) : ret;
}
