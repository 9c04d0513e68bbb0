/* SPDX-License-Identifier: MIT */
/* Where a person's own excludes are, and when they change. */
#include "watcher/excludes.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "watcher/child.h"
#include "watcher/returns.h"

#define MASK (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define ANSWER_MAX ((size_t)64 * 1024) /* bytes of a path */

struct wake_excludes {
	struct wake_scene *scene;
	void (*changed)(void *context);
	void *context;
	struct wake_child *child; /* git, while it is asked */
	struct wake_str answer;
	char *dir, *name;        /* owned: where the file is; NULL: not known */
	int wd;                  /* -1: not watched */
	struct wake_return back; /* waits for a directory that is not there */
};

static void told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_excludes *excludes = context;

	(void)tag;
	if (event->mask & IN_IGNORED) {
		excludes->wd = -1;
		wake_returns_wait(excludes->scene->returns, &excludes->back);
	} else if (strcmp(event->name, excludes->name) == 0) {
		excludes->changed(excludes->context);
	}
}

static void forget(struct wake_excludes *excludes)
{
	wake_returns_forget(excludes->scene->returns, &excludes->back);
	if (excludes->wd >= 0)
		wake_inotify_remove(excludes->scene->aside, excludes->wd);
	excludes->wd = -1;
	free(excludes->dir);
	free(excludes->name);
	excludes->dir = excludes->name = NULL;
}

/* Only a help: without it a reload does what it would have done. */
static void watch(struct wake_excludes *excludes)
{
	struct wake_error problem;
	int ret = wake_inotify_add(
	    excludes->scene->aside, excludes->dir, MASK, told, excludes, 0, &excludes->wd, &problem);

	if (ret == WAKE_NOTFOUND && !wake_fs_is_dir(excludes->dir))
		wake_returns_wait(excludes->scene->returns, &excludes->back);
	else if (ret < 0)
		wake_scene_note(excludes->scene, &problem);
}

static void is_back(void *context)
{
	struct wake_excludes *excludes = context;

	watch(excludes);
	excludes->changed(excludes->context);
}

/* path: taken over. */
static void take_path(struct wake_excludes *excludes, char *path)
{
	char *slash = strrchr(path, '/');
	struct wake_error problem;

	forget(excludes);
	if (path[0] == '/' && slash[1] && wake_str_copy(slash + 1, &excludes->name, &problem) == WAKE_OK) {
		slash[slash == path] = '\0';
		excludes->dir = path;
		excludes->back =
		    (struct wake_return){ .path = excludes->dir, .there = is_back, .context = excludes };
		watch(excludes);
	} else {
		free(path);
	}
}

/* gitignore(5): $XDG_CONFIG_HOME/git/ignore, else $HOME/.config/git/ignore. */
static int usual_path(char **ret_path, struct wake_error *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		return wake_str_format(ret_path, err, "%s/git/ignore", config);
	if (!home)
		return wake_fail(err, WAKE_NOTFOUND, "HOME is not set");
	return wake_str_format(ret_path, err, "%s/.config/git/ignore", home);
}

static void output(void *context, const char *bytes, size_t len)
{
	struct wake_excludes *excludes = context;

	wake_str_append_bytes(&excludes->answer, bytes, len);
}

static void ended(void *context, int code)
{
	struct wake_excludes *excludes = context;
	struct wake_error ignored;
	char *path = NULL;
	int ret;

	wake_child_free(excludes->child);
	excludes->child = NULL;
	if (code == 0 && excludes->answer.len > 1) /* -z ends it with a NUL */
		ret = wake_str_steal(&excludes->answer, &path, &ignored);
	else
		ret = usual_path(&path, &ignored);
	wake_str_clear(&excludes->answer);
	if (ret == WAKE_OK)
		take_path(excludes, path);
}

void wake_excludes_reload(struct wake_excludes *excludes)
{
	static const char *const argv[] = { "git", "config", "-z", "--type=path", "--get",
		"core.excludesFile", NULL };
	const struct wake_child_spec spec = {
		.argv = argv, .has_output = true, .output = output, .ended = ended, .context = excludes
	};
	struct wake_error problem;
	int ret;

	if (excludes->child)
		return;
	ret = wake_child_start(excludes->scene->loop, &spec, &excludes->child, &problem);
	if (ret < 0 && ret != WAKE_UNAVAILABLE)
		wake_scene_note(excludes->scene, &problem);
}

int wake_excludes_new(struct wake_scene *scene, void (*changed)(void *context), void *context,
    struct wake_excludes **ret_excludes, struct wake_error *err)
{
	struct wake_excludes *excludes = calloc(1, sizeof(*excludes));

	if (!excludes)
		return wake_fail_nomem(err);
	*excludes = (struct wake_excludes){ .scene = scene,
		.changed = changed,
		.context = context,
		.wd = -1,
		.answer = WAKE_STR(ANSWER_MAX) };
	wake_excludes_reload(excludes);
	*ret_excludes = excludes;
	return WAKE_OK;
}

void wake_excludes_free(struct wake_excludes *excludes)
{
	if (!excludes)
		return;
	wake_child_free(excludes->child);
	forget(excludes);
	wake_str_release(&excludes->answer);
	free(excludes);
}
