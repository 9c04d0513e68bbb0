/* SPDX-License-Identifier: MIT */
/* Parsing of a raw commit. Inner to the room. */
#ifndef WAKE_COMMIT_INSIDE_H
#define WAKE_COMMIT_INSIDE_H

#include "git/commit.h"

/* As wake_commit_read; ret_bytes (may be NULL): the committer as stored text of the bytes in the commit,
 * where ret_commit has them converted from the commit's encoding. A reflog line has the former. */
int wake_commit_read_bytes(struct wake_repo *repo, const char *hash, struct wake_commit *ret_commit,
    struct wake_signature *ret_bytes, struct wake_error *err) WAKE_MUST_CHECK;

/* A commit object's bytes; everything but the hash. WAKE_CORRUPT: it is none. */
int wake_commit_parse(const char *data, size_t len, struct wake_commit *ret_commit,
    struct wake_signature *ret_bytes, struct wake_error *err) WAKE_MUST_CHECK;

void wake_signature_release(struct wake_signature *signature);

/* Text in the named encoding (len bytes of name) as UTF-8, appended. false, and nothing appended: an
 * encoding that we do not take, or bytes that are not of it. */
bool wake_commit_recode(const char *name, size_t len, const char *text, size_t text_len,
    struct wake_str *out);

#endif
