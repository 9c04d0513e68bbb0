/* SPDX-License-Identifier: MIT */
/* Our hooks in the settings of Claude Code's user. */
#include "cli/wire_claude.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "cli/agent_manifest.h"
#include "cli/agent_settings.h"

#define DIRECTORIES_MAX 64 /* of a path that were made */

/* One file of settings, what is remembered of it, and what is to become of it. */
struct work {
	const struct wake_wire_claude *wire;
	struct wake_agent_settings settings;
	struct wake_agent_manifest manifest;
	struct wake_claude_wired wired;
	struct wake_str original; /* as it was before we came; only where is_as_left */
	bool is_as_left;
	struct wake_claude_edit edit;
	int lock;
};

static void work_release(struct work *work)
{
	wake_agent_settings_release(&work->settings);
	wake_agent_manifest_release(&work->manifest);
	wake_claude_wired_release(&work->wired);
	wake_str_release(&work->original);
	wake_claude_edit_release(&work->edit);
	wake_scope_close(&work->lock);
}

#define auto_work WAKE_CLEANUP(work_release)
#define WORK(given)                                                                                          \
	{                                                                                                    \
		.wire = (given), .original = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX), .lock = -1                  \
	}

void wake_wire_claude_say(struct wake_str *out, const char *path, const char *fmt, ...)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_WIRE_SAID_MAX);
	va_list args;

	va_start(args, fmt);
	wake_str_vappendf(&text, fmt, args);
	va_end(args);
	wake_text_append_shown(out, path, strlen(path), false);
	wake_str_append(out, ": ");
	wake_text_append_shown(out, wake_str_text(&text), text.len, false);
	wake_str_append_char(out, '\n');
}

int wake_wire_claude_program(const char *runwake, char **ret_program, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	wake_auto_free char *program = NULL;
	int ret = wake_wiring_programs(runwake, &directory, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(directory, WAKE_CLAUDE_HOOK, &program, err);
	if (ret == WAKE_OK && access(program, X_OK) < 0)
		ret = wake_fail(
		    err, WAKE_NOTFOUND, "'%s' is not there: install Runwake again (make install)", program);
	if (ret == WAKE_OK) {
		*ret_program = program;
		program = NULL; /* the caller's now */
	}
	return ret;
}

/* Settings as we left them lead back to what they were. */
static int undo(struct work *work, struct wake_error *err)
{
	const struct wake_agent_settings *settings = &work->settings;
	const struct wake_agent_manifest *manifest = &work->manifest;
	char sum[WAKE_SHA256_SIZE];
	int ret;

	wake_agent_manifest_sum(settings->text, settings->len, sum);
	if (!settings->is_there || !manifest->is_there || strcmp(sum, manifest->left) != 0)
		return WAKE_OK;
	ret = wake_text_change_undo(&manifest->change, settings->text, settings->len, &work->original, err);
	if (ret == WAKE_OK) {
		wake_agent_manifest_sum(wake_str_text(&work->original), work->original.len, sum);
		work->is_as_left = strcmp(sum, manifest->original) == 0;
	}
	return ret == WAKE_INVALID ? WAKE_OK : ret;
}

/* One at a time: what is remembered must be of what stands in the file. */
static int open_settings(struct work *work, struct wake_error *err)
{
	const struct wake_paths *paths = work->wire->paths;
	wake_auto_free char *path = NULL;
	wake_auto_free char *directory = NULL;
	int ret = wake_agent_settings_find(&path, err);

	if (ret == WAKE_OK && !work->wire->dry) {
		ret = wake_agent_manifest_directory(paths, &directory, err);
		if (ret == WAKE_OK)
			wake_wire_lock(directory, &work->lock);
	}
	if (ret == WAKE_OK)
		ret = wake_agent_settings_read(path, &work->settings, err);
	if (ret == WAKE_OK)
		ret = wake_agent_manifest_read(paths, work->settings.path, &work->manifest, err);
	return ret < 0 ? ret : undo(work, err);
}

static int name(const struct work *work, int ret, struct wake_error *err)
{
	if (ret == WAKE_INVALID)
		return wake_error_prefix(
		    err, "'%s' is left as it is; correct it, and try again", work->settings.path);
	return ret;
}

/* ---- putting --------------------------------------------------------------------------------- */

static int64_t count_missing(const char *path)
{
	wake_auto_free char *directory = strdup(path);
	int64_t count = 0;
	char *slash;

	while (directory && (slash = strrchr(directory, '/')) && slash != directory) {
		*slash = '\0';
		if (wake_fs_is_dir(directory))
			break;
		count++;
	}
	return count;
}

static int make_directory(struct work *work, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	char *slash;
	int ret = wake_str_copy(work->settings.path, &directory, err);

	slash = directory ? strrchr(directory, '/') : NULL;
	if (ret < 0 || !slash || slash == directory)
		return ret;
	*slash = '\0';
	return wake_fs_make_dirs(directory, err);
}

/* What is to be remembered of this change, on top of what is. */
static int remember(struct work *work, struct wake_error *err)
{
	const struct wake_agent_settings *settings = &work->settings;
	struct wake_agent_manifest *manifest = &work->manifest, next = { .is_there = true };
	bool is_base_ours = !work->is_as_left && work->wired.program;
	const char *before = work->is_as_left ? wake_str_text(&work->original) : settings->text;

	next.made = work->edit.made;
	if (work->is_as_left || (is_base_ours && manifest->is_there)) {
		next.made_file = manifest->made_file;
		next.made_directories = manifest->made_directories;
	}
	if (!settings->is_there) {
		next.made_file = true;
		next.made_directories = count_missing(settings->path);
	}
	if (is_base_ours && !manifest->is_there)
		return WAKE_OK; /* who put them there, and what they found, nobody knows */
	if (is_base_ours) {
		next.made.hooks |= manifest->made.hooks;
		for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++)
			next.made.events[i] |= manifest->made.events[i];
	} else {
		wake_agent_manifest_sum(work->edit.text.data, work->edit.text.len, next.left);
		wake_agent_manifest_sum(
		    before, work->is_as_left ? work->original.len : settings->len, next.original);
		next.change = work->edit.change; /* the edit's; not released here */
	}
	return wake_agent_manifest_write(work->wire->paths, settings->path, &next, err);
}

