/* SPDX-License-Identifier: MIT */
/* What a run committed, as git itself shows it. */
#include "cli/committed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/spawn.h"
#include "cli/workspace.h"

/* git knows these objects without having them. */
#define EMPTY_TREE_SHA1 "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define EMPTY_TREE_SHA256 "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"

void wake_committed_release(struct wake_committed *committed)
{
	free(committed->directory);
	committed->directory = NULL;
}

/* The worktree, or where it is gone the repository: the commits are the same. */
static int choose_directory(
    const struct wake_run_state *state, struct wake_committed *committed, struct wake_error *err)
{
	const char *const places[] = { state->root, state->common_dir, state->workspace_path };

	for (size_t i = 0; i < WAKE_COUNT(places); i++) {
		if (places[i] && wake_fs_is_dir(places[i]))
			return wake_str_copy(places[i], &committed->directory, err);
	}
	return wake_fail(err, WAKE_NOTFOUND, "the repository of run %s is gone from '%s'", state->run_id,
	    state->workspace_path ? state->workspace_path : "(unknown)");
}

static void set_hash(char ret_hash[WAKE_HASH_SIZE], const char *hash)
{
	(void)snprintf(ret_hash, WAKE_HASH_SIZE, "%s", hash ? hash : "");
}

/* A run that has not ended is compared with where its worktree is now; where that is gone, with what is
 * recorded. */
static int read_head(const struct wake_paths *paths, const struct wake_run_state *state,
    struct wake_committed *committed, struct wake_error *err)
{
	wake_auto_workspace struct wake_workspace workspace = { 0 };
	wake_auto_facts struct wake_git_facts facts = { 0 };
	int ret;

	if (state->root && strcmp(state->root, committed->directory) != 0)
		return WAKE_OK;
	ret = wake_workspace_find(paths, committed->directory, &workspace, err);
	if (ret == WAKE_OK)
		ret = wake_git_facts_head(&workspace, &facts, err);
	if (ret == WAKE_OK)
		set_hash(committed->to, facts.head);
	return ret;
}

/* The run's own commit that a word means: compared with its first parent. */
static int read_commit(struct wake_store *store, const char *id, const char *word,
    struct wake_committed *committed, struct wake_error *err)
{
	wake_auto_json json_t *commits = NULL;
	const json_t *found = NULL;
	size_t i, len = strlen(word);
	json_t *commit;
	int ret = wake_query_commits(store, id, &commits, err);

	json_array_foreach(commits, i, commit)
	{
		const char *hash = wake_json_string(commit, "commit_hash");

		if (strncmp(hash, word, len) != 0 || (found && strcmp(hash, committed->to) == 0))
			continue;
		if (found)
			return wake_fail(
			    err, WAKE_INVALID, "'%s' could be %s or %s", word, committed->to, hash);
		found = commit;
		set_hash(committed->to, hash);
		set_hash(committed->from,
		    json_string_value(json_array_get(json_object_get(commit, "parents"), 0)));
	}
	if (ret == WAKE_OK && (!found || len < WAKE_QUERY_ABBREVIATION))
		return wake_fail(
		    err, WAKE_NOTFOUND, "the run has made no commit '%s'; runwake show lists them", word);
	return ret;
}

static int find_range(const struct wake_paths *paths, struct wake_store *store, const char *id,
    const char *commit, struct wake_committed *committed, struct wake_error *err)
{
	wake_auto_run_state struct wake_run_state state = { 0 };
	int ret = wake_query_run_state(store, id, &state, err);

	if (ret == WAKE_OK)
		ret = choose_directory(&state, committed, err);
	if (ret < 0)
		return ret;
	if (commit)
		return read_commit(store, id, commit, committed, err);
	set_hash(committed->from, state.initial);
	set_hash(committed->to, state.final ? state.final : state.end_rank == 0 ? state.initial : NULL);
	return state.end_rank == 0 ? read_head(paths, &state, committed, err) : WAKE_OK;
}

int wake_committed_find(const struct wake_paths *paths, struct wake_store *store, const char *id,
    const char *commit, struct wake_committed *ret_committed, struct wake_error *err)
{
	wake_auto_committed struct wake_committed committed = { 0 };
	int ret = find_range(paths, store, id, commit, &committed, err);

	if (ret < 0)
		return ret;
	*ret_committed = committed;
	committed.directory = NULL; /* the caller's now */
	return WAKE_OK;
}

/* git's own program, but nothing that a repository's settings could make run, and nothing fetched or
 * written. */
static const char *const fixed[] = { "git", "--no-optional-locks", "-c", "protocol.allow=never", "-c",
	"core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "diff", "--no-ext-diff", "--no-textconv" };

static size_t count(const char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

static int make_args(const struct wake_committed *committed, const char *const *options,
    const char *const *words, const char ***ret_args, struct wake_error *err)
{
	const char *from = committed->from, *to = committed->to;
	const char *empty = strlen(from) == 64 || strlen(to) == 64 ? EMPTY_TREE_SHA256 : EMPTY_TREE_SHA1;
	size_t used = WAKE_COUNT(fixed);
	const char **args = calloc(used + count(options) + 3 + count(words) + 1, sizeof(*args));

	if (!args)
		return wake_fail_nomem(err);
	memcpy(args, fixed, sizeof(fixed));
	for (; *options; options++)
		args[used++] = *options;
	args[used++] = *from ? from : empty;
	args[used++] = *to ? to : empty;
	args[used++] = "--";
	for (; *words; words++)
		args[used++] = *words;
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

/* Its standard output is a pipe to us. */
static int spawn_git(
    const char *directory, const char *const *args, int output, pid_t *ret_pid, struct wake_error *err)
{
	errno = wake_spawn(directory, args, output, STDOUT_FILENO, ret_pid);
	return errno == 0 ? WAKE_OK
			  : wake_fail_errno(err, "'git' cannot be run; is it installed and in PATH?");
}

static int wait_for(pid_t pid, bool *ret_good, struct wake_error *err)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return wake_fail_errno(err, "wait for git");
	}
	*ret_good = (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	            (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE); /* the reader has seen enough */
	return WAKE_OK;
}

int wake_committed_show(const struct wake_committed *committed, const char *const *options,
    const char *const *words, struct wake_outlet *outlet, bool *ret_good, struct wake_error *err)
{
	wake_auto_free const char **args = NULL;
	wake_auto_close int reader = -1;
	int ends[2], poured;
	pid_t pid = 0;
	int ret = make_args(committed, options, words, &args, err);

	if (ret < 0)
		return ret;
	clean_environment();
	if (pipe2(ends, O_CLOEXEC) < 0)
		return wake_fail_errno(err, "make a pipe to git");
	reader = ends[0];
	ret = spawn_git(committed->directory, args, ends[1], &pid, err);
	(void)close(ends[1]);
	if (ret < 0)
		return ret;
	poured = wake_outlet_pour(outlet, reader, err);
	(void)close(reader); /* a git that goes on writing ends by that */
	reader = -1;
	if (poured < 0) {
		struct wake_error ignored;

		(void)!wait_for(pid, ret_good, &ignored);
		return poured;
	}
	return wait_for(pid, ret_good, err);
}
