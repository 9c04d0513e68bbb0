/* SPDX-License-Identifier: MIT */
/* Remotes in the settings file. git writes it, since it is in git's syntax: comments and order stay. */
#include <string.h>

#include "agent/remote_url.h"
#include "base/fs.h"
#include "cli/print.h"
#include "cli/remote.h"

void wake_remote_target_release(struct wake_remote_target *target)
{
	wake_config_release(&target->config);
	free(target->url);
	free(target->key_file);
	free(target->ca_file);
}

/* A file's absolute path, since others will open it from elsewhere. */
static int resolve(const char *path, char **ret_path, struct wake_error *err)
{
	return path ? wake_fs_resolve(path, ret_path, err) : WAKE_OK;
}

/* NULL: no remote has that base. */
static const struct wake_config_remote *find_by_url(const struct wake_config *config, const char *base)
{
	for (size_t i = 0; i < config->remote_count; i++) {
		const struct wake_config_remote *remote = &config->remotes[i];
		wake_auto_free char *url = NULL;
		struct wake_error ignored;

		if (remote->url &&
		    wake_remote_url_read(remote->url, remote->is_plain, &url, &ignored) == WAKE_OK &&
		    strcmp(url, base) == 0)
			return remote;
	}
	return NULL;
}

static int find_by_name(struct wake_command_context *context, const char *name,
    struct wake_remote_target *target, struct wake_error *err)
{
	target->remote = wake_config_remote(&target->config, name);
	if (!target->remote || !target->remote->url)
		return wake_command_fail(context, WAKE_EXIT_NOT_FOUND, err,
		    "no remote is called '%.64s'; 'runwake remote add NAME URL' names one", name);
	target->is_plain = target->remote->is_plain;
	return wake_remote_url_read(target->remote->url, target->is_plain, &target->url, err);
}

int wake_remote_target_find(struct wake_command_context *context, const char *word,
    struct wake_remote_target *target, struct wake_error *err)
{
	const struct wake_options *given = &context->options;
	int ret = wake_config_load(context->paths.config, &target->config, err);

	if (ret < 0)
		return ret;
	target->is_plain = wake_options_has(given, "plain");
	if (!strstr(word, "://"))
		return find_by_name(context, word, target, err);
	ret = wake_remote_url_read(word, true, &target->url, err);
	if (ret == WAKE_OK)
		target->remote = find_by_url(&target->config, target->url);
	if (ret < 0 || target->remote)
		return ret;
	free(target->url);
	target->url = NULL;
	ret = wake_remote_url_read(word, target->is_plain, &target->url, err);
	if (ret == WAKE_OK)
		ret = resolve(wake_options_text(given, "key-file"), &target->key_file, err);
	return ret == WAKE_OK ? resolve(wake_options_text(given, "ca-file"), &target->ca_file, err) : ret;
}

int wake_remote_target_set(
    const struct wake_remote_target *target, struct wake_remote_entry *entry, struct wake_error *err)
{
	int ret = wake_json_set_string(entry->json, "url", target->url, err);

	if (ret == WAKE_OK && target->remote)
		return wake_json_set_string(entry->json, "remote", target->remote->name, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(entry->json, "key_file", target->key_file, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(entry->json, "ca_file", target->ca_file, err);
	return ret == WAKE_OK && target->is_plain ? wake_json_set_bool(entry->json, "plain", true, err) : ret;
}

/* ---- add and remove ---- */

static int git_config(struct wake_command_context *context, const char *action, const char *name,
    const char *value, struct wake_error *err)
{
	const char *const argv[] = { "git", "config", "--file", context->paths.config, action, name, value,
		NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	const struct wake_process_spec spec = { .argv = argv, .directory = "/", .output_max = 64 * 1024 };
	int ret = wake_process_run(&spec, &result, err);

	if (ret == WAKE_OK && result.exit_code != 0)
		return wake_fail(err, WAKE_SYSTEM, "the settings file '%s' cannot be changed: %.200s",
		    context->paths.config, wake_str_text(&result.errors));
	return ret;
}

static int set(struct wake_command_context *context, const char *name, const char *key, const char *value,
    struct wake_error *err)
{
	wake_auto_free char *full = NULL;
	int ret = value ? wake_str_format(&full, err, "runwake-remote.%s.%s", name, key) : WAKE_OK;

	return ret == WAKE_OK && value ? git_config(context, "--replace-all", full, value, err) : ret;
}

static int make_directory(const char *file, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	int ret = wake_str_copy(file, &dir, err);

	if (ret < 0)
		return ret;
	*strrchr(dir, '/') = '\0';
	return wake_fs_make_dirs(dir, err);
}

int wake_remote_cli_add(struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_options *given = &context->options;
	const char *name = given->words[1];
	bool is_plain = wake_options_has(given, "plain");
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_free char *url = NULL;
	wake_auto_free char *key_file = NULL;
	wake_auto_free char *ca_file = NULL;
	int ret = wake_config_load(context->paths.config, &config, err);

	if (ret == WAKE_OK && !wake_config_is_remote_name(name))
		ret =
		    wake_fail(err, WAKE_INVALID, "a remote's name is 1 to 64 letters, digits, dots, - and _");
	if (ret == WAKE_OK && wake_config_remote(&config, name))
		ret = wake_command_fail(context, WAKE_EXIT_BUSY, err,
		    "the remote '%s' is there already; 'runwake remote remove %s' takes it out", name, name);
	if (ret == WAKE_OK)
		ret = wake_remote_url_read(given->words[2], is_plain, &url, err);
	if (ret == WAKE_OK)
		ret = resolve(wake_options_text(given, "key-file"), &key_file, err);
	if (ret == WAKE_OK)
		ret = resolve(wake_options_text(given, "ca-file"), &ca_file, err);
	if (ret == WAKE_OK)
		ret = make_directory(context->paths.config, err);
	if (ret == WAKE_OK)
		ret = set(context, name, "keyFile", key_file, err);
	if (ret == WAKE_OK)
		ret = set(context, name, "caFile", ca_file, err);
	if (ret == WAKE_OK)
		ret = set(context, name, "plain", is_plain ? "true" : NULL, err);
	return ret == WAKE_OK ? set(context, name, "url", url, err) : ret;
}

int wake_remote_cli_remove(struct wake_command_context *context, struct wake_error *err)
{
	const char *name = context->options.words[1];
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_free char *section = NULL;
	int ret = wake_config_load(context->paths.config, &config, err);

	if (ret == WAKE_OK && !wake_config_remote(&config, name))
		return wake_command_fail(
		    context, WAKE_EXIT_NOT_FOUND, err, "no remote is called '%.64s'", name);
	if (ret == WAKE_OK)
		ret = wake_str_format(&section, err, "runwake-remote.%s", name);
	return ret == WAKE_OK ? git_config(context, "--remove-section", section, NULL, err) : ret;
}
