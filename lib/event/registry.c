/* SPDX-License-Identifier: MIT */
/* Registering repositories. */
#include "event/registry.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "event/cursor.h"
#include "event/registry_draft.h"
#include "event/registry_file.h"
#include "event/registry_nonce.h"
#include "event/registry_place.h"
#include "event/registry_refs.h"

bool wake_registry_has(const struct wake_worktree *worktree)
{
	wake_auto_free char *dir = NULL;
	struct wake_error ignored;

	return wake_registry_dir(worktree->common_dir, &dir, &ignored) == WAKE_OK && wake_fs_is_dir(dir);
}

static bool is_main(const struct wake_worktree *worktree)
{
	return strcmp(worktree->git_dir, worktree->common_dir) == 0;
}

/* A nonce and a baseline where there was neither: what the log holds now is old. dir: the git directory's
 * runwake/, or what will become it. */
static int begin_recording(const char *git_dir, const char *dir, bool is_common, struct wake_error *err)
{
	const struct wake_registry_place nothing = { .count = 0 };
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *path = NULL;
	struct wake_registry_place place;
	char id[WAKE_ID_SIZE];
	int ret = wake_fs_join(git_dir, "logs/HEAD", &path, err);

	wake_id_v7(id);
	if (ret == WAKE_OK)
		ret = wake_registry_make_log(git_dir, err);
	if (ret == WAKE_OK)
		ret = wake_reflog_read(path, &log, err);
	if (ret < 0)
		return ret;
	place = wake_registry_place_before(log, wake_reflog_count(log), id, "HEAD");
	ret = wake_registry_place_write(dir, WAKE_REGISTRY_BASELINE, id, &place, err);
	if (ret == WAKE_OK)
		ret = wake_registry_place_write(dir, WAKE_REGISTRY_SEEN, id, &nothing, err);
	if (ret == WAKE_OK && is_common)
		ret = wake_registry_refs_write(dir, id, git_dir, err);
	return ret == WAKE_OK ? wake_registry_nonce_write(git_dir, dir, id, err) : ret;
}

static int prepare_linked(const struct wake_worktree *worktree, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	char id[WAKE_ID_SIZE];
	int ret = wake_registry_nonce_read(worktree->git_dir, id, err);

	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = wake_registry_dir(worktree->git_dir, &dir, err);
	if (ret == WAKE_OK)
		ret = wake_registry_make_dir(dir, err);
	if (ret == WAKE_OK)
		ret = begin_recording(worktree->git_dir, dir, false, err);
	return ret == WAKE_EXISTS ? WAKE_OK : ret;
}

/* The common directory's runwake/ makes the repository a registered one; so it comes last, and whole, by
 * rename: no hook ever finds it without its baseline. */
static int prepare_common(const char *common_dir, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *draft = NULL;
	struct wake_error ignored;
	int ret = wake_registry_dir(common_dir, &dir, err);

	if (ret == WAKE_OK)
		ret = wake_registry_draft_name(common_dir, &draft, err);
	if (ret == WAKE_OK)
		ret = wake_registry_make_dir(draft, err);
	if (ret < 0)
		return ret;
	ret = begin_recording(common_dir, draft, true, err);
	if (ret == WAKE_OK && rename(draft, dir) < 0) {
		if (errno == EEXIST || errno == ENOTEMPTY) /* somebody else has just done it */
			return wake_registry_remove_dir(draft, err);
		ret = wake_fail_errno(err, "make '%s'", dir);
	}
	if (ret < 0 && wake_registry_remove_dir(draft, &ignored) < 0)
		return ret; /* what failed first is what counts */
	return ret;
}

static int prepare_all(const struct wake_worktrees *worktrees, struct wake_error *err)
{
	for (size_t i = 0; i < worktrees->count; i++) {
		int ret = is_main(&worktrees->items[i]) ? WAKE_OK : prepare_linked(&worktrees->items[i], err);

		if (ret < 0)
			return ret;
	}
	return prepare_common(worktrees->items[0].common_dir, err);
}

#define GOING_AGE 2 /* seconds; `git worktree remove` takes much less */

/* Is git removing it? It takes the root away first, then the files in its git directory one by one: a nonce that
 * is minted then makes the removal fail. A root that was taken away by other means leaves the directory alone. */
static bool is_going(const struct wake_worktree *worktree)
{
	struct stat st;

	if (worktree->root && wake_fs_is_dir(worktree->root))
		return false;
	return stat(worktree->git_dir, &st) < 0 || time(NULL) - st.st_mtime <= GOING_AGE;
}

