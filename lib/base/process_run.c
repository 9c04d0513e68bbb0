/* SPDX-License-Identifier: MIT */
/* Running another program to its end and keeping what it says. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"

#define ERRORS_MAX 4096 /* bytes of stderr kept */
#define CHUNK 16384     /* bytes read at once */

/* What binds git to one repository: `git rev-parse --local-env-vars`, and what git's own receive side
 * adds. GIT_CONFIG_GLOBAL, _SYSTEM and _NOSYSTEM are not here: they are a person's, not a repository's. */
static const char *const git_names[] = { "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG",
	"GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
	"GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS",
	"GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE",
	"GIT_SHALLOW_FILE", "GIT_WORK_TREE" };
static const char *const git_prefixes[] = { "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_" };

struct child {
	pid_t pid; /* 0: not started, or reaped */
	int input;
	int output[2];
	int errors[2];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int reap(struct child *child, int *ret_status)
{
	pid_t got;

	do
		got = waitpid(child->pid, ret_status, 0);
	while (got < 0 && errno == EINTR);
	child->pid = 0;
	return got < 0 ? -1 : 0;
}

/* Also the way out of every failure: no child outlives the call. */
static void child_release(struct child *child)
{
	int status;

	close_fd(&child->input);
	close_fd(&child->output[0]);
	close_fd(&child->output[1]);
	close_fd(&child->errors[0]);
	close_fd(&child->errors[1]);
	if (child->pid > 0) {
		(void)kill(child->pid, SIGKILL);
		(void)reap(child, &status);
	}
}

static bool same_name(const char *left, const char *right)
{
	size_t len = strcspn(left, "=");

	return len == strcspn(right, "=") && strncmp(left, right, len) == 0;
}

bool wake_process_binds_git(const char *variable)
{
	for (size_t i = 0; i < WAKE_COUNT(git_names); i++) {
		if (same_name(variable, git_names[i]))
			return true;
	}
	for (size_t i = 0; i < WAKE_COUNT(git_prefixes); i++) {
		if (strncmp(variable, git_prefixes[i], strlen(git_prefixes[i])) == 0)
			return true;
	}
	return false;
}

static bool is_set_anew(const char *entry, const char *const *set)
{
	for (; set && *set; set++) {
		if (same_name(entry, *set))
			return true;
	}
	return false;
}

/* Ours without what is taken out, and with what is set. owned: the array alone; the entries are borrowed. */
static int make_environment(const struct wake_process_spec *spec, char ***ret_list, struct wake_error *err)
{
	size_t count = 0, set_count = 0, used = 0;
	char **list;

	while (environ && environ[count])
		count++;
	while (spec->set && spec->set[set_count])
		set_count++;
	list = calloc(count + set_count + 1, sizeof(*list));
	if (!list)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		bool local = !spec->keep_git_environment && wake_process_binds_git(environ[i]);

		if (!local && !is_set_anew(environ[i], spec->set))
			list[used++] = environ[i];
	}
	for (size_t i = 0; i < set_count; i++)
		list[used++] = (char *)spec->set[i]; /* execve(2) only reads them */
	*ret_list = list;
	return WAKE_OK;
}

/* Moves a descriptor away from 0 to 2, where the child's own will be put; a program may have been started
 * with those closed. */
static int lift(int *fd)
{
	int higher;

	if (*fd > STDERR_FILENO)
		return 0;
	higher = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (higher < 0)
		return -1;
	(void)close(*fd);
	*fd = higher;
	return 0;
}

/* The input is laid down whole before the child starts, so that nobody waits for anybody to read it, and a
 * child that does not read it costs us no SIGPIPE. */
static int open_input(const struct wake_process_spec *spec, struct child *child, struct wake_error *err)
{
	int ret;

	child->input = spec->input ? memfd_create("runwake-input", MFD_CLOEXEC)
	                           : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (child->input < 0 || lift(&child->input) < 0)
		return wake_fail_errno(err, "open the input of '%s'", spec->argv[0]);
	if (!spec->input)
		return WAKE_OK;
	ret = wake_fs_write_all(child->input, spec->input, spec->input_len, err);
	if (ret == WAKE_OK && lseek(child->input, 0, SEEK_SET) < 0)
		ret = wake_fail_errno(err, "rewind the input of '%s'", spec->argv[0]);
	return ret;
}

static int open_pipes(const char *program, struct child *child, struct wake_error *err)
{
	if (pipe2(child->output, O_CLOEXEC) < 0 || pipe2(child->errors, O_CLOEXEC) < 0 ||
	    lift(&child->output[0]) < 0 || lift(&child->output[1]) < 0 || lift(&child->errors[0]) < 0 ||
	    lift(&child->errors[1]) < 0)
		return wake_fail_errno(err, "make pipes to '%s'", program);
	return WAKE_OK;
}

static void release_actions(posix_spawn_file_actions_t *actions)
{
	(void)posix_spawn_file_actions_destroy(actions);
}

static void release_attributes(posix_spawnattr_t *attributes)
{
	(void)posix_spawnattr_destroy(attributes);
}

