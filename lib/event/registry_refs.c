/* SPDX-License-Identifier: MIT */
/* Listing the logs of refs, and their baseline. */
#include "event/registry_refs.h"

#include <fcntl.h>
#include <string.h>

#include "base/fs.h"
#include "base/str.h"
#include "event/reflog.h"
#include "event/registry_file.h"

#define NAME_MAX_LEN 4096 /* bytes of a ref's name */
#define BASELINE_MAX (64 * 1024 * 1024)

void wake_registry_refs_release(struct wake_registry_refs *refs)
{
	for (size_t i = 0; i < refs->count; i++)
		free(refs->items[i].name);
	free(refs->items);
	*refs = (struct wake_registry_refs){ 0 };
}

static int add_ref(
    struct wake_registry_refs *refs, const struct wake_registry_ref *ref, struct wake_error *err)
{
	if (refs->count == WAKE_REGISTRY_REFS_MAX)
		return wake_fail(err, WAKE_INVALID,
		    "more than %d reflogs; `git remote prune` or `git branch -d` makes them fewer",
		    WAKE_REGISTRY_REFS_MAX);
	if (refs->count == refs->room) {
		size_t room = refs->room ? refs->room * 2 : 32;
		struct wake_registry_ref *items = reallocarray(refs->items, room, sizeof(*items));

		if (!items)
			return wake_fail_nomem(err);
		refs->items = items;
		refs->room = room;
	}
	refs->items[refs->count] = *ref;
	refs->items[refs->count].name = strdup(ref->name);
	if (!refs->items[refs->count].name)
		return wake_fail_nomem(err);
	refs->count++;
	return WAKE_OK;
}

static bool is_plain(const char *name)
{
	for (; *name; name++) {
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	}
	return true;
}

static bool is_lock(const char *name)
{
	size_t len = strlen(name);

	return len >= 5 && strcmp(name + len - 5, ".lock") == 0;
}

static int walk(int parent, const char *dir_name, struct wake_str *path, struct wake_registry_refs *refs,
    struct wake_error *err);

static int visit(int dir, const char *name, struct wake_str *path, struct wake_registry_refs *refs,
    struct wake_error *err)
{
	struct wake_registry_ref ref = { .last_id = "" };
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? WAKE_OK
		                       : wake_fail_errno(err, "look at reflog '%s'", wake_str_text(path));
	if (S_ISDIR(st.st_mode))
		return walk(dir, name, path, refs, err);
	if (!S_ISREG(st.st_mode) || is_lock(name))
		return WAKE_OK;
	ref.name = path->data;
	ref.inode = st.st_ino;
	ref.size = (uint64_t)st.st_size;
	ref.changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return add_ref(refs, &ref, err);
}

/* path: the ref name of the directory dir_name in parent. The length of names bounds the depth. */
static int walk(int parent, const char *dir_name, struct wake_str *path, struct wake_registry_refs *refs,
    struct wake_error *err)
{
	int fd = openat(parent, dir_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	wake_auto_closedir DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	size_t len = path->len;
	int ret = WAKE_OK;

	if (!stream) {
		int saved = errno;

		if (fd >= 0)
			(void)close(fd);
		errno = saved;
		return saved == ENOENT || saved == ENOTDIR
		           ? WAKE_OK
		           : wake_fail_errno(err, "read the logs of '%s'", wake_str_text(path));
	}
	while (ret == WAKE_OK && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || !is_plain(entry->d_name)) /* no ref's name begins so */
			continue;
		if (len + 1 + strlen(entry->d_name) > NAME_MAX_LEN) /* nor is any so long */
			continue;
		wake_str_append_char(path, '/');
		wake_str_append(path, entry->d_name);
		ret = wake_str_check(path, err);
		if (ret == WAKE_OK)
			ret = visit(fd, entry->d_name, path, refs, err);
		path->len = len;
		path->data[len] = '\0';
	}
	return ret;
}

static int compare_refs(const void *left, const void *right)
{
	return strcmp(
	    ((const struct wake_registry_ref *)left)->name, ((const struct wake_registry_ref *)right)->name);
}

