/* SPDX-License-Identifier: MIT */
/* What a reflog message says was done. git translates no reflog message, so their shapes are fixed; only
 * GIT_REFLOG_ACTION puts words of its own before the colon, or instead of all. */
#include "event/reflog.h"

#include <string.h>

#define COMMIT WAKE_REFLOG_COMMIT
#define REPLAY WAKE_REFLOG_REPLAY
#define MOVE WAKE_REFLOG_MOVE
#define PUSH WAKE_REFLOG_PUSH

enum match {
	WHOLE,	/* the message is text */
	START,	/* begins with text */
	WORD,	/* begins with text, and then ends, or goes on with a space, a colon or " (" */
	ENDS,	/* begins with text as a WORD, and ends with also */
	HOLDS,	/* begins with text as a WORD, and holds also */
	NEVER,	/* no message: only found by name */
};

struct shape {
	enum match match;
	const char *text;
	const char *also;
	struct wake_reflog_kind kind;
};

/* The steps of a sequence, "ACTION (STEP): …". The action is "rebase", "pull ARGS", or whatever
 * GIT_REFLOG_ACTION says. */
struct step {
	const char *text;
	struct wake_reflog_kind kind;
};

static const struct step steps[] = {
	{ " (pick): ", { "rebase-pick", "rebase", REPLAY } },
	{ " (squash): ", { "rebase-squash", "rebase", REPLAY } },
	{ " (fixup): ", { "rebase-fixup", "rebase", REPLAY } },
	{ " (reword): ", { "rebase-reword", "rebase", REPLAY } },
	{ " (edit): ", { "rebase-edit", "rebase", REPLAY } },
	{ " (continue): ", { "rebase-continue", "rebase", REPLAY } },
	{ " (merge): ", { "rebase-merge", "rebase", REPLAY } },
	{ " (start): ", { "rebase-start", "rebase", MOVE } }, /* rebase --root: it makes one */
	{ " (finish): ", { "rebase-finish", "rebase", MOVE } },
	{ " (abort): ", { "rebase-abort", "rebase", MOVE } },
	{ " (reset): ", { "rebase-reset", "rebase", MOVE } },
};

