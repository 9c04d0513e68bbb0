/* SPDX-License-Identifier: MIT */
/* The template directory for future clones. */
#include "cli/wire_template.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"

#define SETTING "init.templateDir"

struct template
{
	char *directory;
	char *hooks;
	char *registration;
};

static void template_release(struct template *template)
{
	free(template->directory);
	free(template->hooks);
	free(template->registration);
}

static int find_template(const struct wake_paths *paths, struct template *template, struct wake_error *err)
{
	int ret = wake_fs_join(paths->state, "template", &template->directory, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(template->directory, "hooks", &template->hooks, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(template->directory, "runwake", &template->registration, err);
	return ret;
}

/* The setting as it counts outside of any repository; NULL if there is none. */
static int read_setting(char **ret_value, struct wake_error *err)
{
	static const char *const args[] = { "config", "-z", "--type=path", "--get", SETTING, NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_wiring_git("/", args, NULL, &result, err);

	if (ret < 0 || result.exit_code == 1)
		return ret;
	if (result.exit_code != 0)
		return wake_fail(
		    err, WAKE_UNAVAILABLE, "git cannot read its settings: %s", wake_str_text(&result.errors));
	return wake_str_copy(wake_str_text(&result.output), ret_value, err);
}

static int change_setting(const char *const *args, struct wake_error *err)
{
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_wiring_git("/", args, NULL, &result, err);

	if (ret == WAKE_OK && result.exit_code != 0)
		ret = wake_fail(err, WAKE_UNAVAILABLE, "git cannot change " SETTING " in your settings: %s",
		    wake_str_text(&result.errors));
	return ret;
}

static void say(struct wake_str *out, const char *what, const char *path)
{
	wake_str_append(out, what);
	wake_text_append_shown(out, path, strlen(path), false);
	wake_str_append_char(out, '\n');
}

static int make_template(const struct template *template, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	int ret;

	if (!options->dry) {
		ret = wake_fs_make_dirs(template->hooks, err);
		if (ret == WAKE_OK)
			ret = wake_fs_make_dirs(template->registration, err);
		if (ret < 0)
			return ret;
	}
	return wake_wire_directory(template->hooks, options, report, err);
}

int wake_wire_template(const struct wake_paths *paths, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	WAKE_CLEANUP(template_release) struct template template = { 0 };
	wake_auto_free char *value = NULL;
	int ret = find_template(paths, &template, err);

	if (ret == WAKE_OK)
		ret = read_setting(&value, err);
	if (ret < 0)
		return ret;
	if (value && strcmp(value, template.directory) != 0)
		return wake_fail(err, WAKE_EXISTS,
		    SETTING " names '%s' already and is left alone: put hooks/ and runwake/ of a template of "
		            "ours there by "
		            "hand, or unset it and install again",
		    value);
	ret = make_template(&template, options, report, err);
	if (ret == WAKE_OK && !value && !options->dry) {
		const char *const args[] = { "config", "--global", SETTING, template.directory, NULL };

		ret = change_setting(args, err);
	}
	if (ret == WAKE_OK)
		say(&report->done,
		    options->dry ? "new repositories would begin with " : "new repositories begin with ",
		    template.directory);
	return ret;
}

/* What somebody has put there stays, and the directories with it. */
static int remove_template(const struct template *template, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	int ret;

	if (!wake_fs_is_dir(template->hooks))
		return WAKE_OK;
	ret = wake_unwire_directory(template->hooks, options, report, err);
	if (ret < 0 || options->dry)
		return ret;
	(void)rmdir(template->hooks);
	(void)rmdir(template->registration);
	if (rmdir(template->directory) < 0 && errno != ENOENT)
		say(&report->problems, "not empty, and left: ", template->directory);
	return WAKE_OK;
}

int wake_unwire_template(const struct wake_paths *paths, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	static const char *const unset[] = { "config", "--global", "--unset", SETTING, NULL };
	WAKE_CLEANUP(template_release) struct template template = { 0 };
	wake_auto_free char *value = NULL;
	bool ours;
	int ret = find_template(paths, &template, err);

	if (ret == WAKE_OK)
		ret = read_setting(&value, err);
	if (ret < 0)
		return ret;
	ours = value && strcmp(value, template.directory) == 0;
	if (ours && !options->dry)
		ret = change_setting(unset, err);
	if (ret == WAKE_OK)
		ret = remove_template(&template, options, report, err);
	if (ret == WAKE_OK)
		wake_str_append(&report->done, !ours ? "new repositories did not begin with our template\n"
		                               : options->dry
		                                   ? "new repositories would begin as they did before\n"
		                                   : "new repositories begin as they did before\n");
	return ret;
}
