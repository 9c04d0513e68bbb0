/* SPDX-License-Identifier: MIT */
/* An agent's settings as a file. */
#include "cli/agent_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/claude_settings.h"
#include "base/fs.h"

#define NAME "settings.json"

int wake_agent_settings_find(char **ret_path, struct wake_error *err)
{
	const char *config = getenv("CLAUDE_CONFIG_DIR"), *home = getenv("HOME");

	if (config && *config)
		return wake_fs_join(config, NAME, ret_path, err);
	if (!home || home[0] != '/')
		return wake_fail(err, WAKE_INVALID,
		    "HOME is not set: set it, or CLAUDE_CONFIG_DIR to the directory with Claude Code's "
		    "settings");
	return wake_fs_join(home, ".claude/" NAME, ret_path, err);
}

/* Of a file that is not there: links are followed as far as there are directories. */
static int resolve_missing(const char *path, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	wake_auto_free char *resolved = NULL;
	size_t len = strlen(path);
	int ret = wake_str_copy(path, &directory, err);

	while (ret == WAKE_OK && len > 0 && !wake_fs_is_dir(directory)) {
		while (len > 0 && directory[len - 1] != '/')
			len--;
		directory[len > 1 ? len - 1 : len] = '\0';
		len = strlen(directory);
	}
	if (ret == WAKE_OK)
		ret = wake_fs_resolve(len > 0 ? directory : ".", &resolved, err);
	if (ret < 0)
		return ret;
	while (path[len] == '/')
		len++;
	return wake_fs_join(resolved, path + len, ret_path, err);
}

static int check(const struct wake_agent_settings *settings, struct wake_error *err)
{
	const char *path = settings->path;

	if (!S_ISREG(settings->st.st_mode))
		return wake_fail(err, WAKE_INVALID, "'%s' is no file: move it away", path);
	if (settings->st.st_uid != geteuid())
		return wake_fail(err, WAKE_INVALID,
		    "'%s' belongs to another user: have them install, or give the file back (chown)", path);
	if ((uintmax_t)settings->st.st_size > WAKE_CLAUDE_SETTINGS_MAX)
		return wake_fail(err, WAKE_INVALID, "'%s' is longer than %zu bytes: those are no settings",
		    path, (size_t)WAKE_CLAUDE_SETTINGS_MAX);
	return WAKE_OK;
}

static int read_there(const char *path, struct wake_agent_settings *settings, struct wake_error *err)
{
	int ret = wake_fs_resolve(path, &settings->path, err);

	if (ret == WAKE_NOTFOUND)
		return wake_fail(err, WAKE_INVALID,
		    "'%s' is a symbolic link to a file that is not there: make the file, or remove the link",
		    path);
	if (ret == WAKE_OK && stat(settings->path, &settings->st) < 0)
		ret = wake_fail_errno(err, "look at '%s'", settings->path);
	if (ret == WAKE_OK)
		ret = check(settings, err);
	if (ret == WAKE_OK)
		ret = wake_fs_read(settings->path, WAKE_CLAUDE_SETTINGS_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN,
		    &settings->text, &settings->len, err);
	settings->is_there = true;
	return ret;
}

int wake_agent_settings_read(
    const char *path, struct wake_agent_settings *ret_settings, struct wake_error *err)
{
	wake_auto_agent_settings struct wake_agent_settings settings = { 0 };
	struct stat st;
	int ret;

	if (lstat(path, &st) == 0) {
		ret = read_there(path, &settings, err);
	} else if (errno == ENOENT) {
		ret = resolve_missing(path, &settings.path, err);
		if (ret == WAKE_OK)
			ret = wake_str_copy("", &settings.text, err);
	} else {
		ret = wake_fail_errno(err, "look at '%s'", path);
	}
	if (ret == WAKE_OK) {
		*ret_settings = settings;
		settings = (struct wake_agent_settings){ 0 }; /* the caller's now */
	}
	return ret;
}

/* The agent, an editor, another of us: whoever wrote since has seen what we have not. */
int wake_agent_settings_check(const struct wake_agent_settings *settings, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_read(
	    settings->path, WAKE_CLAUDE_SETTINGS_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, &text, &len, err);

	if (ret == WAKE_NOTFOUND ? !settings->is_there
	                         : ret == WAKE_OK && settings->is_there && len == settings->len &&
	                               memcmp(text, settings->text, len) == 0)
		return WAKE_OK;
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	return wake_fail(
	    err, WAKE_BUSY, "'%s' was changed by somebody else at this moment: try again", settings->path);
}

/* A new file has our group. Until it has the old one's, no group may read it. */
static int replace_with_group(
    const struct wake_agent_settings *settings, const char *text, size_t len, struct wake_error *err)
{
	mode_t mode = settings->st.st_mode & 07777;
	int ret = wake_fs_replace(settings->path, text, len, mode & ~(mode_t)070, WAKE_FS_SYNC, err);

	if (ret == WAKE_OK &&
	    (chown(settings->path, (uid_t)-1, settings->st.st_gid) < 0 || chmod(settings->path, mode) < 0))
		ret = wake_fail_errno(err, "written, but not given back to its group: '%s'", settings->path);
	return ret;
}

int wake_agent_settings_replace(const struct wake_agent_settings *settings, const char *text, size_t len,
    mode_t mode, struct wake_error *err)
{
	int ret = wake_agent_settings_check(settings, err);

	if (ret < 0)
		return ret;
	if (settings->is_there && settings->st.st_gid != getegid())
		return replace_with_group(settings, text, len, err);
	if (settings->is_there)
		mode = settings->st.st_mode & 07777;
	return wake_fs_replace(settings->path, text, len, mode, WAKE_FS_SYNC, err);
}

int wake_agent_settings_remove(const struct wake_agent_settings *settings, struct wake_error *err)
{
	int ret = wake_agent_settings_check(settings, err);

	if (ret == WAKE_OK && unlink(settings->path) < 0)
		ret = wake_fail_errno(err, "remove '%s'", settings->path);
	return ret;
}

void wake_agent_settings_release(struct wake_agent_settings *settings)
{
	free(settings->path);
	free(settings->text);
	*settings = (struct wake_agent_settings){ 0 };
}
