/* SPDX-License-Identifier: MIT */
/* Watching where refs move. git renames a lock file over the ref when its log is written already. */
#include "watcher/repository_refs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/scope.h"

#define MASK (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define DEPTH_MAX 64 /* directories in each other; a ref's name has 4 KiB at most */

/* Tags, core.hooksPath's tools' own and other refs have no movements of anybody's work. */
static const char *const tops[] = { "refs", "refs/heads", "refs/remotes" };

static bool is_wanted(const char *name)
{
	for (size_t i = 0; i < WAKE_COUNT(tops); i++) {
		size_t len = strlen(tops[i]);

		if (strcmp(name, tops[i]) == 0 ||
		    (i > 0 && strncmp(name, tops[i], len) == 0 && name[len] == '/'))
			return true;
	}
	return false;
}

static bool has(const struct wake_repository_refs *refs, const char *name)
{
	for (size_t i = 0; i < refs->count; i++) {
		if (refs->dirs[i].wd >= 0 && strcmp(refs->dirs[i].name, name) == 0)
			return true;
	}
	return false;
}

static int find_place(struct wake_repository_refs *refs, size_t *ret_place, struct wake_error *err)
{
	struct wake_refs_dir *grown;

	for (size_t i = 0; i < refs->count; i++) {
		if (refs->dirs[i].wd < 0) {
			*ret_place = i;
			return WAKE_OK;
		}
	}
	if (refs->count >= WAKE_REPOSITORY_REFS_MAX)
		return wake_fail(err, WAKE_NOMEM,
		    "'%s/refs' has more than %d directories; those beyond are not watched", refs->common_dir,
		    WAKE_REPOSITORY_REFS_MAX);
	grown = reallocarray(refs->dirs, refs->count + 1, sizeof(*grown));
	if (!grown)
		return wake_fail_nomem(err);
	refs->dirs = grown;
	refs->dirs[refs->count] = (struct wake_refs_dir){ .wd = -1 };
	*ret_place = refs->count++;
	return WAKE_OK;
}

static void told(void *context, uint32_t tag, const struct inotify_event *event);

/* name: taken over on success. */
static int watch(struct wake_repository_refs *refs, const char *path, char *name, struct wake_error *err)
{
	size_t place = 0;
	int ret = find_place(refs, &place, err);

	if (ret == WAKE_OK)
		ret = wake_inotify_add(
		    refs->scene->aside, path, MASK, told, refs, (uint32_t)place, &refs->dirs[place].wd, err);
	if (ret == WAKE_OK)
		refs->dirs[place].name = name;
	return ret;
}

static int add(struct wake_repository_refs *refs, const char *name, int depth, struct wake_error *err);

static bool is_dir(const struct dirent *entry, const char *path)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int add_below(
    struct wake_repository_refs *refs, const char *name, const char *path, int depth, struct wake_error *err)
{
	wake_auto_closedir DIR *dir = opendir(path);
	const struct dirent *entry;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && dir && (entry = readdir(dir)) != NULL) {
		wake_auto_free char *below = NULL;
		wake_auto_free char *below_path = NULL;

		if (entry->d_name[0] == '.') /* no ref's name begins so */
			continue;
		ret = wake_fs_join(name, entry->d_name, &below, err);
		if (ret == WAKE_OK)
			ret = wake_fs_join(path, entry->d_name, &below_path, err);
		if (ret == WAKE_OK && is_wanted(below) && is_dir(entry, below_path))
			ret = add(refs, below, depth + 1, err);
	}
	return ret;
}

/* First the watch, then what is in it. */
static int add(struct wake_repository_refs *refs, const char *name, int depth, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *copy = NULL;
	int ret = depth > DEPTH_MAX ? wake_fail(err, WAKE_NOMEM, "'%s' lies too deep", name)
	                            : wake_fs_join(refs->common_dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_str_copy(name, &copy, err);
	if (ret < 0)
		return ret;
	if (!has(refs, name)) {
		ret = watch(refs, path, copy, err);
		if (ret < 0) /* gone again, or a symbolic link */
			return ret == WAKE_NOTFOUND || ret == WAKE_EXISTS ? WAKE_OK : ret;
		copy = NULL; /* the watch's now */
	}
	return add_below(refs, name, path, depth, err);
}

static void forget(struct wake_repository_refs *refs, size_t place)
{
	free(refs->dirs[place].name);
	refs->dirs[place] = (struct wake_refs_dir){ .wd = -1 };
}

static bool is_lock(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".lock") == 0;
}

static void told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_repository_refs *refs = context;
	wake_auto_free char *ref = NULL;
	struct wake_error problem;
	int ret = WAKE_OK;

	if (event->mask & IN_IGNORED) {
		forget(refs, tag);
		return;
	}
	if (!event->len || is_lock(event->name))
		return;
	if (wake_fs_join(refs->dirs[tag].name, event->name, &ref, &problem) < 0) {
		refs->moved(refs->context, NULL);
		return;
	}
	if (event->mask & IN_ISDIR) {
		if (event->mask & (IN_CREATE | IN_MOVED_TO) && is_wanted(ref))
			ret = add(refs, ref, 0, &problem);
		if (ret < 0)
			wake_scene_note(refs->scene, &problem);
		refs->moved(refs->context, NULL); /* what was in it may have come before the watch */
	} else if (!(event->mask & IN_CREATE) && strchr(refs->dirs[tag].name, '/')) {
		refs->moved(refs->context, ref);
	}
}

int wake_repository_refs_open(struct wake_repository_refs *refs, struct wake_error *err)
{
	return add(refs, tops[0], 0, err);
}

void wake_repository_refs_close(struct wake_repository_refs *refs)
{
	for (size_t i = 0; i < refs->count; i++) {
		if (refs->dirs[i].wd >= 0)
			wake_inotify_remove(refs->scene->aside, refs->dirs[i].wd);
		free(refs->dirs[i].name);
	}
	free(refs->dirs);
	refs->dirs = NULL;
	refs->count = 0;
}