/* A blocked or ignored signal would be inherited, and few programs expect that. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, pipe_only;
	int sys;

	(void)sigemptyset(&none);
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	sys = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (sys == 0)
		sys = posix_spawnattr_setsigmask(attributes, &none);
	return sys == 0 ? posix_spawnattr_setsigdefault(attributes, &pipe_only) : sys;
}

/* Returns an errno. posix_spawn(3) shares our memory until the exec, so a large process costs no more. */
static int spawn(const struct wake_process_spec *spec, char **environment, struct child *child)
{
	WAKE_CLEANUP(release_actions) posix_spawn_file_actions_t actions;
	WAKE_CLEANUP(release_attributes) posix_spawnattr_t attributes;
	pid_t pid = 0;
	int sys;

	(void)posix_spawn_file_actions_init(&actions); /* neither can fail in glibc */
	(void)posix_spawnattr_init(&attributes);
	sys = set_signals(&attributes);
	if (sys == 0 && spec->directory)
		sys = posix_spawn_file_actions_addchdir_np(&actions, spec->directory);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(&actions, child->input, STDIN_FILENO);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(&actions, child->output[1], STDOUT_FILENO);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(&actions, child->errors[1], STDERR_FILENO);
	if (sys == 0)
		sys = posix_spawnp(
		    &pid, spec->argv[0], &actions, &attributes, (char *const *)spec->argv, environment);
	if (sys == 0)
		child->pid = pid;
	return sys;
}

static int fail_spawn(const struct wake_process_spec *spec, int sys, struct wake_error *err)
{
	if (spec->directory && !wake_fs_is_dir(spec->directory))
		return wake_fail(err, WAKE_NOTFOUND, "directory '%s' is not there", spec->directory);
	errno = sys;
	(void)wake_fail_errno(err, "'%s' cannot be run; is it installed and in PATH?", spec->argv[0]);
	if (sys == ENOENT || sys == EACCES || sys == ENOTDIR || sys == ENOEXEC || sys == ELOOP)
		err->code = WAKE_UNAVAILABLE;
	return err->code;
}

static int start(const struct wake_process_spec *spec, struct child *child, struct wake_error *err)
{
	wake_auto_free char **environment = NULL;
	int ret, sys;

	if (!spec->argv || !spec->argv[0])
		return wake_fail(err, WAKE_INVALID, "no program is named");
	ret = make_environment(spec, &environment, err);
	if (ret == WAKE_OK)
		ret = open_input(spec, child, err);
	if (ret == WAKE_OK)
		ret = open_pipes(spec->argv[0], child, err);
	if (ret < 0)
		return ret;
	sys = spawn(spec, environment, child);
	if (sys != 0)
		return fail_spawn(spec, sys, err);
	close_fd(&child->input);
	close_fd(&child->output[1]); /* else we would wait for our own end to be closed */
	close_fd(&child->errors[1]);
	return WAKE_OK;
}

static int keep(struct wake_str *str, const char *bytes, size_t len, bool drop_rest, struct wake_error *err)
{
	size_t left = str->max - str->len;

	if (len > left && !drop_rest)
		return wake_fail(err, WAKE_INVALID, "its output is longer than %zu bytes", str->max);
	wake_str_append_bytes(str, bytes, len < left ? len : left);
	return wake_str_check(str, err);
}

/* Reads once; closes *fd at the end of the stream. */
static int drain(int *fd, struct wake_str *str, bool drop_rest, struct wake_error *err)
{
	char bytes[CHUNK];
	ssize_t got = read(*fd, bytes, sizeof(bytes));

	if (got < 0)
		return errno == EINTR ? WAKE_OK : wake_fail_errno(err, "read its output");
	if (got == 0) {
		close_fd(fd);
		return WAKE_OK;
	}
	return keep(str, bytes, (size_t)got, drop_rest, err);
}

/* Both at once: a child that fills one pipe would otherwise wait for us while we wait for the other. */
static int collect(struct child *child, struct wake_process_result *result, struct wake_error *err)
{
	int ret = WAKE_OK;

	while (ret == WAKE_OK && (child->output[0] >= 0 || child->errors[0] >= 0)) {
		struct pollfd polled[2] = { { .fd = child->output[0], .events = POLLIN },
			{ .fd = child->errors[0],
			    .events = POLLIN } }; /* poll(2) passes over negative ones */

		if (poll(polled, 2, -1) < 0) {
			if (errno != EINTR)
				ret = wake_fail_errno(err, "wait for its output");
			continue;
		}
		if (polled[0].revents)
			ret = drain(&child->output[0], &result->output, false, err);
		if (ret == WAKE_OK && polled[1].revents)
			ret = drain(&child->errors[0], &result->errors, true, err);
	}
	return ret;
}

int wake_process_run(
    const struct wake_process_spec *spec, struct wake_process_result *ret_result, struct wake_error *err)
{
	WAKE_CLEANUP(child_release)
	struct child child = { .input = -1, .output = { -1, -1 }, .errors = { -1, -1 } };
	wake_auto_process struct wake_process_result result = { .output = WAKE_STR(spec->output_max),
		.errors = WAKE_STR(ERRORS_MAX) };
	int status;
	int ret = start(spec, &child, err);

	if (ret < 0)
		return ret;
	ret = collect(&child, &result, err);
	if (ret < 0)
		return wake_error_prefix(err, "'%s'", spec->argv[0]);
	if (reap(&child, &status) < 0)
		return wake_fail_errno(err, "wait for '%s'", spec->argv[0]);
	result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	*ret_result = result;
	result = (struct wake_process_result){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_process_result_release(struct wake_process_result *result)
{
	wake_str_release(&result->output);
	wake_str_release(&result->errors);
	result->exit_code = 0;
}
