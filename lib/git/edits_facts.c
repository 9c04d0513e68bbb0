/* SPDX-License-Identifier: MIT */
/* What index and settings say, remembered in a file of ours for as long as they are the same files. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "event/event.h"
#include "git/edits_inside.h"

#define INDEX_MAX ((size_t)1024 * 1024 * 1024) /* bytes */
#define CACHE_MAX ((size_t)64 * 1024 * 1024)
#define OUTPUT_MAX ((size_t)256 * 1024 * 1024)
#define CHECKSUM 20 /* bytes, the last of the index: a hash of all others */
#define CACHE_VERSION 1

/* ---- what differs between HEAD and index ------------------------------------------------------- */
static int add_staged(
    struct wake_edit_facts *facts, const char *path, char status, unsigned mode, struct wake_error *err)
{
	if (facts->staged_count >= WAKE_DIFF_FILES_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d files are staged", WAKE_DIFF_FILES_MAX);
	if (facts->staged_count == facts->staged_room) {
		size_t more = facts->staged_room ? facts->staged_room * 2 : 16;
		struct wake_staged *staged = realloc(facts->staged, more * sizeof(*staged));

		if (!staged)
			return wake_fail_nomem(err);
		facts->staged = staged;
		facts->staged_room = more;
	}
	facts->staged[facts->staged_count] = (struct wake_staged){ .status = status, .mode = mode };
	if (wake_str_copy(path, &facts->staged[facts->staged_count].path, err) < 0)
		return WAKE_NOMEM;
	facts->staged_count++;
	return WAKE_OK;
}

static int compare_staged(const void *left, const void *right)
{
	return strcmp(((const struct wake_staged *)left)->path, ((const struct wake_staged *)right)->path);
}

static void sort_staged(struct wake_edit_facts *facts)
{
	if (facts->staged_count > 1)
		qsort(facts->staged, facts->staged_count, sizeof(*facts->staged), compare_staged);
}

const struct wake_staged *wake_edit_facts_find(const struct wake_edit_facts *facts, const char *path)
{
	const struct wake_staged key = { .path = (char *)path }; /* only compared */

	if (facts->staged_count == 0)
		return NULL;
	return bsearch(&key, facts->staged, facts->staged_count, sizeof(key), compare_staged);
}

/* ":MODE MODE ID ID STATUS\0PATH\0", one after the other. */
static int take_raw(const struct wake_str *said, struct wake_edit_facts *facts, struct wake_error *err)
{
	const char *at = wake_str_text(said), *end = at + said->len;
	int ret = WAKE_OK;

	while (at < end && ret == WAKE_OK) {
		const char *path = at + strlen(at) + 1;
		unsigned mode;
		char status;

		if (sscanf(at, ":%*7o %7o %*64[0-9a-f] %*64[0-9a-f] %c", &mode, &status) != 2 || path >= end)
			return wake_fail(
			    err, WAKE_UNAVAILABLE, "git diff-index says what cannot be understood");
		facts->index_special |= status == 'U';
		ret = add_staged(facts, path, status, mode, err);
		at = path + strlen(path) + 1;
	}
	sort_staged(facts);
	return ret;
}

static int ask_staged(
    struct wake_repo *repo, const char *head, struct wake_edit_facts *facts, struct wake_error *err)
{
	const char *const args[] = { "diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames",
		"--ignore-submodules=none", *head ? head : wake_diff_empty_tree(repo), "--", NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_repo_git(repo, args, NULL, 0, OUTPUT_MAX, &result, err);

	if (ret == WAKE_OK && result.exit_code != 0)
		ret = wake_fail_git(err, &result, "git diff-index");
	return ret < 0 ? ret : take_raw(&result.output, facts, err);
}

static int look_at_flags(const char *path, struct wake_edit_facts *facts, struct wake_error *err)
{
	wake_auto_free char *data = NULL;
	size_t len;
	int ret = wake_fs_read(path, INDEX_MAX, WAKE_FS_PLAIN, &data, &len, err);

	if (ret == WAKE_NOMEM)
		return ret;
	if (ret == WAKE_OK)
		facts->index_special = wake_index_is_special(data, len);
	else
		facts->index_special = ret != WAKE_NOTFOUND;
	return WAKE_OK;
}

/* The checksum alone tells one index from another; where a setting leaves it out, the times must do, and a
 * young file is not trusted. ret_key "": not to be trusted. */
static int find_index_key(const char *path, const char *head, char **ret_key, struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	unsigned char sum[CHECKSUM] = { 0 };
	char hex[2 * CHECKSUM + 1] = "";
	struct stat status;
	bool summed = false;

	if (fd < 0 && errno == ENOENT)
		return wake_str_format(ret_key, err, "none %s", head);
	if (fd < 0 || fstat(fd, &status) < 0 || status.st_size < CHECKSUM ||
	    pread(fd, sum, sizeof(sum), status.st_size - CHECKSUM) != CHECKSUM)
		return wake_str_copy("", ret_key, err);
	for (size_t i = 0; i < CHECKSUM; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
		summed |= sum[i] != 0;
	}
	if (!summed)
		return wake_str_copy("", ret_key, err);
	return wake_str_format(ret_key, err, "%s %llu %lld %lld.%09ld %s", hex,
	    (unsigned long long)status.st_ino, (long long)status.st_size, (long long)status.st_mtim.tv_sec,
	    status.st_mtim.tv_nsec, head);
}

static int copy_staged(const struct wake_edit_facts *from, struct wake_edit_facts *to, struct wake_error *err)
{
	int ret = WAKE_OK;

	to->index_special = from->index_special;
	for (size_t i = 0; i < from->staged_count && ret == WAKE_OK; i++)
		ret = add_staged(to, from->staged[i].path, from->staged[i].status, from->staged[i].mode, err);
	return ret;
}

static int read_index(struct wake_repo *repo, const char *head, const struct wake_edit_facts *old,
    struct wake_edit_facts *facts, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *after = NULL;
	int ret = wake_fs_join(repo->worktree.git_dir, "index", &path, err);

	if (ret == WAKE_OK)
		ret = find_index_key(path, head, &facts->index_key, err);
	if (ret < 0)
		return ret;
	if (old->index_key && *old->index_key && strcmp(old->index_key, facts->index_key) == 0)
		return copy_staged(old, facts, err);
	if (repo->sha256)
		facts->index_special = true;
	else
		ret = look_at_flags(path, facts, err);
	if (ret == WAKE_OK)
		ret = ask_staged(repo, head, facts, err);
	if (ret == WAKE_OK)
		ret = find_index_key(path, head, &after, err);
	if (ret == WAKE_OK && strcmp(after, facts->index_key) != 0)
		facts->index_key[0] = '\0'; /* it changed while we read */
	return ret;
}

/* ---- the cache ----------------------------------------------------------------------------------- */
static int read_staged(const json_t *list, struct wake_edit_facts *facts, struct wake_error *err)
{
	int ret = json_is_array(list) ? WAKE_OK : WAKE_CORRUPT;

	for (size_t i = 0; i < json_array_size(list) && ret == WAKE_OK; i++) {
		const json_t *item = json_array_get(list, i);
		wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
		const char *text = wake_json_string(item, "path"), *status = wake_json_string(item, "status");

		if (!text || !status || wake_event_read_path(text, &path, err) < 0)
			return WAKE_CORRUPT;
		ret = add_staged(facts, path.data, *status, (unsigned)wake_json_int(item, "mode", 0), err);
	}
	sort_staged(facts);
	return ret;
}

static int copy_text(const json_t *object, const char *key, char **ret_text, struct wake_error *err)
{
	const char *text = wake_json_string(object, key);

	return text ? wake_str_copy(text, ret_text, err) : WAKE_CORRUPT;
}

static int read_members(const json_t *object, struct wake_edit_facts *facts, struct wake_error *err)
{
	int ret = wake_json_int(object, "version", 0) == CACHE_VERSION ? WAKE_OK : WAKE_CORRUPT;

	if (ret == WAKE_OK)
		ret = copy_text(object, "config", &facts->config, err);
	if (ret == WAKE_OK)
		ret = copy_text(object, "config_key", &facts->config_key, err);
	if (ret == WAKE_OK)
		ret = copy_text(object, "rules_key", &facts->rules_key, err);
	if (ret == WAKE_OK)
		ret = copy_text(object, "index_key", &facts->index_key, err);
	if (ret == WAKE_OK && wake_json_string(object, "attributes_file"))
		ret = copy_text(object, "attributes_file", &facts->attributes_file, err);
	if (ret == WAKE_OK && wake_json_string(object, "state"))
		(void)snprintf(facts->state, sizeof(facts->state), "%s", wake_json_string(object, "state"));
	facts->plain = wake_json_true(object, "plain");
	facts->converts_lines = wake_json_true(object, "converts_lines");
	facts->index_special = wake_json_true(object, "index_special");
	facts->attr_tree = wake_json_true(object, "attr_tree");
	return ret < 0 ? ret : read_staged(json_object_get(object, "staged"), facts, err);
}

/* Whatever is wrong with the file, it is as if it were not there. */
static int read_cache(
    const char *cache, struct wake_edit_facts *ret_facts, bool *ret_known, struct wake_error *err)
{
	wake_auto_edit_facts struct wake_edit_facts facts = { 0 };
	wake_auto_free char *text = NULL;
	wake_auto_json json_t *object = NULL;
	size_t len;
	int ret = cache ? wake_fs_read(cache, CACHE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err) : WAKE_NOTFOUND;

	if (ret == WAKE_OK)
		ret = wake_json_parse(text, len, &object, err);
	if (ret == WAKE_OK)
		ret = read_members(object, &facts, err);
	*ret_known = ret == WAKE_OK;
	if (ret < 0)
		return ret == WAKE_NOMEM ? ret : WAKE_OK;
	*ret_facts = facts;
	facts = (struct wake_edit_facts){ 0 }; /* the caller's now */
	return WAKE_OK;
}

static int staged_json(const struct wake_edit_facts *facts, json_t *list, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < facts->staged_count && ret == WAKE_OK; i++) {
		const char status[2] = { facts->staged[i].status, '\0' };
		wake_auto_json json_t *paths = json_array();
		wake_auto_json json_t *item = json_object();

		if (!paths || !item || json_array_append(list, item) < 0)
			return wake_fail_nomem(err);
		ret = wake_event_add_path(paths, facts->staged[i].path, err);
		if (ret == WAKE_OK)
			ret = wake_json_set(item, "path", json_incref(json_array_get(paths, 0)), err);
		if (ret == WAKE_OK)
			ret = wake_json_set_string(item, "status", status, err);
		if (ret == WAKE_OK)
			ret = wake_json_set_int(item, "mode", facts->staged[i].mode, err);
	}
	return ret;
}

static int facts_json(const struct wake_edit_facts *facts, json_t *object, struct wake_error *err)
{
	json_t *list = json_array();
	int ret = wake_json_set(object, "staged", list, err);

	if (ret == WAKE_OK)
		ret = staged_json(facts, list, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "version", CACHE_VERSION, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "config", facts->config, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "config_key", facts->config_key, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "rules_key", facts->rules_key, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "index_key", facts->index_key, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "state", facts->state, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "attributes_file", facts->attributes_file, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(object, "plain", facts->plain, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(object, "converts_lines", facts->converts_lines, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(object, "index_special", facts->index_special, err);
	return ret < 0 ? ret : wake_json_set_bool(object, "attr_tree", facts->attr_tree, err);
}

void wake_edit_facts_write(const struct wake_edit_facts *facts, const char *cache)
{
	wake_auto_str struct wake_str text = WAKE_STR(CACHE_MAX);
	wake_auto_json json_t *object = json_object();
	struct wake_error ignored;
	int ret = object && cache ? facts_json(facts, object, &ignored) : WAKE_NOMEM;

	if (ret == WAKE_OK)
		ret = wake_json_append(&text, object, &ignored);
	if (ret == WAKE_OK)
		ret = wake_fs_replace(cache, text.data, text.len, 0600, WAKE_FS_PLAIN, &ignored);
	if (ret < 0 && cache)
		(void)unlink(cache); /* what it says may be of another index by now */
}

int wake_edit_facts_read(struct wake_repo *repo, const char *cache, const char *head,
    struct wake_edit_facts *ret_facts, struct wake_edit_facts *ret_old, bool *ret_known,
    struct wake_error *err)
{
	wake_auto_edit_facts struct wake_edit_facts facts = { 0 }, old = { 0 };
	int ret = read_cache(cache, &old, ret_known, err);

	if (ret == WAKE_OK)
		ret = wake_edit_facts_read_settings(repo, &facts, &old, err);
	if (ret == WAKE_OK)
		ret = read_index(repo, head, &old, &facts, err);
	if (ret < 0)
		return ret;
	*ret_facts = facts;
	*ret_old = old;
	facts = old = (struct wake_edit_facts){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_edit_facts_release(struct wake_edit_facts *facts)
{
	for (size_t i = 0; i < facts->staged_count; i++)
		free(facts->staged[i].path);
	free(facts->staged);
	free(facts->config);
	free(facts->config_key);
	free(facts->rules_key);
	free(facts->index_key);
	free(facts->attributes_file);
	*facts = (struct wake_edit_facts){ 0 };
}
