/* SPDX-License-Identifier: MIT */
/* Errors as values: every function that can fail returns a code and fills a caller-owned record.
 *
 * The record has a fixed size and is never allocated, so it works when memory is out. A failing
 * function leaves its ret_ parameters untouched. Libraries neither print nor exit: programs print
 * err->text once, at the top. A text names the thing and, where there is one, the mend; it is one
 * lower-case sentence without a full stop. */
#ifndef WAKE_ERROR_H
#define WAKE_ERROR_H

#define WAKE_MUST_CHECK __attribute__((warn_unused_result))
#define WAKE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Each code has at least one caller that branches on it. */
enum wake_code {
	WAKE_OK = 0,
	WAKE_NOTFOUND = -1,	/* the thing named is not there */
	WAKE_EXISTS = -2,	/* the thing to be made is there already */
	WAKE_BUSY = -3,		/* somebody else holds it; trying again later may help */
	WAKE_INVALID = -4,	/* outside input breaks a rule; the input is at fault */
	WAKE_UNAVAILABLE = -5,	/* a store or program that we need does not answer */
	WAKE_CORRUPT = -6,	/* our own files or tables are not as we wrote them */
	WAKE_NOMEM = -7,	/* memory is out, or a stated maximum was reached */
	WAKE_SYSTEM = -8,	/* the kernel refused; errno is in sys */
	WAKE_REFUSED = -9,	/* a store's tables refuse it by a rule that is not ours: not the input's fault */
};

#define WAKE_ERROR_TEXT_SIZE 512 /* bytes, with the terminating NUL; longer texts are cut */

struct wake_error {
	enum wake_code code;
	int sys; /* errno where the kernel refused, else 0 */
	char text[WAKE_ERROR_TEXT_SIZE];
};

/* Fills err and returns code, so that a caller can write `return wake_fail(err, …);`. */
int wake_fail(struct wake_error *err, enum wake_code code, const char *fmt, ...)
    WAKE_PRINTF(3, 4);

/* The same from errno: appends ": " and strerror. ENOENT and ENOTDIR become WAKE_NOTFOUND, EEXIST
 * WAKE_EXISTS, EAGAIN and EBUSY WAKE_BUSY, ENOMEM WAKE_NOMEM, everything else WAKE_SYSTEM. */
int wake_fail_errno(struct wake_error *err, const char *fmt, ...) WAKE_PRINTF(2, 3);

/* Memory is out. Returns WAKE_NOMEM. */
int wake_fail_nomem(struct wake_error *err);

/* Puts what only the caller knows before the text: "PREFIX: TEXT". Returns err->code. */
int wake_error_prefix(struct wake_error *err, const char *fmt, ...) WAKE_PRINTF(2, 3);

#endif
