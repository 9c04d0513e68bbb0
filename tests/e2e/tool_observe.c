/* SPDX-License-Identifier: MIT */
/* A witness to drive by hand: tool_observe COMMAND DIRECTORY [ARGUMENT…], in the environment's state directory.
 *
 *   register | forget    the repository
 *   identify             prints "REPOSITORY_ID WORKTREE_ID"
 *   observe              as the recorder does, without a look at the settled HEAD
 *   settled              the same, with it
 *   hook [NEW]           as a hook does that a movement started; RUNWAKE_RUN_ID counts
 *   refs                 the branches' logs
 *   all                  prints every movement since the baseline, "ID KIND OLD NEW", and appends nothing
 *   spooled              prints every event in the spool, in order: "TYPE ID KIND OLD NEW", and drains nothing
 *
 * observe, settled, hook and refs print how many lines they told. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "event/observe.h"
#include "event/spool.h"

#define SPOOL_MAX (64 * 1024 * 1024)

static const char *word_of(const struct wake_event *event, const char *key)
{
	const char *word = wake_json_string(event->data, key);

	return word ? word : "-";
}

static void print_event(const struct wake_event *event)
{
	printf("%s %s %s %s %s\n", wake_event_type_name(event->type), event->id, word_of(event, "kind"),
	    word_of(event, "old"), word_of(event, "new"));
}

/* "CRC JSON\n" */
static int print_lines(const char *text, struct wake_error *err)
{
	const char *newline;

	for (; (newline = strchr(text, '\n')); text = newline + 1) {
		wake_auto_event struct wake_event event = { 0 };
		int ret = newline - text > 9 ? wake_event_parse(text + 9, (size_t)(newline - text) - 9, &event, err)
					     : wake_fail(err, WAKE_CORRUPT, "short line in the spool");

		if (ret < 0)
			return ret;
		print_event(&event);
	}
	return WAKE_OK;
}

static int print_spooled(const struct wake_paths *paths, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL;
	int ret = wake_fs_join(paths->spool, "in", &dir, err);

	if (ret == WAKE_OK)
		ret = wake_fs_list(dir, 100000, &names, err);
	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		wake_auto_free char *path = NULL;
		wake_auto_free char *text = NULL;
		size_t len;

		ret = wake_fs_join(dir, names.items[i], &path, err);
		if (ret == WAKE_OK)
			ret = wake_fs_read(path, SPOOL_MAX, WAKE_FS_PLAIN, &text, &len, err);
		if (ret == WAKE_OK)
			ret = print_lines(text, err);
	}
	return ret;
}

static int observe(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, const struct wake_witness *witness, struct wake_error *err)
{
	struct wake_observed observed;
	int ret = wake_observe(paths, worktree, identity, witness, &observed, err);

	if (ret < 0)
		return ret;
	printf("%zu\n", observed.movements);
	if (observed.marker_problem[0])
		fprintf(stderr, "marker: %s\n", observed.marker_problem);
	return WAKE_OK;
}

static int observe_refs(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, struct wake_error *err)
{
	size_t lines;
	int ret = wake_observe_refs(paths, worktree, identity, &lines, err);

	if (ret == WAKE_OK)
		printf("%zu\n", lines);
	return ret;
}

static int print_all(const struct wake_worktree *worktree, const struct wake_identity *identity,
    struct wake_error *err)
{
	wake_auto_events struct wake_events moved = { 0 };
	int ret = wake_observe_all(worktree, identity, &moved, err);

	for (size_t i = 0; ret == WAKE_OK && i < moved.count; i++)
		print_event(&moved.items[i]);
	return ret;
}

static int run_identified(const char *command, const char *new_hash, const struct wake_paths *paths,
    const struct wake_worktree *worktree, struct wake_error *err)
{
	struct wake_witness witness = { .settled = strcmp(command, "settled") == 0 };
	struct wake_identity identity;
	int ret = wake_registry_identify(paths, worktree, &identity, err);

	if (ret < 0)
		return ret;
	if (strcmp(command, "hook") == 0)
		witness = (struct wake_witness){ .env_run_id = getenv("RUNWAKE_RUN_ID"), .triggered = true,
			.triggered_new = new_hash };
	if (strcmp(command, "identify") == 0)
		printf("%s %s\n", identity.repository_id, identity.worktree_id);
	else if (strcmp(command, "refs") == 0)
		return observe_refs(paths, worktree, &identity, err);
	else if (strcmp(command, "all") == 0)
		return print_all(worktree, &identity, err);
	else if (strcmp(command, "observe") == 0 || strcmp(command, "settled") == 0 || strcmp(command, "hook") == 0)
		return observe(paths, worktree, &identity, &witness, err);
	else
		return wake_fail(err, WAKE_INVALID, "no such command: %s", command);
	return WAKE_OK;
}

static int run(const char *command, const char *directory, const char *new_hash, struct wake_error *err)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	int ret = wake_paths_find(&paths, err);

	if (ret == WAKE_OK && strcmp(command, "spooled") == 0)
		return print_spooled(&paths, err);
	if (ret == WAKE_OK)
		ret = wake_worktree_find(directory, &worktree, err);
	if (ret < 0)
		return ret;
	if (strcmp(command, "register") == 0)
		return wake_registry_add(&paths, &worktree, err);
	if (strcmp(command, "forget") == 0)
		return wake_registry_remove(&paths, &worktree, err);
	return run_identified(command, new_hash, &paths, &worktree, err);
}

int main(int argc, char **argv)
{
	struct wake_error err = { 0 };

	if (argc < 3 || argc > 4) {
		fputs("usage: tool_observe COMMAND DIRECTORY [NEW]\n", stderr);
		return 2;
	}
	if (run(argv[1], argv[2], argc == 4 ? argv[3] : NULL, &err) < 0) {
		fprintf(stderr, "tool_observe: %s\n", err.text);
		return 1;
	}
	return 0;
}
