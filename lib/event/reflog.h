/* SPDX-License-Identifier: MIT */
/* One reflog file, line by line:  OLD SP NEW SP NAME <EMAIL> SP TIME SP ZONE [TAB MESSAGE] LF
 * (git's refs/files-backend.c). Hostile bytes: half lines at the end are not read, of glued lines the last
 * valid one is parsed, everything is bounded. Message shapes: tests/unit/event/reflog_test.c lists them
 * all. */
#ifndef WAKE_REFLOG_H
#define WAKE_REFLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/scope.h"
#include "event/worktree.h"

#define WAKE_REFLOG_FILE_MAX (256 * 1024 * 1024)	/* bytes; more is WAKE_INVALID */
#define WAKE_REFLOG_LINE_MAX (16 * 1024 * 1024)	/* bytes; a longer line is skipped and counted as bad */

struct wake_reflog_line {
	char old_hash[WAKE_HASH_SIZE];
	char new_hash[WAKE_HASH_SIZE];
	const char *name;	size_t name_len;	/* borrowed from the log */
	const char *email;	size_t email_len;
	int64_t time;		/* seconds since 1970, as written (clamped to ±2^53) */
	char zone[8];		/* "+0200" */
	const char *message;	size_t message_len;	/* borrowed; without TAB, LF and space at the end */
	uint64_t position;	/* byte offset of the line's start */
	uint64_t ordinal;	/* how many identical lines precede it in the whole file */
};

struct wake_reflog; /* a log in memory; owned: wake_reflog_free */

/* Missing file: an empty log. */
int wake_reflog_read(const char *path, struct wake_reflog **ret_log, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_reflog_free(struct wake_reflog *log);
static inline void wake_scope_reflog(struct wake_reflog **log)
{
	wake_reflog_free(*log);
}
#define wake_auto_reflog WAKE_CLEANUP(wake_scope_reflog)

/* How far a log was read, with what it takes to go on from there. Identical lines have the same time; so
 * where the latest time so far and the first line of that time are known, the ordinals of lines that are
 * not older need nothing of what lies before: a commit costs one short read, also in a log of 100,000
 * lines. */
struct wake_reflog_mark {
	uint64_t inode;		/* 0: nothing was read */
	uint64_t end;		/* offset after the last whole line */
	uint64_t line;		/* position of the last reflog line; = end: there is none */
	uint64_t ordinal;	/* its ordinal */
	int64_t peak;		/* the latest time of all lines */
	uint64_t peak_from;	/* position of the first line of that time; = end: there is none */
};

/* Reads on from a mark (NULL: the whole log). Where the mark does not fit (another file, a shorter one, no
 * line at mark->line), and where ordinals need it (a line older than the peak), the whole log is read.
 * ret_next: index of the first line after the mark, whose predecessor is the mark's own line; SIZE_MAX if
 * the mark does not fit. It fits by its looks only: the caller compares the predecessor's id. */
int wake_reflog_read_on(const char *path, const struct wake_reflog_mark *mark, struct wake_reflog **ret_log,
    size_t *ret_next, struct wake_error *err) WAKE_MUST_CHECK;
bool wake_reflog_is_whole(const struct wake_reflog *log);	/* or only the part from a mark on */
struct wake_reflog_mark wake_reflog_mark_of(const struct wake_reflog *log);

size_t wake_reflog_count(const struct wake_reflog *log);
const struct wake_reflog_line *wake_reflog_line(const struct wake_reflog *log, size_t index); /* borrowed */
uint64_t wake_reflog_inode(const struct wake_reflog *log);	/* 0 if the file is missing */
uint64_t wake_reflog_end(const struct wake_reflog *log);	/* offset after the last whole line */
size_t wake_reflog_bad(const struct wake_reflog *log);		/* lines that are no reflog lines */
int64_t wake_reflog_age(const struct wake_reflog *log);	/* microseconds since it was changed; may be negative */

/* The id of the movement that a line tells: version 8 over (nonce, log's name, new, identity, time, zone,
 * trimmed message, ordinal). old is left out: gc and `reflog delete --rewrite` change it. log_name:
 * "HEAD", "refs/heads/x". */
void wake_reflog_line_id(const struct wake_reflog_line *line, const char *nonce, const char *log_name,
    char ret_id[WAKE_ID_SIZE]);

/* What a message says was done. Only this is stored, not the message: `git pull URL` writes the
 * URL's token there. */
enum wake_reflog_flags {
	WAKE_REFLOG_COMMIT = 1,	/* the message begins with "commit": a plain commit of some sort */
	WAKE_REFLOG_REPLAY = 2,	/* "am: …", or "… (pick|squash|fixup|reword|edit|continue|merge): …" */
	WAKE_REFLOG_MOVE = 4,	/* checkout, reset, fast-forward, branch rename, …: makes no commit by itself */
	WAKE_REFLOG_PUSH = 8,	/* "push", or a remote-tracking ref's "update by push" */
};
struct wake_reflog_kind {
	const char *name;	/* static: "commit", "commit-amend", "rebase-pick", "checkout", "merge-ff", …,
				 * "none" (empty message), "other"; the list stands in reflog_kind.c */
	const char *commit;	/* static: kind of the commit if it was made here: commit, amend, merge,
				 * rebase, cherry-pick, revert, am, filter-branch, plumbing */
	unsigned flags;		/* enum wake_reflog_flags */
};
const struct wake_reflog_kind *wake_reflog_kind(const char *message, size_t len);	/* never NULL */
const struct wake_reflog_kind *wake_reflog_kind_named(const char *name); /* "other" if unknown */

/* The B of "checkout: moving from A to B" if B could be a branch name; owned, NULL if not. */
char *wake_reflog_checkout_target(const struct wake_reflog_line *line);

#endif
