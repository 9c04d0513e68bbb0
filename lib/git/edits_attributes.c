/* SPDX-License-Identifier: MIT */
/* Attributes that could make git see a file of the worktree otherwise than byte by byte. To match patterns is
 * git's business; but most patterns are "*.png" or one name, and those that cannot be meant need not stop the
 * walk. */
#include <search.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "git/edits_inside.h"

#define TEXT_MAX ((size_t)1024 * 1024) /* bytes; a larger file is taken to say everything */
#define ANSWER_MAX ((size_t)64 * 1024 * 1024)

/* ---- what a text says ---------------------------------------------------------------------------------- */
static enum wake_attributes scan_words(const char *at, size_t len)
{
	static const char *const all[] = { "diff", "binary", "filter", "encoding" };
	static const char *const lines[] = { "text", "crlf", "eol", "ident" };

	for (size_t i = 0; i < WAKE_COUNT(all); i++) {
		if (memmem(at, len, all[i], strlen(all[i])))
			return WAKE_ATTRIBUTES_ALL;
	}
	for (size_t i = 0; i < WAKE_COUNT(lines); i++) {
		if (memmem(at, len, lines[i], strlen(lines[i])))
			return WAKE_ATTRIBUTES_LINES;
	}
	return WAKE_ATTRIBUTES_NONE;
}

static bool has_any(const char *at, size_t len, const char *characters)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr(characters, at[i]))
			return true;
	}
	return false;
}

/* Only what certainly does not match is said not to. */
static bool may_match(const char *pattern, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	if (len > 2 && pattern[0] == '*' && pattern[1] == '.' && !has_any(pattern + 1, len - 1, "*?[\\/\""))
		return name_len >= len - 1 &&
		       strncasecmp(name + name_len - (len - 1), pattern + 1, len - 1) == 0;
	if (len > 0 && !has_any(pattern, len, "*?[\\/\""))
		return name_len == len && strncasecmp(name, pattern, len) == 0;
	return true;
}

/* A macro may be meant by any line of any file. */
static enum wake_attributes scan_line(const char *line, size_t len, const char *name)
{
	static const char macro[] = "[attr]";
	size_t pattern;

	while (len > 0 && strchr(" \t\r", *line)) {
		line++;
		len--;
	}
	if (len == 0 || *line == '#')
		return WAKE_ATTRIBUTES_NONE;
	if (len >= sizeof(macro) - 1 && strncmp(line, macro, sizeof(macro) - 1) == 0)
		return scan_words(line, len) == WAKE_ATTRIBUTES_NONE ? WAKE_ATTRIBUTES_NONE
		                                                     : WAKE_ATTRIBUTES_ALL;
	for (pattern = 0; pattern < len && !strchr(" \t\r", line[pattern]); pattern++)
		;
	if (*line != '"' && !may_match(line, pattern, name))
		return WAKE_ATTRIBUTES_NONE;
	return scan_words(line + (*line == '"' ? 0 : pattern), len - (*line == '"' ? 0 : pattern));
}

enum wake_attributes wake_attributes_scan(const char *text, size_t len, const char *name)
{
	enum wake_attributes most = WAKE_ATTRIBUTES_NONE;
	const char *at = text, *end = text + len;

	if (memchr(text, '\0', len))
		return WAKE_ATTRIBUTES_ALL;
	while (at < end && most != WAKE_ATTRIBUTES_ALL) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t line = newline ? (size_t)(newline - at) : (size_t)(end - at);
		enum wake_attributes said = scan_line(at, line, name);

		most = said > most ? said : most;
		at += line + (newline != NULL);
	}
	return most;
}

/* ---- the texts -------------------------------------------------------------------------------------------
 */
/* One directory's file, or under the name "//" those from outside of the worktree. */
struct text {
	char *directory; /* owned: "", "dir/", "dir/sub/" */
	char *data;      /* owned; NULL: there is none */
	size_t len;
	bool unknown; /* it may say everything */
};

static int compare_texts(const void *left, const void *right)
{
	return strcmp(((const struct text *)left)->directory, ((const struct text *)right)->directory);
}

static void free_text(void *pointer)
{
	struct text *text = pointer;

	free(text->directory);
	free(text->data);
	free(text);
}

