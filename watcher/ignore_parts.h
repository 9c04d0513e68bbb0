/* SPDX-License-Identifier: MIT */
/* Shared between ignore.c, ignore_list.c and ignore_ask.c alone. */
#ifndef WAKE_IGNORE_PARTS_H
#define WAKE_IGNORE_PARTS_H

#include "base/str.h"
#include "watcher/child.h"
#include "watcher/ignore.h"

#define WAKE_IGNORE_PATH_MAX 65536u /* bytes of a path; git's own maximum is below */
#define WAKE_IGNORE_COMPLAINT_SIZE 200

struct wake_tracked {
	uint32_t *items; /* owned; hashes, sorted once complete */
	size_t count, room;
};

struct wake_question {
	char *path; /* owned */
	uint64_t token;
};

struct wake_ignore {
	struct wake_loop *loop; /* borrowed */
	char *root;             /* owned */
	char *git_dir_option, *work_tree_option; /* owned: "--git-dir=…" */
	struct wake_ignore_owner owner;
	uint64_t key;
	char complaint[WAKE_IGNORE_COMPLAINT_SIZE]; /* the first line that a git says on stderr */

	/* Listing. */
	struct wake_child *lister; /* owned; NULL: not listing */
	struct wake_deferred refused; /* no git could be started: told later, as every end is */
	struct wake_tracked tracked, listing;
	struct wake_str tail, latest; /* an unfinished path; the path before */
	bool is_listed, list_again, list_broken;
	char list_problem[256];

	/* Asking. */
	struct wake_child *asker; /* owned; NULL: not running */
	struct wake_question *questions; /* owned; a ring */
	size_t first, count, room, sent; /* sent: how many of them the asker has got */
	struct wake_str answers;	 /* not complete yet */
	struct wake_timer idle;
	struct wake_deferred give_up; /* answers all without git */
	unsigned deaths; /* since the latest answer */
	bool is_closing; /* the asker was told to end */
	bool ask_broken;
	char ask_problem[256];
};

int wake_ignore_start(struct wake_ignore *ignore, const char *const *arguments, bool asks,
    void (*output)(void *context, const char *bytes, size_t len), void (*ended)(void *context, int code),
    struct wake_child **ret_child, struct wake_error *err) WAKE_MUST_CHECK;

void wake_ignore_answer_all(void *context);	  /* the give_up of ignore_ask.c */
void wake_ignore_tell_refused(void *context);	  /* the refused of ignore_list.c */
void wake_ignore_lose_patience(void *context);	  /* the idle of ignore_ask.c */

#endif
