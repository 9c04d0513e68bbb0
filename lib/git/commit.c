/* SPDX-License-Identifier: MIT */
/* A raw commit: header lines up to an empty one, then the message. The same parser serves both ways to read
 * one. */
#include "git/commit.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "git/commit_inside.h"
#include "git/repo_inside.h"

#define TIME_MAX (INT64_C(1) << 53)           /* seconds; JSON's readers keep no more */
#define SUBJECT_BYTES_MAX ((size_t)64 * 1024) /* of a first paragraph, looked at */

struct span {
	const char *at;
	size_t len;
};

/* Where the parts stand in the object's bytes. */
struct raw {
	struct span author, committer, encoding, message;
};

static bool take_key(struct span *line, const char *key)
{
	size_t len = strlen(key);

	if (line->len < len || memcmp(line->at, key, len) != 0)
		return false;
	line->at += len;
	line->len -= len;
	return true;
}

static int take_hash(const struct span *line, char hash[WAKE_HASH_SIZE])
{
	if (line->len >= WAKE_HASH_SIZE)
		return -1;
	memcpy(hash, line->at, line->len);
	hash[line->len] = '\0';
	return wake_hash_is_valid(hash) ? 0 : -1;
}

static int add_parent(struct wake_commit *commit, const struct span *line, struct wake_error *err)
{
	char(*parents)[WAKE_HASH_SIZE];

	if (commit->parent_count >= WAKE_PARENTS_MAX)
		return wake_fail(err, WAKE_INVALID, "a commit has more than %d parents", WAKE_PARENTS_MAX);
	parents = realloc(commit->parents, (commit->parent_count + 1) * sizeof(*parents));
	if (!parents)
		return wake_fail_nomem(err);
	commit->parents = parents;
	if (take_hash(line, parents[commit->parent_count]) < 0)
		return wake_fail(err, WAKE_CORRUPT, "a commit has a malformed parent");
	commit->parent_count++;
	return WAKE_OK;
}

static int parse_header(struct span line, struct wake_commit *commit, struct raw *raw, struct wake_error *err)
{
	if (take_key(&line, "tree ")) {
		if (take_hash(&line, commit->tree) < 0)
			return wake_fail(err, WAKE_CORRUPT, "a commit has a malformed tree");
	} else if (take_key(&line, "parent ")) {
		return add_parent(commit, &line, err);
	} else if (!raw->author.at && take_key(&line, "author ")) {
		raw->author = line;
	} else if (!raw->committer.at && take_key(&line, "committer ")) {
		raw->committer = line;
	} else if (!raw->encoding.at && take_key(&line, "encoding ")) {
		raw->encoding = line;
	}
	return WAKE_OK;
}

static int parse_headers(
    const char *data, size_t len, struct wake_commit *commit, struct raw *raw, struct wake_error *err)
{
	const char *at = data, *end = data + len;

	while (at < end && *at != '\n') {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct span line = { at, (size_t)((newline ? newline : end) - at) };
		int ret = parse_header(line, commit, raw, err);

		if (ret < 0)
			return ret;
		at = newline ? newline + 1 : end;
	}
	raw->message = (struct span){ at, (size_t)(end - at) };
	if (!*commit->tree || !raw->author.at || !raw->committer.at)
		return wake_fail(err, WAKE_CORRUPT, "a commit lacks its tree, author or committer");
	return WAKE_OK;
}

static int store(const struct span *bytes, const struct span *encoding, size_t max, char **ret_text,
    struct wake_error *err)
{
	wake_auto_str struct wake_str recoded = WAKE_STR(4 * bytes->len + 1), text = WAKE_STR(8 * max);
	const char *from = bytes->at;
	size_t len = bytes->len;

	if (encoding->at &&
	    wake_commit_recode(encoding->at, encoding->len, bytes->at, bytes->len, &recoded)) {
		from = wake_str_text(&recoded);
		len = recoded.len;
	}
	wake_text_append_stored(&text, from, len, max);
	return wake_str_steal(&text, ret_text, err);
}

static struct span trim(struct span span)
{
	while (span.len > 0 && isspace((unsigned char)span.at[span.len - 1]))
		span.len--;
	while (span.len > 0 && isspace((unsigned char)*span.at)) {
		span.at++;
		span.len--;
	}
	return span;
}

/* "TIME ZONE" behind the last ">": whoever put a ">" into an address cannot shift it. */
static void parse_time(const struct span *line, struct wake_signature *signature)
{
	const char *close = memrchr(line->at, '>', line->len), *end = line->at + line->len;
	const char *at = close ? close + 1 : end;
	int64_t time = 0;
	size_t used = 0;

	while (at < end && *at == ' ')
		at++;
	for (; at < end && isdigit((unsigned char)*at); at++)
		time = time < TIME_MAX / 10 ? time * 10 + (*at - '0') : TIME_MAX;
	while (at < end && *at == ' ')
		at++;
	if (at < end && (*at == '+' || *at == '-')) {
		do
			signature->zone[used++] = *at++;
		while (at < end && isdigit((unsigned char)*at) && used < sizeof(signature->zone) - 1);
	}
	signature->zone[used] = '\0';
	signature->time = time;
}