/* As if we had never been there; but a file that could not be synced may be the new one all the same. What is
 * remembered of a file that was never left so does no harm. */
static void forget(const struct work *work)
{
	const struct wake_paths *paths = work->wire->paths;
	struct wake_error ignored;
	int ret = wake_agent_settings_check(&work->settings, &ignored);

	if (ret == WAKE_OK && work->manifest.is_there)
		ret = wake_agent_manifest_write(paths, work->settings.path, &work->manifest, &ignored);
	else if (ret == WAKE_OK)
		ret = wake_agent_manifest_remove(paths, work->settings.path, &ignored);
	(void)ret;
}

/* First what is to be remembered: settings that are changed can always be changed back. */
static int put(struct work *work, struct wake_error *err)
{
	int ret = remember(work, err);

	if (ret == WAKE_OK && !work->settings.is_there)
		ret = make_directory(work, err);
	if (ret == WAKE_OK)
		ret = wake_agent_settings_replace(
		    &work->settings, work->edit.text.data, work->edit.text.len, 0600, err);
	if (ret < 0)
		forget(work);
	return ret;
}

static bool is_done(const struct work *work)
{
	return work->settings.is_there && work->edit.text.len == work->settings.len &&
	       memcmp(work->edit.text.data, work->settings.text, work->settings.len) == 0;
}

static void say_put(const struct work *work)
{
	const struct wake_wire_claude *wire = work->wire;
	const char *what = work->wired.count == 0 ? "put" : "renewed", *would = wire->dry ? "would be " : "";

	if (is_done(work))
		wake_wire_claude_say(&wire->report->done, work->settings.path,
		    "runs this installation's hook at %d events already", WAKE_CLAUDE_EVENTS);
	else
		wake_wire_claude_say(&wire->report->done, work->settings.path, "hooks %s%s at %d events: %s",
		    would, what, WAKE_CLAUDE_EVENTS, wire->program);
	if (work->settings.is_there && work->settings.st.st_nlink > 1 && !is_done(work))
		wake_wire_claude_say(&wire->report->problems, work->settings.path,
		    "it %s another name (a hard link), which keeps the old text", wire->dry ? "has" : "had");
}

