/* SPDX-License-Identifier: MIT */
/* Making the command's process before its run begins, so that the run's start can name it, and executing the command
 * after: a start that is not told leaves no command running, and no command runs whose start is not told. */
#include "cli/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/command.h"

/* Between fork(2) and exec, in a process with one thread. */
static void become(const struct wake_child_spec *spec, int gate, int verdict)
{
	char go;
	ssize_t got;
	int why;

	do
		got = read(gate, &go, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(WAKE_EXIT_OWN);
	(void)signal(SIGPIPE, spec->ignores_pipe ? SIG_IGN : SIG_DFL);
	(void)signal(SIGCHLD, spec->ignores_child ? SIG_IGN : SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, spec->mask, NULL);
	if (setenv("RUNWAKE_RUN_ID", spec->run_id, 1) == 0 &&
	    (spec->in < 0 || dup2(spec->in, STDIN_FILENO) == STDIN_FILENO) &&
	    (spec->out < 0 || dup2(spec->out, STDOUT_FILENO) == STDOUT_FILENO))
		(void)execvp(spec->argv[0], (char *const *)spec->argv);
	why = errno;
	(void)!write(verdict, &why, sizeof(why));
	_exit(why == ENOENT ? WAKE_EXIT_NO_COMMAND : WAKE_EXIT_NOT_EXECUTABLE);
}

int wake_child_hold(const struct wake_child_spec *spec, struct wake_child *ret_child, struct wake_error *err)
{
	int gate[2] = { -1, -1 }, verdict[2] = { -1, -1 };
	pid_t pid = -1;

	if (pipe2(gate, O_CLOEXEC) == 0 && pipe2(verdict, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0) {
		(void)close(gate[1]); /* or it would wait for itself */
		become(spec, gate[0], verdict[1]);
	}
	wake_scope_close(&gate[0]);
	wake_scope_close(&verdict[1]);
	if (pid < 0) {
		wake_scope_close(&gate[1]);
		wake_scope_close(&verdict[0]);
		return wake_fail_errno(err, "cannot make a process for '%s'", spec->argv[0]);
	}
	/* By us and not by the child, so that it is so when this returns; it is before its exec. */
	if (spec->has_own_group)
		(void)setpgid(pid, pid);
	*ret_child = (struct wake_child){ pid, gate[1], verdict[0] };
	return WAKE_OK;
}

int wake_child_let_go(struct wake_child *child, int *ret_errno, struct wake_error *err)
{
	int why = 0;
	ssize_t got;

	if (write(child->gate, "", 1) != 1)
		return wake_fail_errno(err, "the process made for the command is gone");
	(void)close(child->gate);
	child->gate = -1;
	do
		got = read(child->verdict, &why, sizeof(why)); /* its end is closed by the exec */
	while (got < 0 && errno == EINTR);
	(void)close(child->verdict);
	child->verdict = -1;
	*ret_errno = got == (ssize_t)sizeof(why) ? why : 0;
	if (*ret_errno)
		(void)waitpid(child->pid, NULL, 0);
	return WAKE_OK;
}

void wake_child_release(struct wake_child *child)
{
	if (child->gate >= 0) {
		(void)close(child->gate);
		(void)waitpid(child->pid, NULL, 0);
	}
	wake_scope_close(&child->verdict);
	*child = (struct wake_child){ .gate = -1, .verdict = -1 };
}