/* The first that fits counts. */
static const struct shape shapes[] = {
	{ WHOLE, "", NULL, { "none", "plumbing", 0 } }, /* update-ref, symbolic-ref, worktree add */
	{ START, "commit (initial): ", NULL, { "commit-initial", "commit", COMMIT } },
	{ START, "commit (amend): ", NULL, { "commit-amend", "amend", COMMIT } },
	{ START, "commit (merge): ", NULL, { "commit-merge", "merge", COMMIT } },
	{ START, "commit (cherry-pick): ", NULL, { "commit-cherry-pick", "cherry-pick", COMMIT } },
	{ START, "commit (revert): ", NULL, { "commit-revert", "revert", COMMIT } },
	{ WORD, "commit", NULL, { "commit", "commit", COMMIT } },
	{ START, "am --", NULL, { "am-abort", "am", MOVE } },
	{ WORD, "am", NULL, { "am", "am", REPLAY } },
	{ WHOLE, "cherry-pick: fast-forward", NULL, { "cherry-pick-ff", "cherry-pick", MOVE } },
	{ WORD, "cherry-pick", NULL, { "cherry-pick", "cherry-pick", 0 } },
	{ WORD, "revert", NULL, { "revert", "revert", 0 } },
	{ ENDS, "merge", ": Fast-forward", { "merge-ff", "merge", MOVE } },
	{ ENDS, "merge", ": fast-forward", { "merge-ff", "merge", MOVE } },
	{ ENDS, "merge", ": updating HEAD", { "merge-ff", "merge", MOVE } },
	{ WORD, "merge", NULL, { "merge", "merge", 0 } },
	{ WORD, "checkout", NULL, { "checkout", "plumbing", MOVE } },
	{ WORD, "reset", NULL, { "reset", "plumbing", MOVE } },
	/* As git wrote before 2.26, and as libgit2 writes. */
	{ START, "rebase finished: ", NULL, { "rebase-finish", "rebase", MOVE } },
	{ START, "rebase: checkout ", NULL, { "rebase-start", "rebase", MOVE } },
	{ WHOLE, "rebase: fast-forward", NULL, { "rebase-ff", "rebase", MOVE } },
	{ WHOLE, "rebase -i: fast-forward", NULL, { "rebase-ff", "rebase", MOVE } },
	{ WHOLE, "rebase: aborting", NULL, { "rebase-abort", "rebase", MOVE } },
	{ START, "rebase: ", NULL, { "rebase-pick", "rebase", REPLAY } }, /* before git 2.26 */
	{ ENDS, "pull", ": Fast-forward", { "pull-ff", "merge", MOVE } },
	{ ENDS, "pull", ": fast-forward", { "pull-ff", "merge", MOVE } },
	{ HOLDS, "pull", ": Merge made by ", { "pull-merge", "merge", 0 } },
	{ WORD, "initial pull", NULL, { "pull-initial", "plumbing", MOVE } },
	{ WORD, "pull", NULL, { "pull", "merge", 0 } },
	{ WORD, "fetch", NULL, { "fetch", "plumbing", MOVE } },
	{ WORD, "clone", NULL, { "clone", "plumbing", MOVE } },
	{ START, "Branch: renamed ", NULL, { "branch-rename", "plumbing", MOVE } },
	{ START, "Branch: copied ", NULL, { "branch-copy", "plumbing", MOVE } },
	{ START, "branch: Created from ", NULL, { "branch-create", "plumbing", MOVE } },
	{ START, "branch: Reset to ", NULL, { "branch-reset", "plumbing", MOVE } },
	{ START, "remote: ", NULL, { "remote", "plumbing", MOVE } },
	{ WHOLE, "push", NULL, { "push", "plumbing", MOVE | PUSH } },
	{ WHOLE, "update by push", NULL, { "update-by-push", "plumbing", PUSH } },
	{ WORD, "filter-branch", NULL, { "filter-branch", "filter-branch", 0 } },
	{ WORD, "fast-import", NULL, { "fast-import", "plumbing", 0 } },
	/* Under a GIT_REFLOG_ACTION of the user's own. */
	{ ENDS, NULL, ": Fast-forward", { "merge-ff", "merge", MOVE } },
	{ ENDS, NULL, ": fast-forward", { "merge-ff", "merge", MOVE } },
	{ HOLDS, NULL, ": Merge made by ", { "merge", "merge", 0 } },
	{ ENDS, NULL, ": updating HEAD", { "reset", "plumbing", MOVE } },
	{ NEVER, NULL, NULL, { "implied", "plumbing", 0 } }, /* no line tells it: see observe.h */
};

static const struct wake_reflog_kind other = { "other", "commit", 0 };

struct message {
	const char *bytes;
	size_t len;
};

static bool starts(struct message message, const char *text)
{
	size_t len = strlen(text);

	return message.len >= len && memcmp(message.bytes, text, len) == 0;
}

static bool starts_word(struct message message, const char *text)
{
	size_t len = strlen(text);

	return starts(message, text) &&
	       (message.len == len || message.bytes[len] == ' ' || message.bytes[len] == ':');
}

static bool ends(struct message message, const char *text)
{
	size_t len = strlen(text);

	return message.len >= len && memcmp(message.bytes + message.len - len, text, len) == 0;
}

static bool holds(struct message message, const char *text)
{
	return message.len > 0 && memmem(message.bytes, message.len, text, strlen(text));
}

static bool fits(const struct shape *shape, struct message message)
{
	switch (shape->match) {
	case WHOLE:
		return message.len == strlen(shape->text) && starts(message, shape->text);
	case START:
		return starts(message, shape->text);
	case WORD:
		return starts_word(message, shape->text);
	case ENDS:
		return (!shape->text || starts_word(message, shape->text)) && ends(message, shape->also);
	case HOLDS:
		return (!shape->text || starts_word(message, shape->text)) && holds(message, shape->also);
	case NEVER:
		break;
	}
	return false;
}

