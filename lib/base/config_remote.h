/* SPDX-License-Identifier: MIT */
/* The settings of remotes, as the settings' reader meets them. Inner to the module. */
#ifndef WAKE_CONFIG_REMOTE_H
#define WAKE_CONFIG_REMOTE_H

#include "base/config.h"

bool wake_config_parse_bool(const char *text, bool *ret_value);
bool wake_config_parse_number(const char *text, int64_t *ret_value);

/* Is key "runwake-remote.NAME.KEY", KEY one of those that a remote has? */
bool wake_config_is_of_remote(const char *key);
/* The row of such a KEY. */
const struct wake_setting_row *wake_config_remote_row(const char *key);
/* value: of that row's kind. */
int wake_config_keep_remote(struct wake_config *config, const char *key, const char *value, unsigned line,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_config_release_remotes(struct wake_config *config);

#endif
