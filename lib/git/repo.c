/* SPDX-License-Identifier: MIT */
/* A repository's places, names and HEAD. */
#include "git/repo.h"

#include <string.h>

#include "base/fs.h"
#include "base/text.h"
#include "git/repo_inside.h"

#define ANSWER_MAX ((size_t)64 * 1024) /* bytes of one answer of git */

static int copy_places(const struct wake_worktree *from, struct wake_worktree *to, struct wake_error *err)
{
	int ret = wake_str_copy(from->git_dir, &to->git_dir, err);

	if (ret == WAKE_OK)
		ret = wake_str_copy(from->common_dir, &to->common_dir, err);
	if (ret == WAKE_OK && from->root)
		ret = wake_str_copy(from->root, &to->root, err);
	return ret;
}

static void repo_release(struct wake_repo **repo)
{
	wake_repo_free(*repo);
}

int wake_repo_open(const struct wake_worktree *worktree, struct wake_repo **ret_repo, struct wake_error *err)
{
	WAKE_CLEANUP(repo_release) struct wake_repo *repo = NULL;
	int ret;

	if (!wake_fs_is_dir(worktree->git_dir))
		return wake_fail(err, WAKE_NOTFOUND, "git directory '%s' is gone", worktree->git_dir);
	if (!wake_fs_is_dir(worktree->common_dir))
		return wake_fail(err, WAKE_NOTFOUND, "repository '%s' is gone", worktree->common_dir);
	repo = calloc(1, sizeof(*repo));
	if (!repo)
		return wake_fail_nomem(err);
	ret = copy_places(worktree, &repo->worktree, err);
	if (ret == WAKE_OK)
		ret = wake_repo_read_format(repo, err);
	if (ret < 0)
		return ret;
	repo->has_root = repo->worktree.root && wake_fs_is_dir(repo->worktree.root);
	*ret_repo = repo;
	repo = NULL; /* the caller's now */
	return WAKE_OK;
}

void wake_repo_free(struct wake_repo *repo)
{
	if (!repo)
		return;
	if (repo->state == WAKE_LIBRARY_OPEN) {
		git_repository_free(repo->library);
		git_odb_free(repo->odb);
		(void)git_libgit2_shutdown();
	}
	wake_worktree_release(&repo->worktree);
	free(repo->attributes_file);
	free(repo);
}

const struct wake_worktree *wake_repo_worktree(const struct wake_repo *repo)
{
	return &repo->worktree;
}

const char *wake_repo_object_format(const struct wake_repo *repo)
{
	return repo->sha256 ? "sha256" : "sha1";
}

/* Runs git for one line of answer. ret_line: NULL if it exits with a failure. owned: free(3). */
static int ask(struct wake_repo *repo, const char *const *args, char **ret_line, struct wake_error *err)
{
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_repo_git(repo, args, NULL, 0, ANSWER_MAX, &result, err);

	if (ret < 0)
		return ret;
	if (result.exit_code != 0) {
		*ret_line = NULL;
		return WAKE_OK;
	}
	if (result.output.len > 0 && result.output.data[result.output.len - 1] == '\n')
		result.output.data[--result.output.len] = '\0';
	return wake_str_steal(&result.output, ret_line, err);
}

/* git's own `remote get-url`, since url.*.insteadOf, includes and the old .git/remotes files count too. */
int wake_repo_origin(struct wake_repo *repo, char **ret_url, struct wake_error *err)
{
	static const char *const args[] = { "remote", "get-url", "origin", NULL };
	wake_auto_str struct wake_str bare = WAKE_STR(2 * ANSWER_MAX), stored = WAKE_STR(8 * ANSWER_MAX);
	wake_auto_free char *url = NULL;
	int ret = ask(repo, args, &url, err);

	if (ret < 0)
		return ret;
	if (!url || !*url) {
		*ret_url = NULL;
		return WAKE_OK;
	}
	wake_text_append_url(&bare, url, strlen(url));
	ret = wake_str_check(&bare, err);
	if (ret < 0)
		return ret;
	wake_text_append_stored(&stored, wake_str_text(&bare), bare.len, ANSWER_MAX);
	return wake_str_steal(&stored, ret_url, err);
}

