/* SPDX-License-Identifier: MIT */
/* runwake diff: what a run changed, shown by git itself. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/workspace.h"

#define FIXED_ARGS 24 /* what stands before the paths */

/* git knows these objects without having them. */
#define EMPTY_TREE_SHA1 "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define EMPTY_TREE_SHA256 "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"

static const struct wake_option options[] = {
	{ .name = "stat", .help = "only count the lines, file by file" },
	{ .name = "name-only", .help = "only name the files" },
	{ .name = "commit", .value = "COMMIT", .help = "only this one of the run's commits" },
	{ 0 },
};

struct range {
	char from[WAKE_HASH_SIZE], to[WAKE_HASH_SIZE];
	char *directory; /* owned: where git is to run */
};

static void range_release(struct range *range)
{
	free(range->directory);
}

/* The worktree, or where it is gone the repository: the commits are the same. */
static int choose_directory(const struct wake_run_state *state, struct range *range, struct wake_error *err)
{
	const char *const places[] = { state->root, state->common_dir, state->workspace_path };

	for (size_t i = 0; i < WAKE_COUNT(places); i++) {
		if (places[i] && wake_fs_is_dir(places[i]))
			return wake_str_copy(places[i], &range->directory, err);
	}
	return wake_fail(err, WAKE_NOTFOUND, "the repository of run %s is gone from '%s'", state->run_id,
	    state->workspace_path ? state->workspace_path : "(unknown)");
}

static void set_hash(char ret_hash[WAKE_HASH_SIZE], const char *hash)
{
	(void)snprintf(ret_hash, WAKE_HASH_SIZE, "%s", hash ? hash : "");
}

/* A run that has not ended is compared with where its worktree is now. */
static int read_head(const struct wake_command_context *context, struct range *range, struct wake_error *err)
{
	wake_auto_workspace struct wake_workspace workspace = { 0 };
	wake_auto_facts struct wake_git_facts facts = { 0 };
	int ret = wake_workspace_find(&context->paths, range->directory, &workspace, err);

	if (ret == WAKE_OK)
		ret = wake_git_facts_head(&workspace, &facts, err);
	if (ret == WAKE_OK)
		set_hash(range->to, facts.head);
	return ret;
}

/* The run's own commit that a word means: compared with its first parent. */
static int read_commit(struct wake_store *store, const char *id, const char *word, struct range *range,
    struct wake_error *err)
{
	wake_auto_json json_t *commits = NULL;
	const json_t *found = NULL;
	size_t i, len = strlen(word);
	json_t *commit;
	int ret = wake_query_commits(store, id, &commits, err);

	json_array_foreach (commits, i, commit) {
		const char *hash = wake_json_string(commit, "commit_hash");

		if (strncmp(hash, word, len) != 0 || (found && strcmp(hash, range->to) == 0))
			continue;
		if (found)
			return wake_fail(err, WAKE_INVALID, "'%s' could be %s or %s", word, range->to, hash);
		found = commit;
		set_hash(range->to, hash);
		set_hash(
		    range->from, json_string_value(json_array_get(json_object_get(commit, "parents"), 0)));
	}
	if (ret == WAKE_OK && (!found || len < WAKE_QUERY_ABBREVIATION))
		return wake_fail(
		    err, WAKE_NOTFOUND, "the run has made no commit '%s'; runwake show lists them", word);
	return ret;
}

static int find_range(struct wake_command_context *context, struct range *range, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_run_state struct wake_run_state state = { 0 };
	const char *commit = wake_options_text(&context->options, "commit");
	char id[WAKE_ID_SIZE];
	int ret = wake_reader_open(context, &store, err);

	if (ret == WAKE_OK)
		ret = wake_reader_run(store, context->options.words[0], id, err);
	if (ret == WAKE_OK)
		ret = wake_query_run_state(store, id, &state, err);
	if (ret == WAKE_OK)
		ret = choose_directory(&state, range, err);
	if (ret < 0)
		return ret;
	if (commit)
		return read_commit(store, id, commit, range, err);
	set_hash(range->from, state.initial);
	set_hash(range->to, state.final);
	return state.end_rank == 0 ? read_head(context, range, err) : WAKE_OK;
}

