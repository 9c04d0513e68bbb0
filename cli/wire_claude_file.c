/* SPDX-License-Identifier: MIT */
/* A file of settings with our hooks alone; and what keeps hooks from being run. */
#include <string.h>

#include "base/fs.h"
#include "cli/agent_settings.h"
#include "cli/wire_claude.h"

/* It holds no secret, and may be for a container with another user. */
#define MODE 0644

/* Is there nothing in it but what we put there? A file that is not there, or empty, is as good. */
static bool is_ours_alone(const struct wake_agent_settings *settings)
{
	wake_auto_claude_edit struct wake_claude_edit edit = { 0 };
	struct wake_error ignored;

	return wake_claude_settings_unwire(settings->text, settings->len, NULL, &edit, &ignored) == WAKE_OK &&
	       edit.is_bare && (edit.change.count > 0 || settings->len == 0);
}

static int open_file(const char *path, struct wake_agent_settings *settings, struct wake_error *err)
{
	int ret = wake_agent_settings_read(path, settings, err);

	if (ret == WAKE_OK && !is_ours_alone(settings))
		return wake_fail(err, WAKE_EXISTS,
		    "'%s' is not a file of ours alone, and is left as it is: name another, or take it away",
		    path);
	return ret;
}

int wake_wire_claude_file(const struct wake_wire_claude *wire, const char *path, struct wake_error *err)
{
	wake_auto_agent_settings struct wake_agent_settings settings = { 0 };
	wake_auto_claude_edit struct wake_claude_edit edit = { 0 };
	struct wake_str *done = &wire->report->done;
	int ret = open_file(path, &settings, err);

	if (ret == WAKE_OK)
		ret = wake_claude_settings_wire("", 0, wire->program, &edit, err);
	if (ret < 0)
		return ret;
	if (settings.len == edit.text.len && memcmp(settings.text, edit.text.data, edit.text.len) == 0)
		wake_wire_claude_say(done, path, "is as it is to be already");
	else if (wire->dry)
		wake_wire_claude_say(done, path, "would be written, for claude --settings");
	else
		ret = wake_agent_settings_replace(&settings, edit.text.data, edit.text.len, MODE, err);
	if (ret == WAKE_OK && done->len == 0)
		wake_wire_claude_say(done, path, "written, for claude --settings");
	return ret;
}

int wake_unwire_claude_file(const struct wake_wire_claude *wire, const char *path, struct wake_error *err)
{
	wake_auto_agent_settings struct wake_agent_settings settings = { 0 };
	int ret = open_file(path, &settings, err);

	if (ret < 0)
		return ret;
	if (!settings.is_there)
		return wake_fail(err, WAKE_NOTFOUND, "there is no file '%s'", path);
	if (!wire->dry)
		ret = wake_agent_settings_remove(&settings, err);
	if (ret == WAKE_OK)
		wake_wire_claude_say(&wire->report->done, path, wire->dry ? "would be removed" : "removed");
	return ret;
}

/* The administrator's settings: what cannot be read of them is not ours to complain of. */
static void look_at_managed(const char *path, struct wake_str *out)
{
	wake_auto_claude_wired struct wake_claude_wired wired = { 0 };
	wake_auto_free char *text = NULL;
	struct wake_error ignored;
	size_t len = 0;

	if (wake_fs_read(path, WAKE_CLAUDE_SETTINGS_MAX, WAKE_FS_PLAIN, &text, &len, &ignored) < 0 ||
	    wake_claude_settings_look(text, len, &wired, &ignored) < 0)
		return;
	if (wired.hooks_disabled)
		wake_wire_claude_say(out, path,
		    "it says \"disableAllHooks\": true: no hook is run on this machine until its "
		    "administrator "
		    "takes that out");
	else if (wired.managed_only)
		wake_wire_claude_say(out, path,
		    "it says \"allowManagedHooksOnly\": true: only hooks that stand in that file are run; "
		    "have its administrator put ours there");
}

int wake_wire_claude_hindrance(const char *path, const struct wake_claude_wired *wired, const char *managed,
    struct wake_str *out, struct wake_error *err)
{
	if (wired->hooks_disabled)
		wake_wire_claude_say(
		    out, path, "it says \"disableAllHooks\": true: no hook is run until that is taken out");
	look_at_managed(managed, out);
	return wake_str_check(out, err);
}
