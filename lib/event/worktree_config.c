/* SPDX-License-Identifier: MIT */
/* core.bare, core.worktree and remote.origin.url out of a repository's settings. */
#include "event/worktree_config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/str.h"

#define CONFIG_MAX (4 * 1024 * 1024) /* bytes */
#define VALUE_MAX (64 * 1024)

struct reader {
	const char *at;
	const char *end;
	bool in_core, in_origin;
};

void wake_worktree_config_release(struct wake_worktree_config *config)
{
	free(config->worktree);
	free(config->origin);
	*config = (struct wake_worktree_config){ 0 };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_line(struct reader *reader)
{
	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	reader->at = newline ? newline + 1 : reader->end;
}

/* After '['. Of [core] no subsection counts. */
static void read_section(struct reader *reader)
{
	static const char origin[] = "remote \"origin\"";
	const char *start = reader->at;
	size_t name = strlen("remote");

	while (reader->at < reader->end && *reader->at != ']' && *reader->at != '\n')
		reader->at++;
	reader->in_core = reader->at - start == 4 && strncasecmp(start, "core", 4) == 0;
	/* A section's name in any case, a subsection's as it is. */
	reader->in_origin = reader->at - start == (ptrdiff_t)strlen(origin) &&
	                    strncasecmp(start, origin, name) == 0 &&
	                    memcmp(start + name, origin + name, strlen(origin) - name) == 0;
	if (reader->at < reader->end && *reader->at == ']')
		reader->at++;
}

/* One character of a value, with its escapes; false at the value's end. */
static bool read_character(struct reader *reader, bool *quoted, char *ret_c, bool *ret_is_text)
{
	char c = *reader->at;

	*ret_is_text = true;
	if (c == '\n' || (!*quoted && (c == '#' || c == ';')))
		return false;
	reader->at++;
	if (c == '"') {
		*quoted = !*quoted;
		*ret_is_text = false;
	} else if (c == '\\' && reader->at < reader->end) {
		c = *reader->at++;
		*ret_is_text = c != '\n'; /* the value goes on in the next line */
		c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
	}
	*ret_c = c;
	return true;
}

/* After '='. Space at the end counts only where it is quoted. */
static void read_value(struct reader *reader, struct wake_str *value)
{
	bool quoted = false, is_text;
	size_t kept = 0;
	char c = 0;

	while (reader->at < reader->end && is_space(*reader->at))
		reader->at++;
	while (reader->at < reader->end && read_character(reader, &quoted, &c, &is_text)) {
		if (is_text)
			wake_str_append_char(value, c);
		if (!is_text || quoted || !is_space(c))
			kept = value->len;
	}
	if (value->data) {
		value->len = kept;
		value->data[kept] = '\0';
	}
	skip_line(reader);
}

static bool is_true(const char *text)
{
	return strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0 || strcasecmp(text, "on") == 0 ||
	       (strspn(text, "0123456789") == strlen(text) && strspn(text, "0") != strlen(text));
}

static int take_setting(struct reader *reader, struct wake_worktree_config *config, struct wake_error *err)
{
	wake_auto_str struct wake_str value = WAKE_STR(VALUE_MAX);
	const char *key = reader->at;
	size_t len;
	bool has_value;

	while (reader->at < reader->end && !strchr("=\n#; \t\r", *reader->at))
		reader->at++;
	len = (size_t)(reader->at - key);
	while (reader->at < reader->end && is_space(*reader->at))
		reader->at++;
	has_value = reader->at < reader->end && *reader->at == '=';
	if (has_value) {
		reader->at++;
		read_value(reader, &value);
	} else {
		skip_line(reader);
	}
	if (reader->in_origin && len == 3 && strncasecmp(key, "url", 3) == 0 && !config->origin && value.len > 0)
		return wake_str_steal(&value, &config->origin, err);
	if (!reader->in_core)
		return WAKE_OK;
	if (value.failed)
		return wake_str_check(&value, err);
	if (len == 4 && strncasecmp(key, "bare", 4) == 0) {
		config->bare = !has_value || is_true(wake_str_text(&value));
	} else if (len == 8 && strncasecmp(key, "worktree", 8) == 0 && value.len > 0) {
		free(config->worktree);
		config->worktree = NULL;
		return wake_str_copy(value.data, &config->worktree, err);
	}
	return WAKE_OK;
}

static int read_settings(const char *text, size_t size, struct wake_worktree_config *config,
    struct wake_error *err)
{
	struct reader reader = { .at = text, .end = text + size };
	int ret = WAKE_OK;

	while (ret == WAKE_OK && reader.at < reader.end) {
		char c = *reader.at;

		if (is_space(c) || c == '\n') {
			reader.at++;
		} else if (c == '#' || c == ';') {
			skip_line(&reader);
		} else if (c == '[') {
			reader.at++;
			read_section(&reader);
		} else {
			ret = take_setting(&reader, config, err);
		}
	}
	return ret;
}

static int read_file(const char *git_dir, const char *name, struct wake_worktree_config *config,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_join(git_dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, CONFIG_MAX, WAKE_FS_PLAIN, &text, &len, err);
	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	return ret == WAKE_OK ? read_settings(text, len, config, err) : ret;
}

int wake_worktree_config_read(const char *git_dir, struct wake_worktree_config *ret_config,
    struct wake_error *err)
{
	WAKE_CLEANUP(wake_worktree_config_release) struct wake_worktree_config config = { 0 };
	int ret = read_file(git_dir, "config", &config, err);

	if (ret == WAKE_OK)
		ret = read_file(git_dir, "config.worktree", &config, err);
	if (ret < 0)
		return ret;
	*ret_config = config;
	config = (struct wake_worktree_config){ 0 }; /* the caller's now */
	return WAKE_OK;
}