int wake_repo_name(struct wake_repo *repo, char **ret_name, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees list = { 0 };
	wake_auto_str struct wake_str stored = WAKE_STR(8 * ANSWER_MAX);
	wake_auto_free char *origin = NULL;
	const char *place;
	int ret = wake_repo_origin(repo, &origin, err);

	if (ret < 0)
		return ret;
	if (origin) {
		*ret_name = origin;
		origin = NULL; /* the caller's now */
		return WAKE_OK;
	}
	ret = wake_worktree_list(repo->worktree.common_dir, &list, err);
	if (ret < 0)
		return ret;
	place = repo->worktree.common_dir;
	if (list.count > 0 && list.items[0].root)
		place = list.items[0].root;
	wake_text_append_stored(&stored, place, strlen(place), ANSWER_MAX);
	return wake_str_steal(&stored, ret_name, err);
}

/* Where refs are not files, git is asked. */
static int ask_head(
    struct wake_repo *repo, char **ret_branch, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	static const char *const symbolic[] = { "symbolic-ref", "--quiet", "HEAD", NULL };
	static const char *const commit[] = { "rev-parse", "--verify", "--quiet", "HEAD^{commit}", NULL };
	static const char heads[] = "refs/heads/";
	wake_auto_free char *target = NULL;
	wake_auto_free char *hash = NULL;
	wake_auto_free char *branch = NULL;
	int ret = ask(repo, symbolic, &target, err);

	if (ret == WAKE_OK)
		ret = ask(repo, commit, &hash, err);
	if (ret == WAKE_OK && target) {
		bool is_branch = strncmp(target, heads, sizeof(heads) - 1) == 0;

		ret = wake_str_copy(is_branch ? target + sizeof(heads) - 1 : target, &branch, err);
	}
	if (ret < 0)
		return ret;
	if (hash && !wake_hash_is_valid(hash))
		return wake_fail(
		    err, WAKE_UNAVAILABLE, "git says an odd HEAD in '%s'", repo->worktree.git_dir);
	(void)snprintf(ret_hash, WAKE_HASH_SIZE, "%s", hash ? hash : "");
	*ret_branch = branch;
	branch = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_repo_head(
    struct wake_repo *repo, char **ret_branch, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	int ret = wake_worktree_head(&repo->worktree, ret_branch, ret_hash, err);

	return ret == WAKE_UNAVAILABLE ? ask_head(repo, ret_branch, ret_hash, err) : ret;
}

static int fail_resolve(
    const struct wake_process_result *result, const char *revision, struct wake_error *err)
{
	if (strstr(wake_str_text(&result->errors), "ambiguous"))
		return wake_fail(err, WAKE_INVALID, "'%.100s' is ambiguous; give more of the hash", revision);
	return wake_fail(err, WAKE_NOTFOUND, "there is no commit '%.100s' here", revision);
}

int wake_repo_resolve(
    struct wake_repo *repo, const char *revision, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	/* ":/words" takes all that follows as the words to search for, so nothing can be put behind it. */
	const char *suffix = strncmp(revision, ":/", 2) == 0 ? "" : "^{commit}";
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free char *peeled = NULL;
	const char *args[] = { "rev-parse", "--verify", NULL, NULL };
	int ret;

	if (!*revision || *revision == '-')
		return wake_fail(err, WAKE_INVALID, "'%.100s' is no name of a commit", revision);
	ret = wake_str_format(&peeled, err, "%s%s", revision, suffix);
	if (ret < 0)
		return ret;
	args[2] = peeled;
	ret = wake_repo_git(repo, args, NULL, 0, ANSWER_MAX, &result, err);
	if (ret < 0)
		return ret;
	if (result.exit_code != 0)
		return fail_resolve(&result, revision, err);
	if (result.output.len > 0)
		result.output.data[result.output.len - 1] = '\0';
	if (!wake_hash_is_valid(wake_str_text(&result.output)))
		return fail_resolve(&result, revision, err);
	(void)snprintf(ret_hash, WAKE_HASH_SIZE, "%s", result.output.data);
	return WAKE_OK;
}

int wake_repo_user_email(struct wake_repo *repo, char **ret_email, struct wake_error *err)
{
	static const char *const args[] = { "config", "--get", "user.email", NULL };
	wake_auto_str struct wake_str stored = WAKE_STR(8 * ANSWER_MAX);
	wake_auto_free char *email = NULL;
	int ret = ask(repo, args, &email, err);

	if (ret < 0)
		return ret;
	if (!email || !*email) {
		*ret_email = NULL;
		return WAKE_OK;
	}
	wake_text_append_stored(&stored, email, strlen(email), ANSWER_MAX);
	return wake_str_steal(&stored, ret_email, err);
}
