/* SPDX-License-Identifier: MIT */
/* [runwake-remote "NAME"] sections. */
#include "base/config_remote.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define SECTION "runwake-remote."
#define NAME_MAX_BYTES 64

enum { URL, KEY_FILE, CA_FILE, PLAIN, PATIENCE, ROWS };

static const struct wake_setting_row rows[ROWS] = {
	[URL] = { "url", WAKE_SETTING_TEXT, "", "Where the service is." },
	[KEY_FILE] = { "keyfile", WAKE_SETTING_TEXT, "", "The file that holds its key." },
	[CA_FILE] = { "cafile", WAKE_SETTING_TEXT, "",
	    "Whose certificates are believed; empty: the system's." },
	[PLAIN] = { "plain", WAKE_SETTING_BOOL, "false", "Whether plain http may go to another machine." },
	[PATIENCE] = { "patience", WAKE_SETTING_NUMBER, "900", "Seconds for which refusals are borne." },
};

bool wake_config_is_remote_name(const char *name)
{
	size_t len = strlen(name);

	if (len < 1 || len > NAME_MAX_BYTES || *name == '.' || *name == '-' || name[len - 1] == '.')
		return false;
	for (; *name; name++) {
		if (!isascii((unsigned char)*name) ||
		    (!isalnum((unsigned char)*name) && !strchr("._-", *name)))
			return false;
	}
	return true;
}

const struct wake_setting_row *wake_config_remote_row(const char *key)
{
	const char *last = strrchr(key, '.') + 1;

	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].key, last) == 0)
			return &rows[i];
	}
	return NULL;
}

bool wake_config_is_of_remote(const char *key)
{
	return strncmp(key, SECTION, strlen(SECTION)) == 0 && strrchr(key, '.') > key + strlen(SECTION) &&
	       wake_config_remote_row(key);
}

const struct wake_config_remote *wake_config_remote(const struct wake_config *config, const char *name)
{
	for (size_t i = 0; i < config->remote_count; i++) {
		if (strcmp(config->remotes[i].name, name) == 0)
			return &config->remotes[i];
	}
	return NULL;
}

static int find_or_add(struct wake_config *config, const char *name, struct wake_config_remote **ret_remote,
    struct wake_error *err)
{
	struct wake_config_remote *remotes = (struct wake_config_remote *)wake_config_remote(config, name);
	int ret;

	if (!remotes) {
		remotes = realloc(config->remotes, (config->remote_count + 1) * sizeof(*remotes));
		if (!remotes)
			return wake_fail_nomem(err);
		config->remotes = remotes;
		remotes += config->remote_count;
		*remotes = (struct wake_config_remote){ 0 };
		ret = wake_str_copy(name, &remotes->name, err);
		if (ret < 0)
			return ret;
		config->remote_count++;
	}
	*ret_remote = remotes;
	return WAKE_OK;
}

int wake_config_keep_remote(
    struct wake_config *config, const char *key, const char *value, unsigned line, struct wake_error *err)
{
	const char *from = key + strlen(SECTION);
	wake_auto_free char *name = strndup(from, (size_t)(strrchr(key, '.') - from));
	ptrdiff_t row = wake_config_remote_row(key) - rows;
	struct wake_config_remote *remote = NULL;
	char *text = NULL;
	int ret;

	if (!name)
		return wake_fail_nomem(err);
	if (!wake_config_is_remote_name(name) || config->remote_count >= WAKE_CONFIG_REMOTES_MAX)
		return wake_fail(err, WAKE_INVALID,
		    "line %u: a remote's name is 1 to %d letters, digits, dots, - and _, and there are %d at "
		    "most",
		    line, NAME_MAX_BYTES, WAKE_CONFIG_REMOTES_MAX);
	ret = find_or_add(config, name, &remote, err);
	if (ret == WAKE_OK && row <= CA_FILE)
		ret = *value ? wake_str_copy(value, &text, err) : WAKE_OK;
	if (ret < 0)
		return ret;
	if (row == PLAIN) {
		(void)wake_config_parse_bool(value, &remote->is_plain);
	} else if (row == PATIENCE) {
		(void)wake_config_parse_number(value, &remote->patience);
	} else {
		char **place = row == URL        ? &remote->url
		               : row == KEY_FILE ? &remote->key_file
		                                 : &remote->ca_file;

		free(*place);
		*place = text;
	}
	return WAKE_OK;
}

void wake_config_release_remotes(struct wake_config *config)
{
	for (size_t i = 0; i < config->remote_count; i++) {
		free(config->remotes[i].name);
		free(config->remotes[i].url);
		free(config->remotes[i].key_file);
		free(config->remotes[i].ca_file);
	}
	free(config->remotes);
}
