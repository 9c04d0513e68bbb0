/* SPDX-License-Identifier: MIT */
/* Wiring a whole repository: registration, the directories of all its worktrees, and the manifest of what we
 * put there. */
#include "cli/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "cli/exclude.h"
#include "cli/wiring_manifest.h"
#include "event/registry.h"
#include "hooks/contract.h"

static void say(struct wake_str *out, const char *what, const char *path)
{
	wake_text_append_shown(out, path, strlen(path), false);
	wake_str_appendf(out, ": %s\n", what);
}

/* A place where ours cannot be. Said once a directory, not once a worktree of sixty. */
static void say_place(const struct wake_hooks_places *places, size_t at, struct wake_wire_report *report)
{
	const struct wake_hooks_place *place = &places->items[at];

	for (size_t i = 0; i < at; i++) {
		if (places->items[i].place == place->place &&
		    strcmp(places->items[i].directory, place->directory) == 0)
			return;
	}
	wake_text_append_shown(&report->problems, place->worktree, strlen(place->worktree), false);
	wake_str_append(&report->problems, ": ");
	wake_text_append_shown(&report->problems, place->directory, strlen(place->directory), false);
	wake_str_appendf(&report->problems, ": %s\n", place->problem);
}

static int make_directory(const char *directory, bool *ret_made, struct wake_error *err)
{
	*ret_made = mkdir(directory, 0777) == 0; /* as git makes it: the umask decides */
	return *ret_made || errno == EEXIST ? WAKE_OK
	                                    : wake_fail_errno(err, "make directory '%s'", directory);
}

static int wire_place(const struct wake_hooks_place *place, const char *common_dir,
    const struct wake_wire_options *options, struct wake_manifest *manifest, struct wake_wire_report *report,
    struct wake_error *err)
{
	bool made = false;
	int ret;

	if (options->dry)
		return wake_wire_directory(place->directory, options, report, err);
	ret = make_directory(place->directory, &made, err);
	/* Written down first: a killed installation leaves no hook that nobody would find. */
	if (ret == WAKE_OK && !wake_manifest_has(manifest, place->directory)) {
		ret = wake_manifest_add(manifest, place->directory, made, err);
		if (ret == WAKE_OK)
			ret = wake_manifest_write(common_dir, manifest, err);
	}
	return ret < 0 ? ret : wake_wire_directory(place->directory, options, report, err);
}

static int wire_places(const char *common_dir, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	wake_auto_places struct wake_hooks_places places = { 0 };
	wake_auto_manifest struct wake_manifest manifest = { 0 };
	wake_auto_manifest struct wake_manifest seen = { 0 };
	int ret = wake_wiring_places(common_dir, options->programs, options->share, &places, err);

	if (ret == WAKE_OK)
		ret = wake_manifest_read(common_dir, &manifest, err);
	for (size_t i = 0; ret == WAKE_OK && i < places.count; i++) {
		const struct wake_hooks_place *place = &places.items[i];

		if (place->problem[0])
			say_place(&places, i, report);
		if (place->place != WAKE_PLACE_GOOD || wake_manifest_has(&seen, place->directory))
			continue;
		ret = wake_manifest_add(&seen, place->directory, false, err);
		if (ret == WAKE_OK)
			ret = wire_place(place, common_dir, options, &manifest, report, err);
	}
	if (ret == WAKE_OK && !options->dry)
		ret = wake_manifest_write(common_dir, &manifest, err);
	return ret;
}

int wake_wire(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_wire_options *options, struct wake_wire_report *report, struct wake_error *err)
{
	const char *name = worktree->root ? worktree->root : worktree->git_dir;
	wake_auto_close int lock = -1;
	wake_auto_free char *common = NULL;
	bool registered;
	int ret = wake_fs_resolve(worktree->common_dir, &common, err);

	if (ret < 0)
		return ret;
	wake_wire_lock(common, &lock);
	registered = wake_registry_has(worktree);
	if (!options->dry)
		ret = wake_registry_add(paths, worktree, err);
	if (ret < 0)
		return ret;
	say(&report->done,
	    registered     ? "is recorded"
	    : options->dry ? "would be recorded from now on"
	                   : "is recorded from now on",
	    name);
	ret = wire_places(common, options, report, err);
	if (ret == WAKE_OK)
		ret = wake_str_check(&report->done, err);
	return ret < 0 ? ret : wake_str_check(&report->problems, err);
}

