/* SPDX-License-Identifier: MIT */
/* Hostile files in a git directory: HEAD, packed-refs, config, a .git file, commondir, gitdir. The first
 * byte chooses which of them is the input; the rest is as git writes it. */
#include "event/worktree.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One directory for the whole run. */
static char root[64] = "/tmp/runwake-fuzz-XXXXXX";

static void check(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void put(const char *name, const void *data, size_t size)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	check(wake_fs_join(root, name, &path, &err) == WAKE_OK);
	check(wake_fs_replace(path, data, size, 0600, WAKE_FS_PLAIN, &err) == WAKE_OK);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void make(const char *name)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	check(wake_fs_join(root, name, &path, &err) == WAKE_OK);
	check(wake_fs_make_dirs(path, &err) == WAKE_OK);
}

static void restore(void)
{
	put_text("r/.git/HEAD", "ref: refs/heads/main\n");
	put_text("r/.git/packed-refs", "");
	put_text("r/.git/config", "");
	put_text("r/.git/refs/heads/loose", "ref: refs/heads/main\n");
	put_text("w/.git", "gitdir: ../r/.git/worktrees/w\n");
	put_text("r/.git/worktrees/w/HEAD", "ref: refs/heads/loose\n");
	put_text("r/.git/worktrees/w/commondir", "../..\n");
	put_text("r/.git/worktrees/w/gitdir", "../../../../w/.git\n");
	put_text("r/.git/worktrees/w/rebase-merge/head-name", "refs/heads/x\n");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_root(void)
{
	(void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	check(mkdtemp(root) != NULL);
	make("r/.git/objects");
	make("r/.git/refs/heads");
	make("r/.git/worktrees/w/rebase-merge");
	make("w");
	restore();
	return atexit(remove_root);
}

static void look_at(const char *name)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_worktrees struct wake_worktrees list = { 0 };
	wake_auto_free char *start = NULL;
	wake_auto_free char *branch = NULL;
	wake_auto_free char *rebased = NULL;
	char hash[WAKE_HASH_SIZE];
	struct wake_error err;

	check(wake_fs_join(root, name, &start, &err) == WAKE_OK);
	if (wake_worktree_find(start, &worktree, &err) < 0) {
		check(err.text[0] != '\0');
		return;
	}
	check(worktree.git_dir[0] == '/' && worktree.common_dir[0] == '/');
	if (wake_worktree_head(&worktree, &branch, hash, &err) == WAKE_OK) {
		check(hash[0] == '\0' || wake_hash_is_valid(hash));
		check(!branch || !strstr(branch, ".."));
	}
	rebased = wake_worktree_rebased_branch(&worktree);
	if (wake_worktree_list(worktree.common_dir, &list, &err) == WAKE_OK)
		check(list.count >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const files[] = { "r/.git/HEAD", "r/.git/packed-refs", "r/.git/config", "r/.git/refs/heads/loose",
		"w/.git", "r/.git/worktrees/w/commondir", "r/.git/worktrees/w/gitdir",
		"r/.git/worktrees/w/rebase-merge/head-name" };
	static const char *last;

	if (size == 0)
		return 0;
	if (last != files[data[0] % WAKE_COUNT(files)]) {
		restore();
		last = files[data[0] % WAKE_COUNT(files)];
	}
	put(last, data + 1, size - 1);
	look_at("r");
	look_at("w");
	look_at("r/.git/worktrees/w");
	return 0;
}