int wake_wire_claude(const struct wake_wire_claude *wire, struct wake_error *err)
{
	auto_work struct work work = WORK(wire);
	const char *base;
	size_t len;
	int ret = open_settings(&work, err);

	if (ret < 0)
		return ret;
	base = work.is_as_left ? wake_str_text(&work.original) : work.settings.text;
	len = work.is_as_left ? work.original.len : work.settings.len;
	ret = wake_claude_settings_look(work.settings.text, work.settings.len, &work.wired, err);
	if (ret == WAKE_OK)
		ret = wake_claude_settings_wire(base, len, wire->program, &work.edit, err);
	ret = name(&work, ret, err);
	if (ret == WAKE_OK && !wire->dry && !is_done(&work))
		ret = put(&work, err);
	if (ret < 0)
		return ret;
	say_put(&work);
	return wake_wire_claude_hindrance(
	    work.settings.path, &work.wired, WAKE_CLAUDE_MANAGED, &wire->report->problems, err);
}

/* ---- taking away ------------------------------------------------------------------------------- */

/* Those that we made go while they are empty. */
static void remove_directories(const struct work *work)
{
	wake_auto_free char *directory = strdup(work->settings.path);
	char *slash;

	for (int64_t i = 0; directory && i < work->manifest.made_directories && i < DIRECTORIES_MAX; i++) {
		slash = strrchr(directory, '/');
		if (!slash || slash == directory)
			return;
		*slash = '\0';
		if (rmdir(directory) < 0)
			return;
	}
}

static int write_back(const struct work *work, bool is_file_gone, struct wake_error *err)
{
	const struct wake_str *text = work->is_as_left ? &work->original : &work->edit.text;
	int ret;

	if (is_file_gone) {
		ret = wake_agent_settings_remove(&work->settings, err);
		if (ret == WAKE_OK)
			remove_directories(work);
		return ret;
	}
	return wake_agent_settings_replace(&work->settings, wake_str_text(text), text->len, 0600, err);
}

static void say_taken(const struct work *work, bool is_file_gone)
{
	static const char *const words[2][3] = {
		{ "removed: it was made for our hooks", "restored as it was before our hooks",
		    "our hooks removed" },
		{ "would be removed: it was made for our hooks",
		    "would be restored as it was before our hooks", "our hooks would be removed" },
	};
	const char *what = words[work->wire->dry][is_file_gone ? 0 : work->is_as_left ? 1 : 2];

	wake_wire_claude_say(
	    &work->wire->report->done, work->settings.path, "%s (%s)", what, work->wired.program);
}

static int take_away(struct work *work, struct wake_error *err)
{
	const struct wake_agent_manifest *manifest = &work->manifest;
	const struct wake_claude_made *made = manifest->is_there ? &manifest->made : NULL;
	bool is_file_gone;
	int ret = WAKE_OK;

	if (!work->is_as_left)
		ret = wake_claude_settings_unwire(
		    work->settings.text, work->settings.len, made, &work->edit, err);
	if (ret < 0)
		return name(work, ret, err);
	is_file_gone =
	    manifest->made_file && (work->is_as_left ? work->original.len == 0 : work->edit.is_bare);
	if (!work->wire->dry)
		ret = write_back(work, is_file_gone, err);
	if (ret == WAKE_OK)
		say_taken(work, is_file_gone);
	return ret;
}

int wake_unwire_claude(const struct wake_wire_claude *wire, struct wake_error *err)
{
	auto_work struct work work = WORK(wire);
	int ret = open_settings(&work, err);

	if (ret == WAKE_OK)
		ret = name(&work,
		    wake_claude_settings_look(work.settings.text, work.settings.len, &work.wired, err), err);
	if (ret < 0)
		return ret;
	if (work.wired.program)
		ret = take_away(&work, err);
	else
		wake_wire_claude_say(&wire->report->done, work.settings.path, "no hooks of ours are in it");
	if (ret == WAKE_OK && !wire->dry)
		ret = wake_agent_manifest_remove(wire->paths, work.settings.path, err);
	return ret;
}
