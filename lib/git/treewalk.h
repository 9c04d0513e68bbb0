/* SPDX-License-Identifier: MIT */
/* Which entries differ between two trees. Subtrees with equal ids are never read, so a small commit costs
 * little in a large repository. Inner to the room. */
#ifndef WAKE_TREEWALK_H
#define WAKE_TREEWALK_H

#include "git/repo_inside.h"

struct wake_change {
	char *path;		/* owned; bytes as they are in the tree */
	git_oid old_id, new_id;
	unsigned old_mode, new_mode;	/* 0: not there; else as git reduces them (S_IFREG | 0644, …) */
};

struct wake_changes {
	struct wake_change *items;	/* by path, bytewise */
	size_t count, room;
	char **directories;		/* owned; where something changed: "" (the root), "dir/", … */
	size_t directory_count, directory_room;
	git_oid *attributes;		/* the .gitattributes files of those directories, on both sides */
	size_t attribute_count, attribute_room;
	bool has_submodule;		/* an entry that changed is or was one */
};

/* Hashes of trees; "" is the empty tree. Only for a repository that libgit2 has opened. WAKE_CORRUPT: a
 * tree that is not in order, or nested too deeply. */
int wake_treewalk(struct wake_repo *repo, const char *old_tree, const char *new_tree,
    struct wake_changes *ret_changes, struct wake_error *err) WAKE_MUST_CHECK;
void wake_changes_release(struct wake_changes *changes);

#define wake_auto_changes WAKE_CLEANUP(wake_changes_release)

#endif