/* A directory outside of the repository may serve others that are recorded, too: the last one takes the hooks
 * away. */
static int find_other_user(const struct wake_paths *paths, const char *common_dir, const char *directory,
    char **ret_other, struct wake_error *err)
{
	WAKE_CLEANUP(wake_registered_list_release) struct wake_registered_list list = { 0 };
	struct wake_error ignored = { 0 };
	int ret = wake_registry_list(paths, &list, err);

	for (size_t i = 0; ret == WAKE_OK && !*ret_other && i < list.count; i++) {
		wake_auto_manifest struct wake_manifest manifest = { 0 };
		wake_auto_free char *other = NULL;

		if (wake_fs_resolve(list.items[i].common_dir, &other, &ignored) < 0 ||
		    strcmp(other, common_dir) == 0)
			continue;
		if (wake_manifest_read(other, &manifest, &ignored) == WAKE_OK &&
		    wake_manifest_has(&manifest, directory))
			ret = wake_str_copy(other, ret_other, err);
	}
	return ret;
}

static int unwire_row(const struct wake_paths *paths, const char *common_dir,
    const struct wake_manifest_row *row, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	wake_auto_free char *other = NULL;
	int ret;

	if (!wake_fs_is_dir(row->directory))
		return WAKE_OK;
	ret = find_other_user(paths, common_dir, row->directory, &other, err);
	if (ret < 0)
		return ret;
	if (other) {
		wake_str_append(&report->done, "  ");
		wake_text_append_shown(&report->done, row->directory, strlen(row->directory), false);
		wake_str_append(&report->done, ": ");
		say(&report->done, "uses it, too: left as it is", other);
		return WAKE_OK;
	}
	ret = wake_unwire_directory(row->directory, options, report, err);
	if (ret == WAKE_OK && row->made && !options->dry)
		(void)rmdir(row->directory); /* unless something is in it by now */
	return ret;
}

/* Where the manifest says, and where git looks today: the manifest may be gone, or the setting. */
static int unwire_all(const struct wake_paths *paths, const char *common_dir,
    const struct wake_wire_options *options, struct wake_wire_report *report, struct wake_error *err)
{
	wake_auto_places struct wake_hooks_places places = { 0 };
	wake_auto_manifest struct wake_manifest manifest = { 0 };
	int ret = wake_manifest_read(common_dir, &manifest, err);

	if (ret == WAKE_OK)
		ret = wake_wiring_places(common_dir, options->programs, false, &places, err);
	for (size_t i = 0; ret == WAKE_OK && i < places.count; i++) {
		if (places.items[i].place == WAKE_PLACE_GOOD)
			ret = wake_manifest_add(&manifest, places.items[i].directory, false, err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < manifest.count; i++)
		ret = unwire_row(paths, common_dir, &manifest.rows[i], options, report, err);
	return ret;
}

static int forget(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const char *common_dir, struct wake_error *err)
{
	wake_auto_free char *told = NULL;
	int ret = wake_exclude_remove(common_dir, err);

	if (ret == WAKE_OK)
		ret = wake_manifest_remove(common_dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(common_dir, WAKE_HOOK_TOLD, &told, err);
	if (ret < 0)
		return ret;
	(void)unlink(told);
	ret = wake_registry_remove(paths, worktree, err);
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

int wake_unwire(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_wire_options *options, struct wake_wire_report *report, struct wake_error *err)
{
	wake_auto_close int lock = -1;
	wake_auto_free char *common = NULL;
	int ret = wake_fs_resolve(worktree->common_dir, &common, err);

	if (ret < 0)
		return ret;
	wake_wire_lock(common, &lock);
	say(&report->done,
	    !wake_registry_has(worktree) ? "was not recorded"
	    : options->dry               ? "would be recorded no longer"
	                                 : "is recorded no longer",
	    worktree->root ? worktree->root : worktree->git_dir);
	ret = unwire_all(paths, common, options, report, err);
	if (ret == WAKE_OK && !options->dry)
		ret = forget(paths, worktree, common, err);
	if (ret == WAKE_OK)
		ret = wake_str_check(&report->done, err);
	return ret < 0 ? ret : wake_str_check(&report->problems, err);
}