void wake_edits_attributes_release(struct wake_edits_work *work)
{
	if (work->attributes)
		tdestroy(work->attributes, free_text);
	work->attributes = NULL;
}

static int append_outer(struct wake_str *all, const char *path, struct text *text, struct wake_error *err)
{
	wake_auto_free char *data = NULL;
	size_t len;
	int ret = wake_fs_read(path, TEXT_MAX, WAKE_FS_PLAIN, &data, &len, err);

	if (ret == WAKE_OK) {
		wake_str_append_bytes(all, data, len);
		wake_str_append_char(all, '\n');
	} else if (ret != WAKE_NOTFOUND && ret != WAKE_NOMEM)
		text->unknown = true; /* unreadable for us, perhaps not for git */
	return ret == WAKE_NOMEM ? ret : WAKE_OK;
}

static int append_named(
    struct wake_str *all, const char *directory, const char *name, struct text *text, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = directory && *directory ? wake_fs_join(directory, name, &path, err) : WAKE_OK;

	return ret < 0 || !path ? ret : append_outer(all, path, text, err);
}

/* core.attributesFile, else git/attributes in the user's directory of settings; system-wide; the
 * repository's. */
static int load_outer(struct wake_edits_work *work, struct text *text)
{
	static const char *const system_files[] = { "/etc/gitattributes", "/usr/local/etc/gitattributes" };
	const char *config_home = getenv("XDG_CONFIG_HOME");
	wake_auto_str struct wake_str all = WAKE_STR(8 * TEXT_MAX);
	int ret = WAKE_OK;

	text->unknown = work->facts.attr_tree || getenv("GIT_ATTR_SOURCE");
	for (size_t i = 0; i < WAKE_COUNT(system_files) && ret == WAKE_OK; i++)
		ret = append_outer(&all, system_files[i], text, work->err);
	if (ret == WAKE_OK && work->facts.attributes_file)
		ret = append_outer(&all, work->facts.attributes_file, text, work->err);
	else if (ret == WAKE_OK && config_home && *config_home)
		ret = append_named(&all, config_home, "git/attributes", text, work->err);
	else if (ret == WAKE_OK)
		ret = append_named(&all, getenv("HOME"), ".config/git/attributes", text, work->err);
	if (ret == WAKE_OK)
		ret = append_named(&all, work->repo->worktree.common_dir, "info/attributes", text, work->err);
	if (ret < 0)
		return ret;
	text->len = all.len;
	return wake_str_steal(&all, &text->data, work->err);
}

/* Where the worktree lacks the file, git reads it from the index. */
static int load_directory(struct wake_edits_work *work, struct text *text)
{
	wake_auto_free char *path = NULL;
	wake_auto_file struct wake_file file = { 0 };
	struct wake_head_entry entry = { 0 };
	int ret = wake_str_format(&path, work->err, "%s.gitattributes", text->directory);

	if (ret == WAKE_OK)
		ret = wake_file_read(work->root, path, TEXT_MAX, &file, work->err);
	if (ret == WAKE_OK && file.kind == WAKE_FILE_GONE && work->has_library)
		ret = wake_edits_in_head(work, path, &entry);
	if (ret < 0)
		return ret;
	if (file.kind == WAKE_FILE_GONE) {
		text->unknown = entry.mode != 0 || wake_edit_facts_find(&work->facts, path);
		return WAKE_OK;
	}
	text->unknown = file.kind != WAKE_FILE_REGULAR || !file.data;
	text->data = file.data;
	text->len = file.size;
	file.data = NULL; /* the text's now */
	return WAKE_OK;
}

static int find_text(struct wake_edits_work *work, const char *directory, const struct text **ret_text)
{
	const struct text key = { .directory = (char *)directory }; /* only compared */
	struct text *const *found = tfind(&key, &work->attributes, compare_texts);
	struct text *text;
	int ret;

	if (found) {
		*ret_text = *found;
		return WAKE_OK;
	}
	text = calloc(1, sizeof(*text));
	if (!text)
		return wake_fail_nomem(work->err);
	ret = wake_str_copy(directory, &text->directory, work->err);
	if (ret == WAKE_OK)
		ret = strcmp(directory, "//") == 0 ? load_outer(work, text) : load_directory(work, text);
	if (ret == WAKE_OK && !tsearch(text, &work->attributes, compare_texts))
		ret = wake_fail_nomem(work->err);
	if (ret < 0)
		free_text(text);
	else
		*ret_text = text;
	return ret;
}

