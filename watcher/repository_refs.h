/* SPDX-License-Identifier: MIT */
/* A repository's refs/heads and refs/remotes, watched as directories. Inner to repository. */
#ifndef WAKE_REPOSITORY_REFS_H
#define WAKE_REPOSITORY_REFS_H

#include "watcher/watch_scene.h"

#define WAKE_REPOSITORY_REFS_MAX 2000 /* directories; what lies in others is found when something else moves */

struct wake_refs_dir {
	char *name;	/* owned: "refs/heads/feature" */
	int wd;		/* -1: a free place */
};

struct wake_repository_refs {
	struct wake_scene *scene;
	const char *common_dir;	/* borrowed */
	/* A ref has moved: "refs/heads/x"; NULL: any of them may have. */
	void (*moved)(void *context, const char *ref);
	void *context;
	struct wake_refs_dir *dirs;
	size_t count;	/* with free places */
};

/* Fill in the first four. Doing it again adds what is missing. */
int wake_repository_refs_open(struct wake_repository_refs *refs, struct wake_error *err) WAKE_MUST_CHECK;
void wake_repository_refs_close(struct wake_repository_refs *refs);

#endif
