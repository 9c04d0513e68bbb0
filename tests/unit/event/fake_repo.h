/* SPDX-License-Identifier: MIT */
/* A repository made by hand, without git: just the files that git would have written. */
#ifndef WAKE_TEST_FAKE_REPO_H
#define WAKE_TEST_FAKE_REPO_H

#include "../base/scratch.h"
#include "base/fs.h"
#include "base/str.h"

/* A hash that is one digit 40 times over. */
#define HASH_0 "0000000000000000000000000000000000000000"
#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HASH_C "cccccccccccccccccccccccccccccccccccccccc"
#define HASH_D "dddddddddddddddddddddddddddddddddddddddd"
#define WHO "Ann Example <ann@example.org>"

static inline void repo_mkdir(const char *dir, const char *name)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_join(dir, name, &path, &err), WAKE_OK);
	assert_int_equal(wake_fs_make_dirs(path, &err), WAKE_OK);
}

static inline void repo_write(const char *dir, const char *name, const char *text)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *parent = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_join(dir, name, &path, &err), WAKE_OK);
	parent = strndup(path, (size_t)(strrchr(path, '/') - path));
	assert_int_equal(wake_fs_make_dirs(parent, &err), WAKE_OK);
	scratch_write(path, text);
}

/* Appends, as git does. */
static inline void repo_append(const char *dir, const char *name, const char *text)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;
	FILE *stream;

	assert_int_equal(wake_fs_join(dir, name, &path, &err), WAKE_OK);
	stream = fopen(path, "ae");
	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
	assert_int_equal(fclose(stream), 0);
}

/* Replaces, as gc does: another file under the same name. */
static inline void repo_replace(const char *dir, const char *name, const char *text)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_join(dir, name, &path, &err), WAKE_OK);
	assert_int_equal(wake_fs_replace(path, text, strlen(text), 0644, WAKE_FS_PLAIN, &err), WAKE_OK);
}

/* A git directory on branch main. */
static inline void repo_make_git_dir(const char *git_dir)
{
	repo_mkdir(git_dir, "objects");
	repo_mkdir(git_dir, "refs/heads");
	repo_mkdir(git_dir, "logs/refs/heads");
	repo_write(git_dir, "HEAD", "ref: refs/heads/main\n");
	repo_write(git_dir, "config", "[core]\n\tbare = false\n");
}

/* "DIR/r", a repository with its worktree; free(3). */
static inline char *repo_make(void *const *state)
{
	char *root = scratch_path(state, "r");
	wake_auto_free char *git_dir = scratch_path(state, "r/.git");

	repo_make_git_dir(git_dir);
	return root;
}

/* A linked worktree of "DIR/r": its root is "DIR/NAME"; free(3). */
static inline char *repo_add_worktree(void *const *state, const char *name)
{
	char *root = scratch_path(state, name);
	wake_auto_free char *git_dir = NULL;
	wake_auto_free char *text = NULL;

	assert_true(asprintf(&git_dir, "%s/r/.git/worktrees/%s", (const char *)*state, name) > 0);
	assert_true(asprintf(&text, "gitdir: %s\n", git_dir) > 0);
	repo_write(root, ".git", text);
	free(text);
	assert_true(asprintf(&text, "%s/.git\n", root) > 0);
	repo_write(git_dir, "gitdir", text);
	repo_write(git_dir, "commondir", "../..\n");
	repo_write(git_dir, "HEAD", "ref: refs/heads/topic\n");
	return root;
}

#endif
