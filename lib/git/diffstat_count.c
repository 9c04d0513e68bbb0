/* SPDX-License-Identifier: MIT */
/* Lines added and removed between two blobs, by libgit2's xdiff on the bytes as they are. */
#include "git/diffstat_inside.h"

#include <string.h>

#define BINARY_LOOK 8000 /* bytes at a file's start in which git looks for a NUL */

struct blob {
	git_odb_object *held; /* owned; NULL: not there */
	struct wake_side side;
};

static void blob_release(struct blob *blob)
{
	git_odb_object_free(blob->held);
}

static int read_blob(
    struct wake_repo *repo, const git_oid *id, unsigned mode, struct blob *blob, struct wake_error *err)
{
	char name[WAKE_HASH_SIZE];
	int code;

	if (mode == 0)
		return WAKE_OK;
	code = git_odb_read(&blob->held, repo->odb, id);
	if (code < 0)
		return wake_fail_git2(err, code, "read blob", git_oid_tostr(name, sizeof(name), id));
	if (git_odb_object_type(blob->held) != GIT_OBJECT_BLOB)
		return wake_fail(err, WAKE_CORRUPT, "%s is no blob", git_oid_tostr(name, sizeof(name), id));
	blob->side.len = git_odb_object_size(blob->held);
	blob->side.data = blob->side.len > 0 ? git_odb_object_data(blob->held) : "";
	return WAKE_OK;
}

bool wake_count_is_binary(const char *data, size_t len)
{
	return len > WAKE_OBJECT_MAX || memchr(data, '\0', len < BINARY_LOOK ? len : BINARY_LOOK);
}

/* A last line without a newline is a line. */
static int64_t count_lines(const struct wake_side *side)
{
	const char *at = side->data, *end = side->data + side->len;
	int64_t lines = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		lines++;
		at = newline ? newline + 1 : end;
	}
	return lines;
}

static int take_line(
    const git_diff_delta *delta, const git_diff_hunk *hunk, const git_diff_line *line, void *payload)
{
	struct wake_count *count = payload;

	(void)delta;
	(void)hunk;
	if (line->origin == GIT_DIFF_LINE_ADDITION)
		count->added++;
	else if (line->origin == GIT_DIFF_LINE_DELETION)
		count->removed++;
	return 0;
}

/* No context: it does not change the counts, and each line costs a call. */
static int compare(const struct wake_side *old_side, const struct wake_side *new_side,
    struct wake_count *count, struct wake_error *err)
{
	git_diff_options options;
	int code;

	(void)git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
	options.flags = GIT_DIFF_FORCE_TEXT;
	options.context_lines = 0;
	code = git_diff_buffers(old_side->data, old_side->len, NULL, new_side->data, new_side->len, NULL,
	    &options, NULL, NULL, NULL, take_line, count);
	return code < 0 ? wake_fail_git2(err, code, "compare", "two blobs") : WAKE_OK;
}

int wake_count_sides(const struct wake_side *old_side, const struct wake_side *new_side, bool same,
    struct wake_count *ret_count, struct wake_error *err)
{
	struct wake_count count = { 0 };
	int ret = WAKE_OK;

	if ((old_side->data && wake_count_is_binary(old_side->data, old_side->len)) ||
	    (new_side->data && wake_count_is_binary(new_side->data, new_side->len)))
		count.binary = true;
	else if (!same && old_side->data && new_side->data)
		ret = compare(old_side, new_side, &count, err);
	else if (!same) {
		count.added = new_side->data ? count_lines(new_side) : 0;
		count.removed = old_side->data ? count_lines(old_side) : 0;
	}
	if (ret == WAKE_OK)
		*ret_count = count;
	return ret;
}

int wake_count_blobs(struct wake_repo *repo, const git_oid *old_id, unsigned old_mode, const git_oid *new_id,
    unsigned new_mode, struct wake_count *ret_count, struct wake_error *err)
{
	WAKE_CLEANUP(blob_release) struct blob old_blob = { 0 };
	WAKE_CLEANUP(blob_release) struct blob new_blob = { 0 };
	bool same = old_mode != 0 && new_mode != 0 && git_oid_equal(old_id, new_id);
	int ret = same ? WAKE_OK : read_blob(repo, old_id, old_mode, &old_blob, err);

	if (ret == WAKE_OK)
		ret = read_blob(repo, new_id, new_mode, &new_blob, err);
	if (ret < 0)
		return ret;
	return wake_count_sides(&old_blob.side, &new_blob.side, same, ret_count, err);
}
