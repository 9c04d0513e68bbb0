/* SPDX-License-Identifier: MIT */
/* Settings under which files of a worktree are not compared byte by byte, and the files outside of the
 * worktree that have a say in what is ignored and how it is compared. */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "git/edits_inside.h"

#define SETTINGS_MAX ((size_t)256 * 1024)
#define KEY_MAX ((size_t)256 * 1024)
#define RACY_NS                                                                                              \
	INT64_C(20000000) /* two ticks of the slowest kernel clock: a file changed so lately may change      \
	                     unseen */

/* Appends who the file is; ret_racy: it may change unseen. */
static void append_file(struct wake_str *key, const char *path, int64_t now_ns, bool *racy)
{
	struct stat status;
	int64_t changed;

	if (stat(path, &status) < 0) {
		wake_str_appendf(key, "%s -\n", path);
		return;
	}
	changed = (int64_t)status.st_ctim.tv_sec * 1000000000 + status.st_ctim.tv_nsec;
	*racy |= changed > now_ns - RACY_NS;
	wake_str_appendf(key, "%s %llu %lld %lld\n", path, (unsigned long long)status.st_ino,
	    (long long)status.st_size, (long long)changed);
}

static void append_below(struct wake_str *key, const char *dir, const char *name, int64_t now_ns, bool *racy)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (dir && *dir && wake_str_format(&path, &ignored, "%s/%s", dir, name) == WAKE_OK)
		append_file(key, path, now_ns, racy);
}

/* git's user-wide directory: $XDG_CONFIG_HOME/git, else ~/.config/git. */
static void append_own(struct wake_str *key, const char *name, int64_t now_ns, bool *racy)
{
	const char *config_home = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	wake_auto_free char *below = NULL;
	struct wake_error ignored;

	if (wake_str_format(
	        &below, &ignored, config_home && *config_home ? "git/%s" : ".config/git/%s", name) == WAKE_OK)
		append_below(key, config_home && *config_home ? config_home : home, below, now_ns, racy);
}

static int64_t now_in_ns(void)
{
	return wake_clock_now() * 1000;
}

/* The files that git reads its settings from. ret_key "": they may change unseen. */
static int find_config_key(const struct wake_repo *repo, char **ret_key, struct wake_error *err)
{
	const char *global = getenv("GIT_CONFIG_GLOBAL"), *system = getenv("GIT_CONFIG_SYSTEM");
	wake_auto_str struct wake_str key = WAKE_STR(KEY_MAX);
	int64_t now = now_in_ns();
	bool racy = false;

	append_file(&key, system && *system ? system : "/etc/gitconfig", now, &racy);
	if (global && *global)
		append_file(&key, global, now, &racy);
	else {
		append_own(&key, "config", now, &racy);
		append_below(&key, getenv("HOME"), ".gitconfig", now, &racy);
	}
	append_below(&key, repo->worktree.common_dir, "config", now, &racy);
	append_below(&key, repo->worktree.git_dir, "config.worktree", now, &racy);
	if (racy) {
		wake_str_clear(&key);
		wake_str_append(&key, "");
	}
	return wake_str_steal(&key, ret_key, err);
}

/* Those that say what is ignored, and what attributes files have. A racy one makes the key differ the next
 * time. */
static int find_rules_key(
    const struct wake_repo *repo, const struct wake_edit_facts *facts, char **ret_key, struct wake_error *err)
{
	static const char *const system_files[] = { "/etc/gitattributes", "/usr/local/etc/gitattributes" };
	wake_auto_str struct wake_str key = WAKE_STR(KEY_MAX);
	int64_t now = now_in_ns();
	const char *excludes = strstr(facts->config, "core.excludesfile=");
	bool racy = false;

	for (size_t i = 0; i < WAKE_COUNT(system_files); i++)
		append_file(&key, system_files[i], now, &racy);
	append_own(&key, "attributes", now, &racy);
	append_own(&key, "ignore", now, &racy);
	append_below(&key, repo->worktree.common_dir, "info/exclude", now, &racy);
	append_below(&key, repo->worktree.common_dir, "info/attributes", now, &racy);
	if (facts->attributes_file)
		append_file(&key, facts->attributes_file, now, &racy);
	if (excludes) {
		wake_auto_free char *path = strndup(excludes + 18, strcspn(excludes + 18, "\n"));

		if (!path)
			return wake_fail_nomem(err);
		append_file(&key, path, now, &racy);
	}
	if (racy)
		wake_str_appendf(&key, "%lld", (long long)now);
	return wake_str_steal(&key, ret_key, err);
}

