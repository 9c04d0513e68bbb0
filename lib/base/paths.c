/* SPDX-License-Identifier: MIT */
/* Where Runwake keeps its things (XDG Base Directory Specification). */
#include "base/paths.h"

#include <pwd.h>
#include <stdlib.h>

#include "base/fs.h"

#define PASSWORD_FILE "/etc/passwd"

static void close_stream(FILE **stream)
{
	if (*stream)
		(void)fclose(*stream);
}

/* Our home in the password file. getpwuid(3) would load name service modules, which a static program
 * must not. A user who is not in the file has no home here. */
static int home_from_passwd(char **ret_home, struct wake_error *err)
{
	WAKE_CLEANUP(close_stream) FILE *stream = fopen(PASSWORD_FILE, "re");
	const struct passwd *entry = NULL;

	while (stream && (entry = fgetpwent(stream)) && entry->pw_uid != geteuid())
		;
	if (!entry || !entry->pw_dir || entry->pw_dir[0] != '/')
		return wake_fail(
		    err, WAKE_INVALID, "HOME is not set: set it to the absolute path of your home");
	return wake_str_copy(entry->pw_dir, ret_home, err);
}

static int find_home(char **ret_home, struct wake_error *err)
{
	const char *home = getenv("HOME");

	if (home && home[0] == '/')
		return wake_str_copy(home, ret_home, err);
	return home_from_passwd(ret_home, err);
}

/* "$variable/name", or "~/fallback/name". The specification has relative values ignored. */
static int find_under(
    const char *variable, const char *fallback, const char *name, char **ret_path, struct wake_error *err)
{
	const char *value = getenv(variable);
	wake_auto_free char *home = NULL;
	wake_auto_free char *base = NULL;
	int ret;

	if (value && value[0] == '/')
		return wake_fs_join(value, name, ret_path, err);
	ret = find_home(&home, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(home, fallback, &base, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(base, name, ret_path, err);
	return ret;
}

int wake_paths_find(struct wake_paths *ret_paths, struct wake_error *err)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	int ret;

	ret = find_under("XDG_STATE_HOME", ".local/state", "runwake", &paths.state, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(paths.state, "spool", &paths.spool, err);
	if (ret == WAKE_OK)
		ret = find_under("XDG_CONFIG_HOME", ".config", "runwake/config", &paths.config, err);
	if (ret < 0)
		return ret;
	*ret_paths = paths;
	paths = (struct wake_paths){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_paths_release(struct wake_paths *paths)
{
	free(paths->state);
	free(paths->spool);
	free(paths->config);
	*paths = (struct wake_paths){ 0 };
}
