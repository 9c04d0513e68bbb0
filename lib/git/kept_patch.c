/* SPDX-License-Identifier: MIT */
/* The patch between two kept trees, by git itself. */
#include <string.h>

#include "base/fs.h"
#include "git/kept_inside.h"

#define PATCH_MAX ((size_t)1024 * 1024 * 1024) /* bytes */
#define PATHS_MAX 4096

/* git knows it without having it. */
static const char empty_tree[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/* The user's settings of how a patch looks would keep it from being applied. --binary: so would "differ". */
static const char *const fixed[] = { "--literal-pathspecs", "-c", "diff.renames=true", "-c",
	"diff.renameLimit=1000", "-c", "diff.algorithm=default", "-c", "diff.context=3", "-c",
	"diff.interHunkContext=0", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", "-c",
	"diff.suppressBlankEmpty=false", "-c", "diff.colorMoved=no", "-c", "core.attributesFile=/dev/null",
	"diff", "--no-ext-diff", "--no-textconv", "--binary", "--full-index", "-O/dev/null" };

static size_t count_paths(const char *const *paths)
{
	size_t count = 0;

	while (paths && paths[count])
		count++;
	return count;
}

int wake_kept_patch(struct wake_kept *kept, const char *old_tree, const char *new_tree,
    const char *const *paths, bool color, int fd, struct wake_error *err)
{
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free const char **args = NULL;
	size_t used = WAKE_COUNT(fixed), path_count = count_paths(paths);
	int ret;

	if (!wake_kept_has(kept, old_tree) || !wake_kept_has(kept, new_tree))
		return wake_fail(err, WAKE_NOTFOUND, "the contents of this state are not kept any more");
	if (path_count > PATHS_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d paths; name directories", PATHS_MAX);
	ret = wake_kept_sync(kept, err); /* for git to find what was added */
	if (ret < 0)
		return ret;
	args = calloc(used + 5 + path_count, sizeof(*args));
	if (!args)
		return wake_fail_nomem(err);
	memcpy(args, fixed, sizeof(fixed));
	args[used++] = color ? "--color=always" : "--no-color";
	args[used++] = *old_tree ? old_tree : empty_tree;
	args[used++] = *new_tree ? new_tree : empty_tree;
	args[used++] = "--";
	for (size_t i = 0; i < path_count; i++)
		args[used++] = paths[i];
	ret = wake_repo_git(kept->repo, args, NULL, 0, PATCH_MAX, &result, err);
	if (ret == WAKE_OK && result.exit_code != 0)
		ret = wake_fail_git(err, &result, "show what was kept");
	if (ret == WAKE_OK && result.output.len > 0)
		ret = wake_fs_write_all(fd, result.output.data, result.output.len, err);
	return ret;
}
