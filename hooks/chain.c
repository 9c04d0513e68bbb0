/* SPDX-License-Identifier: MIT */
/* Finding the hook that ours hides, and becoming it. */
#include "hooks/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/str.h"

#define EXIT_NOT_RUN 126 /* as a shell tells it */
#define EXIT_NOT_THERE 127

static bool is_shim(const char *path)
{
	char head[sizeof(WAKE_HOOK_SHIM_MARK) - 1];
	wake_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
	       memcmp(head, WAKE_HOOK_SHIM_MARK, sizeof(head)) == 0;
}

static char *executable(const char *common_dir, const char *name, const char *suffix)
{
	struct wake_error err = { 0 };
	char *path = NULL;

	if (wake_str_format(&path, &err, "%s/hooks/%s%s", common_dir, name, suffix) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* Were we called by a regular file's name, no shim before us? (Its identity goes to ret_self.) */
static bool hides_another(const char *argv0, struct stat *ret_self)
{
	return !getenv(WAKE_HOOK_SHIM) && lstat(argv0, ret_self) == 0 && S_ISREG(ret_self->st_mode);
}

char *wake_chain_find(const char *argv0, const char *common_dir, const char *name)
{
	wake_auto_free char *path = NULL;
	struct stat self, other;

	if (!common_dir || !hides_another(argv0, &self))
		return NULL;
	path = executable(common_dir, name, "");
	if (!path || stat(path, &other) < 0 || (other.st_dev == self.st_dev && other.st_ino == self.st_ino))
		return NULL;
	/* Our own shim there would only run us again. */
	if (is_shim(path))
		return executable(common_dir, name, WAKE_HOOK_CHAINED_SUFFIX);
	return strdup(path);
}

/* A script without "#!" runs in a shell, as git does it. */
static void exec_by_shell(const char *path, char **argv)
{
	wake_auto_free char **words = NULL;
	size_t count = 0;

	while (argv[count])
		count++;
	words = calloc(count + 2, sizeof(*words));
	if (!words)
		return;
	words[0] = (char *)"/bin/sh";
	words[1] = (char *)path;
	for (size_t i = 1; i < count; i++)
		words[i + 1] = argv[i];
	(void)execv(words[0], words);
}

int wake_chain_exec(
    const char *path, char **argv, const struct wake_hook_input *input, struct wake_error *err)
{
	if (wake_hook_input_replay(input, err) < 0)
		return EXIT_NOT_RUN;
	argv[0] = (char *)path;
	(void)execv(path, argv);
	if (errno == ENOEXEC)
		exec_by_shell(path, argv);
	(void)wake_fail_errno(err, "run the hook '%s'", path);
	return err->code == WAKE_NOTFOUND ? EXIT_NOT_THERE : EXIT_NOT_RUN;
}