static int ask_text(
    struct wake_edits_work *work, const char *directory, const char *name, enum wake_attributes *most)
{
	const struct text *text = NULL;
	enum wake_attributes said;
	int ret = find_text(work, directory, &text);

	if (ret < 0)
		return ret;
	said = text->data ? wake_attributes_scan(text->data, text->len, name) : WAKE_ATTRIBUTES_NONE;
	if (text->unknown)
		said = WAKE_ATTRIBUTES_ALL;
	*most = said > *most ? said : *most;
	return WAKE_OK;
}

int wake_edits_attributes(
    struct wake_edits_work *work, const char *path, enum wake_attributes *ret_attributes)
{
	enum wake_attributes most = work->facts.converts_lines ? WAKE_ATTRIBUTES_LINES : WAKE_ATTRIBUTES_NONE;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int ret = ask_text(work, "//", name, &most);

	if (ret == WAKE_OK)
		ret = ask_text(work, "", name, &most);
	for (const char *at = strchr(path, '/'); at && ret == WAKE_OK && most != WAKE_ATTRIBUTES_ALL;
	     at = strchr(at + 1, '/')) {
		wake_auto_free char *directory = strndup(path, (size_t)(at + 1 - path));

		if (!directory)
			return wake_fail_nomem(work->err);
		ret = ask_text(work, directory, name, &most);
	}
	if (ret == WAKE_OK)
		*ret_attributes = most;
	return ret;
}

/* ---- untracked files
 * ---------------------------------------------------------------------------------------- */
static int list_asked(struct wake_edits_work *work, struct wake_str *input)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->files.count && ret == WAKE_OK; i++) {
		const struct wake_edit *edit = &work->files.items[i];
		enum wake_attributes attributes = WAKE_ATTRIBUTES_ALL;

		if (!edit->fresh || edit->status != '?' || !S_ISREG(edit->new_mode))
			continue;
		if (work->has_library)
			ret = wake_edits_attributes(work, edit->path, &attributes);
		if (ret == WAKE_OK && attributes == WAKE_ATTRIBUTES_ALL)
			wake_str_append_bytes(input, edit->path, strlen(edit->path) + 1);
	}
	return ret < 0 ? ret : wake_str_check(input, work->err);
}

static void take_word(struct wake_edits_work *work, const char *path, const char *word)
{
	struct wake_edit *edit = wake_edit_list_find(&work->files, path);

	if (edit && edit->status != '?') /* of one path the untracked one comes last */
		edit++;
	if (!edit || edit == work->files.items + work->files.count || strcmp(edit->path, path) != 0)
		return;
	if (strcmp(word, "unset") == 0) {
		edit->binary = true;
		edit->added = 0;
	} else if (strcmp(word, "set") == 0) {
		edit->binary = false;
		edit->added = edit->lines;
	}
}

/* "PATH\0diff\0WORD\0" for each. */
int wake_edits_ask_attributes(struct wake_edits_work *work)
{
	static const char *const args[] = { "check-attr", "-z", "--stdin", "diff", NULL };
	wake_auto_str struct wake_str input = WAKE_STR(ANSWER_MAX);
	wake_auto_process struct wake_process_result result = { 0 };
	const char *at, *end;
	int ret = list_asked(work, &input);

	if (ret < 0 || input.len == 0)
		return ret;
	ret = wake_repo_git(work->repo, args, input.data, input.len, ANSWER_MAX, &result, work->err);
	if (ret == WAKE_OK && result.exit_code != 0)
		ret = wake_fail_git(work->err, &result, "git check-attr");
	if (ret < 0)
		return ret;
	for (at = wake_str_text(&result.output), end = at + result.output.len; at < end;) {
		const char *path = at, *word;

		at += strlen(at) + 1;
		at += at < end ? strlen(at) + 1 : 0;
		word = at < end ? at : "";
		at += at < end ? strlen(at) + 1 : 0;
		take_word(work, path, word);
	}
	return WAKE_OK;
}
