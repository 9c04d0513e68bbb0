/* SPDX-License-Identifier: MIT */
/* What the files of the spool share. Inner to the module. */
#ifndef WAKE_SPOOL_PARTS_H
#define WAKE_SPOOL_PARTS_H

#include "base/fs.h"
#include "event/spool.h"

#define WAKE_SPOOL_CURRENT "in/current"
#define WAKE_SPOOL_LOCK "lock"
#define WAKE_SPOOL_ATTENDED "attended"
#define WAKE_SPOOL_FEEDING "feeding"
#define WAKE_SPOOL_NEWER "newer-v"	/* in quarantine/: lines of a later event version, newer-vN */
#define WAKE_SPOOL_PREFIX 9		/* bytes before a line's JSON: 8 hex digits and a space */
#define WAKE_SPOOL_LINE_MAX (WAKE_SPOOL_PREFIX + WAKE_EVENT_MAX) /* bytes, without the newline */

/* spool_line.c */
uint32_t wake_spool_crc(const void *bytes, size_t len); /* CRC-32 (IEEE 802.3) */
int wake_spool_format(const struct wake_event *event, struct wake_str *out, struct wake_error *err)
    WAKE_MUST_CHECK; /* appends the line with its newline; WAKE_INVALID if it is too long */
bool wake_spool_is_intact(const char *line, size_t len); /* neither too long, torn nor damaged */
/* The line without its newline. ret_event: release with wake_event_release. */
int wake_spool_parse(const char *line, size_t len, struct wake_event *ret_event, struct wake_error *err)
    WAKE_MUST_CHECK;

/* spool_dirs.c */
int wake_spool_make_dirs(const char *spool, struct wake_error *err) WAKE_MUST_CHECK;
/* Where root writes into somebody's spool, the file at fd becomes theirs, or they could never read it. */
void wake_spool_give(int fd, const char *spool);
/* flock(2) EX, retried until deadline (monotonic; 0: one try). WAKE_BUSY when somebody else kept it. */
int wake_spool_flock(int fd, int64_t deadline, struct wake_error *err) WAKE_MUST_CHECK;
/* At most max names of SPOOL/name, sorted; names beyond them wait. A missing directory is empty. */
int wake_spool_names(const char *spool, const char *name, size_t max, struct wake_fs_names *ret_names,
    struct wake_error *err) WAKE_MUST_CHECK;

/* spool_lock.c: the lock file SPOOL/name. BUSY's text: who ("another recorder") "holds" the file. */
int wake_spool_hold(const char *spool, const char *name, const char *who, bool wait, int *ret_fd,
    struct wake_error *err) WAKE_MUST_CHECK;
bool wake_spool_is_held(const char *spool, const char *name);

/* spool_file.c: applies one file of work/ and unlinks it. *applied grows by what was applied. A file that
 * a writer holds until deadline stays, which is no failure. WAKE_UNAVAILABLE, WAKE_BUSY and WAKE_REFUSED are
 * apply's. */
int wake_spool_apply_file(const char *spool, const char *name, int64_t deadline, wake_spool_apply apply,
    void *context, size_t *applied, struct wake_error *err) WAKE_MUST_CHECK;

/* spool_quarantine.c */
/* Keeps a line that cannot be applied, for good before it returns. Newer events go to newer-vN. */
int wake_spool_set_aside(const char *spool, const char *line, size_t len, const char *reason,
    struct wake_error *err) WAKE_MUST_CHECK;
/* The same with a whole entry of work/ that is no readable file. */
int wake_spool_set_file_aside(const char *spool, const char *name, struct wake_error *err) WAKE_MUST_CHECK;
/* Moves lines of versions that we can read by now back into work/. */
int wake_spool_readmit(const char *spool, struct wake_error *err) WAKE_MUST_CHECK;

#endif