static bool is_true(const char *value)
{
	return !value || strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
	       strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0;
}

static bool is_false(const char *value)
{
	return value && (!*value || strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0 ||
	                    strcasecmp(value, "off") == 0 || strcmp(value, "0") == 0);
}

/* value NULL: the key stands alone, which means true. */
static void take_value(const char *name, const char *value, struct wake_edit_facts *facts)
{
	if (strcmp(name, "core.filemode") == 0 || strcmp(name, "core.symlinks") == 0)
		facts->plain = facts->plain && is_true(value);
	else if (strcmp(name, "core.ignorecase") == 0)
		facts->plain = facts->plain && is_false(value);
	else if (strcmp(name, "core.autocrlf") == 0)
		facts->converts_lines = !is_false(value);
}

/* "key\nvalue\0" or "key\0", one after the other, later ones over earlier ones; plain is judged anew where a
 * later value mends an earlier one: not at all, which errs towards git. */
static int take_values(
    const struct wake_str *said, struct wake_edit_facts *facts, bool *ret_includes, struct wake_error *err)
{
	wake_auto_str struct wake_str config = WAKE_STR(SETTINGS_MAX);
	const char *at = wake_str_text(said), *end = at + said->len;

	facts->plain = true;
	facts->converts_lines = false;
	for (; at < end; at += strlen(at) + 1) {
		const char *newline = strchr(at, '\n');
		wake_auto_free char *name = strndup(at, newline ? (size_t)(newline - at) : strlen(at));

		if (!name)
			return wake_fail_nomem(err);
		if (strncmp(name, "include", 7) == 0) {
			*ret_includes = true;
			continue;
		}
		take_value(name, newline ? newline + 1 : NULL, facts);
		wake_str_appendf(&config, "%s=%s\n", name, newline ? newline + 1 : "true");
	}
	return wake_str_steal(&config, &facts->config, err);
}

static int ask_settings(struct wake_repo *repo, struct wake_edit_facts *facts, struct wake_error *err)
{
	static const char *const args[] = { "config", "-z", "--type=path", "--get-regexp",
		"^(core\\.(filemode|symlinks|ignorecase|autocrlf|eol|excludesfile|attributesfile|worktree)"
		"|attr\\.tree|include\\..*|includeif\\..*)$",
		NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	bool includes = false;
	int ret = wake_repo_git(repo, args, NULL, 0, SETTINGS_MAX, &result, err);

	if (ret == WAKE_OK)
		ret = take_values(&result.output, facts, &includes, err);
	if (ret == WAKE_OK) {
		repo->settings_read = false; /* attributes_file and attr_tree with them */
		ret = wake_repo_read_settings(repo, err);
	}
	if (ret < 0)
		return ret;
	if (result.exit_code > 1) /* 1: none is set; git itself will say what is wrong with them */
		facts->plain = false;
	if (includes ||
	    result.exit_code > 1) /* files that we know nothing of, under conditions that may change */
		facts->config_key[0] = '\0';
	facts->attr_tree = repo->attr_tree;
	return repo->attributes_file ? wake_str_copy(repo->attributes_file, &facts->attributes_file, err)
	                             : WAKE_OK;
}

static int take_over(struct wake_repo *repo, struct wake_edit_facts *facts, const struct wake_edit_facts *old,
    struct wake_error *err)
{
	int ret = wake_str_copy(old->config, &facts->config, err);

	facts->plain = old->plain;
	facts->converts_lines = old->converts_lines;
	facts->attr_tree = old->attr_tree;
	free(repo->attributes_file);
	repo->attributes_file = NULL;
	repo->attr_tree = old->attr_tree;
	repo->settings_read = true;
	if (ret == WAKE_OK && old->attributes_file)
		ret = wake_str_copy(old->attributes_file, &facts->attributes_file, err);
	if (ret == WAKE_OK && old->attributes_file)
		ret = wake_str_copy(old->attributes_file, &repo->attributes_file, err);
	return ret;
}

int wake_edit_facts_read_settings(struct wake_repo *repo, struct wake_edit_facts *facts,
    const struct wake_edit_facts *old, struct wake_error *err)
{
	int ret = find_config_key(repo, &facts->config_key, err);

	if (ret < 0)
		return ret;
	if (old->config && old->config_key && *old->config_key &&
	    strcmp(old->config_key, facts->config_key) == 0)
		ret = take_over(repo, facts, old, err);
	else
		ret = ask_settings(repo, facts, err);
	return ret < 0 ? ret : find_rules_key(repo, facts, &facts->rules_key, err);
}