int wake_registry_refs_list(
    const char *common_dir, struct wake_registry_refs *ret_refs, struct wake_error *err)
{
	static const char *const roots[] = { "refs/heads", "refs/remotes" };
	wake_auto_refs struct wake_registry_refs refs = { 0 };
	wake_auto_free char *logs_path = NULL;
	wake_auto_close int logs = -1;
	int ret = wake_fs_join(common_dir, "logs", &logs_path, err);

	if (ret < 0)
		return ret;
	logs = open(logs_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (logs < 0 && errno != ENOENT)
		return wake_fail_errno(err, "open directory '%s'", logs_path);
	for (size_t i = 0; logs >= 0 && ret == WAKE_OK && i < WAKE_COUNT(roots); i++) {
		wake_auto_str struct wake_str path = WAKE_STR(NAME_MAX_LEN);

		wake_str_append(&path, roots[i]);
		ret = wake_str_check(&path, err);
		if (ret == WAKE_OK)
			ret = walk(logs, roots[i], &path, &refs, err);
	}
	if (ret < 0)
		return ret;
	if (refs.count > 1)
		qsort(refs.items, refs.count, sizeof(*refs.items), compare_refs);
	*ret_refs = refs;
	refs = (struct wake_registry_refs){ 0 }; /* the caller's now */
	return WAKE_OK;
}

const struct wake_registry_ref *wake_registry_refs_find(
    const struct wake_registry_refs *refs, const char *name)
{
	struct wake_registry_ref key = { .name = (char *)name };

	if (refs->count == 0)
		return NULL;
	return bsearch(&key, refs->items, refs->count, sizeof(*refs->items), compare_refs);
}

/* "ID NAME\n"; nothing for a log without lines. */
static int append_last(struct wake_str *out, const char *nonce, const char *common_dir, const char *name,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_reflog struct wake_reflog *log = NULL;
	char id[WAKE_ID_SIZE];
	int ret = wake_str_format(&path, err, "%s/logs/%s", common_dir, name);

	if (ret == WAKE_OK)
		ret = wake_reflog_read(path, &log, err);
	if (ret < 0 || wake_reflog_count(log) == 0)
		return ret;
	wake_reflog_line_id(wake_reflog_line(log, wake_reflog_count(log) - 1), nonce, name, id);
	wake_str_appendf(out, "%s %s\n", id, name);
	return WAKE_OK;
}

int wake_registry_refs_write(
    const char *dir, const char *nonce, const char *common_dir, struct wake_error *err)
{
	wake_auto_refs struct wake_registry_refs refs = { 0 };
	wake_auto_str struct wake_str text = WAKE_STR(BASELINE_MAX);
	wake_auto_free char *path = NULL;
	int ret = wake_registry_refs_list(common_dir, &refs, err);

	for (size_t i = 0; ret == WAKE_OK && i < refs.count; i++)
		ret = append_last(&text, nonce, common_dir, refs.items[i].name, err);
	if (ret == WAKE_OK)
		ret = wake_str_check(&text, err);
	if (ret == WAKE_OK)
		ret = wake_str_format(&path, err, "%s/refs-%s", dir, nonce);
	return ret == WAKE_OK ? wake_registry_file_replace(path, wake_str_text(&text), text.len, err) : ret;
}

static int parse_baseline(char *text, size_t len, struct wake_registry_refs *refs, struct wake_error *err)
{
	char *end = text + len;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && text < end) {
		struct wake_registry_ref ref = { .last_id = "" };
		char *newline = memchr(text, '\n', (size_t)(end - text));

		if (!newline || newline - text <= WAKE_ID_SIZE || text[WAKE_ID_SIZE - 1] != ' ')
			return wake_fail(err, WAKE_CORRUPT,
			    "it is damaged; remove it, and the branches' logs are read anew");
		*newline = '\0';
		memcpy(ref.last_id, text, WAKE_ID_SIZE - 1);
		ref.name = text + WAKE_ID_SIZE;
		ret = add_ref(refs, &ref, err);
		text = newline + 1;
	}
	return ret;
}

int wake_registry_refs_read(const char *dir, const char *nonce, struct wake_registry_refs *ret_refs,
    struct wake_error *err)
{
	wake_auto_refs struct wake_registry_refs refs = { 0 };
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_str_format(&path, err, "%s/refs-%s", dir, nonce);

	if (ret < 0)
		return ret;
	ret = wake_fs_read(path, BASELINE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret == WAKE_OK)
		ret = parse_baseline(text, len, &refs, err);
	if (ret == WAKE_NOTFOUND)
		ret = WAKE_OK;
	if (ret < 0)
		return wake_error_prefix(err, "'%s'", path);
	if (refs.count > 1)
		qsort(refs.items, refs.count, sizeof(*refs.items), compare_refs);
	*ret_refs = refs;
	refs = (struct wake_registry_refs){ 0 }; /* the caller's now */
	return WAKE_OK;
}