/* "NAME <EMAIL> TIME ZONE" */
static int parse_signature(const struct span *line, const struct span *encoding,
    struct wake_signature *signature, struct wake_error *err)
{
	const char *open = memchr(line->at, '<', line->len), *end = line->at + line->len, *close;
	struct span name = *line, email = { "", 0 };
	int ret;

	if (open) {
		name.len = (size_t)(open - line->at);
		close = memchr(open, '>', (size_t)(end - open));
		email = (struct span){ open + 1, (size_t)((close ? close : end) - open - 1) };
	}
	parse_time(line, signature);
	name = trim(name);
	ret = store(&name, encoding, WAKE_NAME_MAX, &signature->name, err);
	return ret < 0 ? ret : store(&email, encoding, WAKE_NAME_MAX, &signature->email, err);
}

/* As git's %s: the first paragraph, its lines without trailing space, joined by spaces. */
static int parse_subject(const struct raw *raw, char **ret_subject, struct wake_error *err)
{
	wake_auto_str struct wake_str subject = WAKE_STR(SUBJECT_BYTES_MAX);
	const char *at = raw->message.at, *end = at + raw->message.len;

	while (at < end && subject.len < SUBJECT_BYTES_MAX / 2) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline : end) - at);

		while (len > 0 && isspace((unsigned char)at[len - 1]))
			len--;
		if (len == 0 && subject.len > 0)
			break;
		if (len > 0 && subject.len > 0)
			wake_str_append_char(&subject, ' ');
		wake_str_append_bytes(
		    &subject, at, len < SUBJECT_BYTES_MAX / 4 ? len : SUBJECT_BYTES_MAX / 4);
		at = newline ? newline + 1 : end;
	}

	const struct span text = { wake_str_text(&subject), subject.len };
	int ret = wake_str_check(&subject, err);

	return ret < 0 ? ret : store(&text, &raw->encoding, WAKE_SUBJECT_MAX, ret_subject, err);
}

int wake_commit_parse(const char *data, size_t len, struct wake_commit *ret_commit,
    struct wake_signature *ret_bytes, struct wake_error *err)
{
	static const struct span as_it_is = { NULL, 0 };
	wake_auto_commit struct wake_commit commit = { 0 };
	struct raw raw = { 0 };
	int ret = parse_headers(data, len, &commit, &raw, err);

	if (ret == WAKE_OK)
		ret = parse_signature(&raw.author, &raw.encoding, &commit.author, err);
	if (ret == WAKE_OK)
		ret = parse_signature(&raw.committer, &raw.encoding, &commit.committer, err);
	if (ret == WAKE_OK)
		ret = parse_subject(&raw, &commit.subject, err);
	if (ret == WAKE_OK && ret_bytes) {
		WAKE_CLEANUP(wake_signature_release) struct wake_signature bytes = { 0 };

		ret = parse_signature(&raw.committer, &as_it_is, &bytes, err);
		if (ret == WAKE_OK) {
			*ret_bytes = bytes;
			bytes = (struct wake_signature){ 0 }; /* the caller's now */
		}
	}
	if (ret < 0)
		return ret;
	*ret_commit = commit;
	commit = (struct wake_commit){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_commit_read_bytes(struct wake_repo *repo, const char *hash, struct wake_commit *ret_commit,
    struct wake_signature *ret_bytes, struct wake_error *err)
{
	wake_auto_object struct wake_object object = { 0 };
	int ret = wake_object_read(repo, hash, &object, err);

	if (ret < 0)
		return ret;
	if (object.type != GIT_OBJECT_COMMIT)
		return wake_fail(err, WAKE_NOTFOUND, "%s is no commit", hash);
	ret = wake_commit_parse(object.data, object.len, ret_commit, ret_bytes, err);
	if (ret < 0)
		return wake_error_prefix(err, "commit %s", hash);
	(void)snprintf(ret_commit->hash, sizeof(ret_commit->hash), "%s", hash);
	return WAKE_OK;
}

int wake_commit_read(
    struct wake_repo *repo, const char *hash, struct wake_commit *ret_commit, struct wake_error *err)
{
	return wake_commit_read_bytes(repo, hash, ret_commit, NULL, err);
}

void wake_signature_release(struct wake_signature *signature)
{
	free(signature->name);
	free(signature->email);
	*signature = (struct wake_signature){ 0 };
}

void wake_commit_release(struct wake_commit *commit)
{
	free(commit->parents);
	wake_signature_release(&commit->author);
	wake_signature_release(&commit->committer);
	free(commit->subject);
	*commit = (struct wake_commit){ 0 };
}