static const char *empty_tree(const struct range *range)
{
	return strlen(range->from) == 64 || strlen(range->to) == 64 ? EMPTY_TREE_SHA256 : EMPTY_TREE_SHA1;
}

/* git's own program with its user's colours and pager, but nothing that a repository's settings could make
 * run, and nothing fetched or written. */
static int make_args(const struct wake_command_context *context, const struct range *range,
    const char ***ret_args, struct wake_error *err)
{
	const struct wake_options *given = &context->options;
	const char **args = calloc(FIXED_ARGS + given->word_count, sizeof(*args));
	size_t used = 0;

	if (!args)
		return wake_fail_nomem(err);
	args[used++] = "git";
	args[used++] = "--no-optional-locks";
	args[used++] = "-c";
	args[used++] = "protocol.allow=never";
	args[used++] = "-c";
	args[used++] = "core.fsmonitor=false";
	args[used++] = "-c";
	args[used++] = "core.hooksPath=/dev/null";
	args[used++] = "diff";
	args[used++] = "--no-ext-diff";
	args[used++] = "--no-textconv";
	if (wake_options_has(given, "stat"))
		args[used++] = "--stat";
	if (wake_options_has(given, "name-only"))
		args[used++] = "--name-only";
	args[used++] = *range->from ? range->from : empty_tree(range);
	args[used++] = *range->to ? range->to : empty_tree(range);
	args[used++] = "--";
	for (size_t i = 1; i < given->word_count; i++)
		args[used++] = given->words[i];
	*ret_args = args;
	return WAKE_OK;
}

/* GIT_DIR and its kin would lead git to another repository than the run's; a prompt would wait for ever. */
static void clean_environment(void)
{
	static const char *const names[] = { "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR",
		"GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_DIR", "GIT_EXTERNAL_DIFF",
		"GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX",
		"GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
		"GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE" };

	for (size_t i = 0; i < WAKE_COUNT(names); i++)
		(void)unsetenv(names[i]);
	(void)setenv("GIT_TERMINAL_PROMPT", "0", 1);
}

static int spawn_git(const char *directory, const char *const *args, pid_t *ret_pid, struct wake_error *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipe_only;
	int sys;

	(void)posix_spawn_file_actions_init(&actions); /* neither can fail in glibc */
	(void)posix_spawnattr_init(&attributes);
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigdefault(&attributes, &pipe_only);
	sys = posix_spawn_file_actions_addchdir_np(&actions, directory);
	if (sys == 0)
		sys = posix_spawnp(ret_pid, args[0], &actions, &attributes, (char *const *)args, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	errno = sys;
	return sys == 0 ? WAKE_OK : wake_fail_errno(err, "'git' cannot be run; is it installed and in PATH?");
}

static int show(const struct wake_command_context *context, const struct range *range, struct wake_error *err)
{
	wake_auto_free const char **args = NULL;
	pid_t pid = 0;
	int status = 0;
	int ret = make_args(context, range, &args, err);

	clean_environment();
	if (ret == WAKE_OK)
		ret = spawn_git(range->directory, args, &pid, err);
	if (ret < 0)
		return ret;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return wake_fail_errno(err, "wait for git");
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		return WAKE_EXIT_OK; /* the reader has seen enough */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? WAKE_EXIT_OK : WAKE_EXIT_NO;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(range_release) struct range range = { 0 };
	int ret = find_range(context, &range, err);

	return ret == WAKE_OK ? show(context, &range, err) : ret;
}

static const struct wake_example examples[] = {
	{ "runwake diff @latest --stat", "How much the newest run changed" },
	{ "runwake diff job-17 src/login.c", "What job-17 changed in one file" },
	{ 0 },
};

const struct wake_command wake_command_diff = {
	.name = "diff",
	.group = "Reading",
	.summary = "show what a run changed",
	.usage = (const char *const[]){ "RUN [--stat|--name-only] [--commit COMMIT] [PATH...]", NULL },
	.description = (const char *const[]){
	    "Shows git diff between the run's first and last commit, or, while it runs, the current one. "
	    "What others made and the run merely merged is in it; runwake show tells the run's own "
	    "figures.",
	    "On a terminal git's own pager is used. PATH is relative to the worktree's root.", NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = run,
};