/* The step that a message names first: a subject behind it may look like another. NULL: none. */
static const struct wake_reflog_kind *find_step(struct message message)
{
	const struct wake_reflog_kind *kind = NULL;
	const char *first = NULL;

	for (size_t i = 0; i < WAKE_COUNT(steps) && message.len > 0; i++) {
		const char *at = memmem(message.bytes, message.len, steps[i].text, strlen(steps[i].text));

		if (at && (!first || at < first)) {
			first = at;
			kind = &steps[i].kind;
		}
	}
	return kind;
}

/* Commands whose own subject follows at once, so that a step's name in it means nothing. */
static bool has_subject(struct message message)
{
	static const char *const words[] = { "commit", "am", "cherry-pick", "revert", "checkout", "reset",
		"filter-branch", "clone", "Branch", "branch", "rebase: " };

	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		if (starts(message, words[i]) &&
		    (starts_word(message, words[i]) || words[i][strlen(words[i]) - 1] == ' '))
			return true;
	}
	return false;
}

const struct wake_reflog_kind *wake_reflog_kind(const char *bytes, size_t len)
{
	struct message message = { bytes, len };
	const struct wake_reflog_kind *step = has_subject(message) ? NULL : find_step(message);

	if (step)
		return step;
	for (size_t i = 0; i < WAKE_COUNT(shapes); i++) {
		if (fits(&shapes[i], message))
			return &shapes[i].kind;
	}
	return &other;
}

const struct wake_reflog_kind *wake_reflog_kind_named(const char *name)
{
	for (size_t i = 0; i < WAKE_COUNT(steps); i++) {
		if (strcmp(steps[i].kind.name, name) == 0)
			return &steps[i].kind;
	}
	for (size_t i = 0; i < WAKE_COUNT(shapes); i++) {
		if (strcmp(shapes[i].kind.name, name) == 0)
			return &shapes[i].kind;
	}
	return &other;
}

static bool is_hash(const char *text, size_t len)
{
	char hash[WAKE_HASH_SIZE];

	if (len >= sizeof(hash))
		return false;
	memcpy(hash, text, len);
	hash[len] = '\0';
	return wake_hash_is_valid(hash);
}

/* git-check-ref-format(1), for the part after refs/heads/; and no hash, which git writes when it detaches. */
static bool could_be_branch(const char *text, size_t len)
{
	if (len == 0 || len > 1024 || text[0] == '-' || text[0] == '/' || text[len - 1] == '/' ||
	    text[len - 1] == '.')
		return false;
	if (is_hash(text, len))
		return false;
	if ((len == 1 && text[0] == '@') || (len == 4 && memcmp(text, "HEAD", 4) == 0))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		char next = i + 1 < len ? text[i + 1] : '/';

		if (c <= ' ' || c == 0x7f || strchr("~^:?*[\\", c))
			return false;
		if ((c == '.' && next == '.') || (c == '@' && next == '{'))
			return false;
		if (c == '/' && (next == '/' || next == '.'))
			return false;
	}
	return text[0] != '.' && !(len >= 5 && memcmp(text + len - 5, ".lock", 5) == 0);
}

char *wake_reflog_checkout_target(const struct wake_reflog_line *line)
{
	struct message message = { line->message, line->message_len };
	const char *target;
	size_t len;

	if (!starts(message, "checkout: moving from "))
		return NULL;
	target = memrchr(message.bytes, ' ', message.len);
	len = message.len - (size_t)(target + 1 - message.bytes);
	/* No ref name has a space in it, so " to " before the last word is git's. */
	if (target - message.bytes < 3 || memcmp(target - 3, " to", 3) != 0 ||
	    !could_be_branch(target + 1, len))
		return NULL;
	return strndup(target + 1, len);
}
