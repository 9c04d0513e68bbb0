/* SPDX-License-Identifier: MIT */
/* Claims: {"version":1,"run_id":"…","workspace_id":"…","at":"…"} in GIT_DIR/runwake/claim. */
#include "event/claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"

#define CLAIM_VERSION 1
#define TAKE_TRIES 8 /* times that a holder may give up between our link(2) and our look */

static int claim_path(const struct wake_worktree *worktree, char **ret_path, struct wake_error *err)
{
	return wake_fs_join(worktree->git_dir, "runwake/claim", ret_path, err);
}

/* The directory of a linked worktree may be missing yet. The repository's own is what registers it, which is
 * not for a claim to do. */
static int make_directory(const struct wake_worktree *worktree, mode_t mode, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(worktree->common_dir, "runwake", &path, err);

	if (ret < 0)
		return ret;
	if (!wake_fs_is_dir(path))
		return wake_fail(err, WAKE_NOTFOUND,
		    "the repository '%s' is not registered; run `runwake install` in it",
		    worktree->common_dir);
	free(path);
	path = NULL;
	ret = wake_fs_join(worktree->git_dir, "runwake", &path, err);
	if (ret < 0)
		return ret;
	if (mkdir(path, 0700) == 0) /* else it is there, or the claim's own failure tells why not */
		(void)chmod(path, mode);
	return WAKE_OK;
}

/* Files among git's are for the same people as git's. */
static int git_mode(const struct wake_worktree *worktree, mode_t *ret_mode, struct wake_error *err)
{
	struct stat st;

	if (stat(worktree->git_dir, &st) < 0)
		return wake_fail_errno(err, "look at '%s'", worktree->git_dir);
	*ret_mode = st.st_mode & 02777;
	return WAKE_OK;
}

static int format(const char *run_id, const char *workspace_id, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	char at[WAKE_TIME_SIZE];
	int ret = object ? wake_run_id_check(run_id, err) : wake_fail_nomem(err);

	wake_time_format(wake_clock_now(), at);
	if (ret == WAKE_OK && workspace_id && workspace_id[0]) {
		ret = wake_run_id_check(workspace_id, err);
		if (ret == WAKE_OK)
			ret = wake_json_set_string(object, "workspace_id", workspace_id, err);
	}
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "version", CLAIM_VERSION, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "run_id", run_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "at", at, err);
	if (ret == WAKE_OK)
		ret = wake_json_append(out, object, err);
	wake_str_append_char(out, '\n');
	return ret == WAKE_OK ? wake_str_check(out, err) : ret;
}

static int parse(const char *text, size_t len, struct wake_claim *ret_claim, struct wake_error *err)
{
	wake_auto_json json_t *object = NULL;
	struct wake_claim claim = { 0 };
	const char *run_id, *workspace_id, *at;
	int ret = wake_json_parse(text, len, &object, err);

	if (ret < 0)
		return ret;
	run_id = wake_json_string(object, "run_id");
	workspace_id = wake_json_string(object, "workspace_id");
	at = wake_json_string(object, "at");
	if (wake_json_int(object, "version", 0) != CLAIM_VERSION || !run_id || !at)
		return wake_fail(err, WAKE_INVALID, "it is not a claim of version %d", CLAIM_VERSION);
	ret = wake_run_id_check(run_id, err);
	if (ret == WAKE_OK && workspace_id)
		ret = wake_run_id_check(workspace_id, err);
	if (ret == WAKE_OK)
		ret = wake_time_parse(at, &claim.at, err);
	if (ret < 0)
		return ret;
	memcpy(claim.run_id, run_id, strlen(run_id));
	if (workspace_id)
		memcpy(claim.workspace_id, workspace_id, strlen(workspace_id));
	*ret_claim = claim;
	return WAKE_OK;
}

int wake_claim_read(
    const struct wake_worktree *worktree, struct wake_claim *ret_claim, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = claim_path(worktree, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, WAKE_MARKER_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret == WAKE_OK)
		ret = parse(text, len, ret_claim, err);
	if (ret != WAKE_INVALID)
		return ret;
	(void)wake_error_prefix(err, "the claim '%s' cannot be read (--replace takes it over)", path);
	return err->code = WAKE_CORRUPT;
}

/* WAKE_EXISTS: the holder gave up between two looks; try again. */
static int take_once(const struct wake_worktree *worktree, const char *path, const char *run_id,
    const struct wake_str *text, mode_t mode, struct wake_claim *ret_holder, struct wake_error *err)
{
	struct wake_claim holder;
	int ret = wake_fs_create(path, text->data, text->len, mode, WAKE_FS_PLAIN, err);

	if (ret != WAKE_EXISTS)
		return ret;
	ret = wake_claim_read(worktree, &holder, err);
	if (ret == WAKE_NOTFOUND)
		return WAKE_EXISTS;
	if (ret < 0 || strcmp(holder.run_id, run_id) == 0)
		return ret;
	if (ret_holder)
		*ret_holder = holder;
	return wake_fail(
	    err, WAKE_BUSY, "run %s holds this workspace; finish it first, or use --replace", holder.run_id);
}

int wake_claim_take(const struct wake_worktree *worktree, const char *run_id, const char *workspace_id,
    bool replace, struct wake_claim *ret_holder, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_MARKER_MAX);
	wake_auto_free char *path = NULL;
	mode_t mode = 0;
	int ret = format(run_id, workspace_id, &text, err);

	if (ret == WAKE_OK)
		ret = claim_path(worktree, &path, err);
	if (ret == WAKE_OK)
		ret = git_mode(worktree, &mode, err);
	if (ret == WAKE_OK)
		ret = make_directory(worktree, mode, err);
	if (ret < 0)
		return ret;
	mode &= 0666;
	if (replace)
		return wake_fs_replace(path, text.data, text.len, mode, WAKE_FS_PLAIN, err);
	ret = WAKE_EXISTS;
	for (int i = 0; i < TAKE_TRIES && ret == WAKE_EXISTS; i++)
		ret = take_once(worktree, path, run_id, &text, mode, ret_holder, err);
	return ret == WAKE_EXISTS ? wake_fail(err, WAKE_BUSY, "'%s' changes hands all the time", path) : ret;
}

int wake_claim_release(const struct wake_worktree *worktree, const char *run_id, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = claim_path(worktree, &path, err);

	return ret == WAKE_OK ? wake_marker_unlink_of(path, run_id, err) : ret;
}
