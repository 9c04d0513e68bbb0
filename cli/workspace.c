/* SPDX-License-Identifier: MIT */
/* The directory that a run works in. */
#include "cli/workspace.h"

#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/fs.h"
#include "git/repo.h"

/* WAKE_NOTFOUND: not registered. */
static int identify(const struct wake_paths *paths, struct wake_workspace *workspace, struct wake_error *err)
{
	int ret = wake_registry_identify(paths, &workspace->worktree, &workspace->identity, err);

	if (ret < 0)
		return ret;
	workspace->registered = true;
	memcpy(workspace->id, workspace->identity.worktree_id, sizeof(workspace->id));
	return WAKE_OK;
}

/* It has no identity of its own: it is this directory of this machine, and other machines have one of the same
 * name. */
static int find_plain(const struct wake_paths *paths, const char *directory, struct wake_workspace *workspace,
    struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_free char *name = NULL;
	char host[WAKE_HOST_SIZE];
	int ret = wake_fs_resolve(directory ? directory : ".", &workspace->root, err);

	if (ret == WAKE_OK)
		ret = wake_config_load(paths->config, &config, err);
	wake_config_host(&config, host);
	if (ret == WAKE_OK)
		ret = wake_str_format(&name, err, "%s:%s", host, workspace->root);
	if (ret == WAKE_OK)
		wake_id_v5(name, strlen(name), workspace->id);
	return ret;
}

static int find_in_git(
    const struct wake_paths *paths, struct wake_workspace *workspace, struct wake_error *err)
{
	int ret;

	workspace->in_git = true;
	if (!workspace->worktree.root)
		return wake_fail(err, WAKE_INVALID,
		    "'%s' is a bare repository and has no workspace; work in one of its worktrees (git "
		    "worktree add)",
		    workspace->worktree.git_dir);
	ret = wake_str_copy(workspace->worktree.root, &workspace->root, err);
	if (ret == WAKE_OK && wake_registry_has(&workspace->worktree))
		ret = identify(paths, workspace, err);
	return ret;
}

int wake_workspace_find(const struct wake_paths *paths, const char *directory,
    struct wake_workspace *ret_workspace, struct wake_error *err)
{
	wake_auto_workspace struct wake_workspace workspace = { 0 };
	int ret = wake_worktree_find(directory, &workspace.worktree, err);

	if (ret == WAKE_OK)
		ret = find_in_git(paths, &workspace, err);
	else if (ret == WAKE_NOTFOUND)
		ret = find_plain(paths, directory, &workspace, err);
	if (ret < 0)
		return ret;
	*ret_workspace = workspace;
	workspace = (struct wake_workspace){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_workspace_release(struct wake_workspace *workspace)
{
	wake_worktree_release(&workspace->worktree);
	free(workspace->root);
	*workspace = (struct wake_workspace){ 0 };
}

int wake_workspace_register(const struct wake_paths *paths, struct wake_workspace *workspace, bool *ret_new,
    struct wake_error *err)
{
	int ret;

	*ret_new = false;
	if (!workspace->in_git || workspace->registered)
		return WAKE_OK;
	ret = wake_registry_add(paths, &workspace->worktree, err);
	if (ret == WAKE_OK)
		ret = identify(paths, workspace, err);
	if (ret == WAKE_OK)
		*ret_new = true;
	return ret;
}

int wake_workspace_observe(const struct wake_paths *paths, const struct wake_workspace *workspace,
    struct wake_error *err)
{
	const struct wake_witness witness = { .settled = true };
	struct wake_observed observed;
	int ret;

	if (!workspace->registered)
		return WAKE_OK;
	/* A repository that came from a template directory carries its registration but is not listed yet. */
	ret = wake_registry_note(paths, &workspace->worktree, &workspace->identity, err);
	if (ret == WAKE_OK)
		ret =
		    wake_observe(paths, &workspace->worktree, &workspace->identity, &witness, &observed, err);
	return ret;
}

static int head_by_repo(
    const struct wake_workspace *workspace, struct wake_git_facts *facts, struct wake_error *err)
{
	wake_auto_repo struct wake_repo *repo = NULL;
	int ret = wake_repo_open(&workspace->worktree, &repo, err);

	return ret == WAKE_OK ? wake_repo_head(repo, &facts->branch, facts->head, err) : ret;
}

int wake_git_facts_head(const struct wake_workspace *workspace, struct wake_git_facts *ret_facts,
    struct wake_error *err)
{
	wake_auto_facts struct wake_git_facts facts = { 0 };
	int ret = WAKE_OK;

	if (workspace->in_git)
		ret = wake_worktree_head(&workspace->worktree, &facts.branch, facts.head, err);
	if (ret == WAKE_UNAVAILABLE) /* reftable */
		ret = head_by_repo(workspace, &facts, err);
	if (ret < 0)
		return ret;
	*ret_facts = facts;
	facts = (struct wake_git_facts){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_git_facts_read(const struct wake_workspace *workspace, struct wake_git_facts *ret_facts,
    struct wake_error *err)
{
	wake_auto_repo struct wake_repo *repo = NULL;
	wake_auto_facts struct wake_git_facts facts = { 0 };
	int ret = WAKE_OK;

	if (workspace->in_git) {
		ret = wake_repo_open(&workspace->worktree, &repo, err);
		if (ret == WAKE_OK)
			ret = wake_repo_head(repo, &facts.branch, facts.head, err);
		if (ret == WAKE_OK)
			ret = wake_repo_name(repo, &facts.name, err);
		if (ret == WAKE_OK)
			ret = wake_repo_user_email(repo, &facts.email, err);
	}
	if (ret < 0)
		return ret;
	*ret_facts = facts;
	facts = (struct wake_git_facts){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_git_facts_release(struct wake_git_facts *facts)
{
	free(facts->name);
	free(facts->branch);
	free(facts->email);
	*facts = (struct wake_git_facts){ 0 };
}
