/* SPDX-License-Identifier: MIT */
/* Settings: one file in git-config syntax (git-config(1), "Syntax": sections, quoted subsections,
 * comments with # or ;, continuation by backslash, quotes and \n \t \b \" \\; no includes), at most
 * 64 KiB. One table names every setting, its kind and its default; help, man page and doctor print
 * it. A key that the table does not name, or a value of another kind, is WAKE_INVALID with the line. */
#ifndef WAKE_CONFIG_H
#define WAKE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

enum wake_setting {
	WAKE_SETTING_STORE,		/* runwake.store: URL, as RUNWAKE_STORE; default "" */
	WAKE_SETTING_USER,		/* runwake.user: users.id (UUID) of who starts runs; default "" */
	WAKE_SETTING_HOST,		/* runwake.host: name in records; default "" = gethostname(2) */
	WAKE_SETTING_WATCHER,		/* runwake.watcher: start it on demand where no service does; true */
	WAKE_SETTING_KEEP,		/* runwake.keep: whose edits' contents are kept: "run", "always", "never" */
	WAKE_SETTING_KEEP_FILE_MAX,	/* runwake.keepfilemax: bytes of one file; default 4 MiB */
	WAKE_SETTING_KEEP_RUN_MAX,	/* runwake.keeprunmax: bytes of one run; default 256 MiB */
	WAKE_SETTING_KEEP_NEVER,	/* runwake.keepnever: names whose contents are never kept: fnmatch(3)
					 * patterns of a file's name, apart by spaces */
	WAKE_SETTING_MESSAGES,		/* runwake.messages: are tasks, results and messages recorded? true */
	WAKE_SETTING_REDACT,		/* runwake.redact: literals, and patterns (* and ?) of whole words, that
					 * are taken out of texts; apart by spaces; default "" */
	WAKE_SETTING_COUNT
};

enum wake_setting_kind { WAKE_SETTING_TEXT, WAKE_SETTING_BOOL, WAKE_SETTING_NUMBER };

struct wake_setting_row {
	const char *key;		/* "runwake.store", lower case */
	enum wake_setting_kind kind;
	const char *fallback;		/* as it would stand in the file */
	const char *help;		/* one sentence */
};

extern const struct wake_setting_row wake_settings[WAKE_SETTING_COUNT];

struct wake_config {
	char *values[WAKE_SETTING_COUNT]; /* owned; NULL = the fallback */
};

/* A missing file is no error: every setting has its fallback. */
int wake_config_load(const char *path, struct wake_config *ret_config, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_config_parse(const char *text, size_t len, struct wake_config *ret_config,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_config_release(struct wake_config *config);

const char *wake_config_text(const struct wake_config *config, enum wake_setting setting);
bool wake_config_bool(const struct wake_config *config, enum wake_setting setting);
int64_t wake_config_number(const struct wake_config *config, enum wake_setting setting);

#define wake_auto_config WAKE_CLEANUP(wake_config_release)

#endif