static int identify_linked(const struct wake_paths *paths, const struct wake_worktree *worktree,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	int ret = wake_registry_nonce_read(worktree->git_dir, ret_id, err);

	if (ret != WAKE_NOTFOUND)
		return ret;
	if (is_going(worktree))
		return wake_fail(err, WAKE_NOTFOUND, "the worktree of '%s' is being removed", worktree->git_dir);
	return wake_registry_nonce_identify(paths, worktree->git_dir, false, ret_id, err);
}

int wake_registry_identify(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_identity *ret_identity, struct wake_error *err)
{
	struct wake_identity identity;
	int ret = wake_registry_nonce_read(worktree->common_dir, identity.repository_id, err);

	if (ret == WAKE_NOTFOUND && !wake_registry_has(worktree))
		return wake_fail(err, WAKE_NOTFOUND, "'%s' is not registered; `runwake install` does it",
		    worktree->common_dir);
	if (ret == WAKE_NOTFOUND)
		ret = wake_registry_nonce_identify(
		    paths, worktree->common_dir, true, identity.repository_id, err);
	if (ret < 0)
		return ret;
	if (is_main(worktree))
		memcpy(identity.worktree_id, identity.repository_id, WAKE_ID_SIZE);
	else
		ret = identify_linked(paths, worktree, identity.worktree_id, err);
	if (ret == WAKE_OK)
		*ret_identity = identity;
	return ret;
}

int wake_registry_confirm(const char *git_dir, const char *id, struct wake_error *err)
{
	char found[WAKE_ID_SIZE];
	int ret = wake_registry_nonce_read(git_dir, found, err);

	if (ret == WAKE_OK && strcmp(found, id) != 0)
		ret = WAKE_NOTFOUND;
	return ret == WAKE_NOTFOUND ?
	    wake_fail(err, WAKE_NOTFOUND, "'%s' is gone, or another directory has taken its place", git_dir) :
	    ret;
}

int wake_registry_add(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	struct wake_identity identity;
	int ret = wake_worktree_list(worktree->common_dir, &worktrees, err);

	wake_registry_draft_sweep(worktree->common_dir);
	if (ret == WAKE_OK && !wake_registry_has(worktree))
		ret = prepare_all(&worktrees, err);
	for (size_t i = worktrees.count; ret == WAKE_OK && i > 0; i--) {
		ret = wake_registry_identify(paths, &worktrees.items[i - 1], &identity, err);
		if (ret == WAKE_OK)
			ret = wake_registry_make_log(worktrees.items[i - 1].git_dir, err);
	}
	return ret == WAKE_OK ? wake_registry_note(paths, &worktrees.items[0], &identity, err) : ret;
}

/* What the state directory knows of a git directory goes; what was recorded stays. */
static void forget_state(const struct wake_paths *paths, const char *git_dir, bool is_common)
{
	wake_auto_free char *refs = NULL;
	struct wake_error ignored;
	char id[WAKE_ID_SIZE];

	if (wake_registry_nonce_read(git_dir, id, &ignored) < 0)
		return;
	wake_cursor_remove(paths, id);
	if (!is_common)
		return;
	if (wake_str_format(&refs, &ignored, "%s.refs", id) == WAKE_OK)
		wake_cursor_remove(paths, refs);
	wake_registry_unnote(paths, id);
}

/* Out of the way by rename first: a hook that runs meanwhile finds either all of it or nothing. */
static int remove_common(const char *common_dir, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *gone = NULL;
	int ret = wake_registry_dir(common_dir, &dir, err);

	if (ret == WAKE_OK)
		ret = wake_registry_draft_name(common_dir, &gone, err);
	if (ret < 0)
		return ret;
	if (rename(dir, gone) < 0)
		return errno == ENOENT ? WAKE_OK : wake_fail_errno(err, "remove '%s'", dir);
	return wake_registry_remove_dir(gone, err);
}

int wake_registry_remove(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	int ret = wake_worktree_list(worktree->common_dir, &worktrees, err);

	wake_registry_draft_sweep(worktree->common_dir);
	for (size_t i = 0; i < worktrees.count; i++)
		forget_state(paths, worktrees.items[i].git_dir, is_main(&worktrees.items[i]));
	if (ret == WAKE_OK)
		ret = remove_common(worktrees.items[0].common_dir, err);
	for (size_t i = 1; ret == WAKE_OK && i < worktrees.count; i++) {
		wake_auto_free char *dir = NULL;

		ret = wake_registry_dir(worktrees.items[i].git_dir, &dir, err);
		if (ret == WAKE_OK)
			ret = wake_registry_remove_dir(dir, err);
	}
	return ret;
}
