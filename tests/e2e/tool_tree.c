/* SPDX-License-Identifier: MIT */
/* A tree to drive by hand: tool_tree ROOT [GIT_DIR]. Prints a line for everything it is told, paths escaped:
 *
 *   changed PATH | whole REASON | phase NAME | gone
 *
 * and takes lines on standard input; at its end, it ends:
 *
 *   status      prints "status PHASE DIRECTORIES FOUND RESCANS READY-AFTER WAKEUPS PROBLEM"
 *   replan | recheck
 *   block FIFO  reads FIFO to its end and nothing else meanwhile: events pile up in the kernel
 *   echo WORD   prints "echo WORD": whatever happened before is told before, up to what waits for an answer
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/str.h"
#include "base/text.h"
#include "watcher/tree.h"

#define LINE_MAX_BYTES 8192

struct tool {
	struct wake_loop *loop;
	struct wake_inotify *inotify;
	struct wake_tree *tree;
	char line[LINE_MAX_BYTES];
	size_t len;
};

static const char *const phases[] = { "listing", "walking", "ready", "degraded" };

static void say(const char *word, const char *text)
{
	wake_auto_str struct wake_str shown = WAKE_STR(1 << 20);

	wake_text_append_shown(&shown, text, strlen(text), false);
	printf("%s %s\n", word, wake_str_text(&shown));
	(void)fflush(stdout);
}

static void changed(void *context, const char *path)
{
	(void)context;
	say("changed", path);
}

static void changed_wholly(void *context, const char *reason)
{
	(void)context;
	say("whole", reason);
}

static void changed_phase(void *context)
{
	const struct tool *tool = context;
	struct wake_tree_status status;

	wake_tree_status(tool->tree, &status);
	say("phase", phases[status.phase]);
}

static void gone(void *context)
{
	struct tool *tool = context;

	wake_tree_free(tool->tree);
	tool->tree = NULL;
	say("gone", "");
	wake_loop_stop(tool->loop);
}

static void print_status(const struct tool *tool)
{
	struct wake_tree_status status;

	wake_tree_status(tool->tree, &status);
	printf("status %s %zu %zu %" PRIu64 " %" PRId64 " %" PRIu64 " %s\n", phases[status.phase],
	    status.directories, status.found, status.rescans, status.ready_after,
	    wake_loop_wakeups(tool->loop), status.problem);
	(void)fflush(stdout);
}

static void block(const char *fifo)
{
	char bytes[256];
	int fd = open(fifo, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	(void)close(fd);
}

static void obey(struct tool *tool, const char *line)
{
	if (strcmp(line, "status") == 0)
		print_status(tool);
	else if (strcmp(line, "replan") == 0)
		wake_tree_replan(tool->tree);
	else if (strcmp(line, "recheck") == 0)
		wake_tree_recheck(tool->tree);
	else if (strncmp(line, "block ", 6) == 0)
		block(line + 6);
	else if (strncmp(line, "echo ", 5) == 0)
		say("echo", line + 5);
}

static void read_commands(void *context, uint32_t events)
{
	struct tool *tool = context;
	ssize_t got = read(STDIN_FILENO, tool->line + tool->len, sizeof(tool->line) - 1 - tool->len);
	char *newline;

	(void)events;
	if (got <= 0) {
		wake_loop_stop(tool->loop);
		return;
	}
	tool->len += (size_t)got;
	tool->line[tool->len] = '\0';
	while ((newline = strchr(tool->line, '\n'))) {
		*newline = '\0';
		obey(tool, tool->line);
		tool->len -= (size_t)(newline + 1 - tool->line);
		memmove(tool->line, newline + 1, tool->len + 1);
	}
}

static int run(struct tool *tool, const char *root, const char *git_dir, struct wake_error *err)
{
	const struct wake_tree_owner owner = { changed, changed_wholly, changed_phase, gone, tool };
	int ret = wake_loop_new(&tool->loop, err);

	if (ret == WAKE_OK)
		ret = wake_inotify_new(tool->loop, &tool->inotify, err);
	if (ret == WAKE_OK)
		ret = wake_tree_new(tool->loop, tool->inotify, root, git_dir, &owner, &tool->tree, err);
	if (ret == WAKE_OK)
		ret = wake_loop_watch(tool->loop, STDIN_FILENO, EPOLLIN, read_commands, tool, err);
	if (ret == WAKE_OK)
		ret = wake_loop_run(tool->loop, err);
	wake_tree_free(tool->tree);
	if (tool->inotify)
		wake_inotify_free(tool->inotify);
	wake_loop_free(tool->loop);
	return ret;
}

int main(int argc, char **argv)
{
	struct tool tool = { .loop = NULL };
	wake_auto_free char *git_dir = NULL;
	struct wake_error err;

	if (argc < 2 || asprintf(&git_dir, "%s/.git", argv[1]) < 0)
		return 2;
	if (run(&tool, argv[1], argc > 2 ? argv[2] : git_dir, &err) < 0) {
		fprintf(stderr, "tool_tree: %s\n", err.text);
		return 1;
	}
	return 0;
}
