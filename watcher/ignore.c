/* SPDX-License-Identifier: MIT */
/* What git ignores: made, freed, and how git is started for it. */
#include "watcher/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "watcher/ignore_parts.h"
#include "watcher/tree_hash.h"

#define ARGUMENTS_MAX 24

int wake_ignore_new(struct wake_loop *loop, const char *root, const char *git_dir,
    const struct wake_ignore_owner *owner, struct wake_ignore **ret_ignore, struct wake_error *err)
{
	struct wake_ignore *ignore = calloc(1, sizeof(*ignore));
	int ret;

	if (!ignore)
		return wake_fail_nomem(err);
	ignore->loop = loop;
	ignore->owner = *owner;
	ignore->tail = ignore->latest = (struct wake_str)WAKE_STR(WAKE_IGNORE_PATH_MAX);
	ignore->answers = (struct wake_str)WAKE_STR(4 * WAKE_IGNORE_PATH_MAX);
	ignore->give_up = (struct wake_deferred){ .run = wake_ignore_answer_all, .context = ignore };
	ignore->refused = (struct wake_deferred){ .run = wake_ignore_tell_refused, .context = ignore };
	ignore->idle = (struct wake_timer){ .rung = wake_ignore_lose_patience, .context = ignore };
	wake_tree_hash_key(&ignore->key);
	ret = wake_str_copy(root, &ignore->root, err);
	if (ret == WAKE_OK)
		ret = wake_str_format(&ignore->git_dir_option, err, "--git-dir=%s", git_dir);
	if (ret == WAKE_OK)
		ret = wake_str_format(&ignore->work_tree_option, err, "--work-tree=%s", root);
	if (ret < 0) {
		wake_ignore_free(ignore);
		return ret;
	}
	*ret_ignore = ignore;
	return WAKE_OK;
}

void wake_ignore_free(struct wake_ignore *ignore)
{
	if (!ignore)
		return;
	wake_child_free(ignore->lister);
	wake_child_free(ignore->asker);
	wake_loop_undefer(ignore->loop, &ignore->give_up);
	wake_loop_undefer(ignore->loop, &ignore->refused);
	wake_loop_timer_clear(ignore->loop, &ignore->idle);
	for (size_t i = 0; i < ignore->count; i++)
		free(ignore->questions[(ignore->first + i) % ignore->room].path);
	free(ignore->questions);
	free(ignore->tracked.items);
	free(ignore->listing.items);
	wake_str_release(&ignore->tail);
	wake_str_release(&ignore->latest);
	wake_str_release(&ignore->answers);
	free(ignore->root);
	free(ignore->git_dir_option);
	free(ignore->work_tree_option);
	free(ignore);
}

/* The first line, made printable: it comes from a program that read a repository's settings. */
static void hear_complaint(void *context, const char *bytes, size_t len)
{
	struct wake_ignore *ignore = context;
	size_t used = strlen(ignore->complaint);

	if (used > 0 && ignore->complaint[used - 1] == '\n')
		return;
	for (size_t i = 0; i < len && used + 1 < sizeof(ignore->complaint); i++) {
		unsigned char c = (unsigned char)bytes[i];

		ignore->complaint[used++] = c == '\n' ? '\n' : c < 0x20 || c >= 0x7f ? '?' : (char)c;
		if (c == '\n')
			break;
	}
	ignore->complaint[used] = '\0';
}

int wake_ignore_start(struct wake_ignore *ignore, const char *const *arguments, bool asks,
    void (*output)(void *context, const char *bytes, size_t len), void (*ended)(void *context, int code),
    struct wake_child **ret_child, struct wake_error *err)
{
	const char *argv[ARGUMENTS_MAX] = { "git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c",
		"core.hooksPath=/dev/null", ignore->git_dir_option, ignore->work_tree_option };
	const struct wake_child_spec spec = { .argv = argv,
		.directory = ignore->root,
		.has_input = asks,
		.has_output = true,
		.output = output,
		.errors = hear_complaint,
		.ended = ended,
		.context = ignore };
	size_t count = 8;

	for (; *arguments && count + 1 < WAKE_COUNT(argv); arguments++)
		argv[count++] = *arguments;
	argv[count] = NULL;
	ignore->complaint[0] = '\0';
	return wake_child_start(ignore->loop, &spec, ret_child, err);
}

const char *wake_ignore_problem(const struct wake_ignore *ignore)
{
	return ignore->list_problem[0] ? ignore->list_problem : ignore->ask_problem;
}
