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
#include "base/process.h"
#include "base/scope.h"

enum wake_setting {
	WAKE_SETTING_STORE,		/* runwake.store: URL, as RUNWAKE_STORE; default "" */
	WAKE_SETTING_FEED,		/* runwake.feed: URI of a team's database that the events go to; "" */
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
	WAKE_SETTING_KEEP_DAYS,		/* runwake.keepdays: then kept contents are removed; 0: never */
	WAKE_SETTING_PAYLOAD_DAYS,	/* runwake.payloaddays: then events' payloads are blanked; 0: never */
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

/* [runwake-remote "NAME"]: a service that runs agents elsewhere (agent/remote_run.h). */
struct wake_config_remote {
	char *name, *url;	/* owned; url NULL: the section lacks it */
	char *key_file, *ca_file; /* owned; NULL: none */
	bool is_plain;		/* plain http also to other machines */
	int64_t patience;	/* seconds for which refusals are borne; 0: the fallback */
};
#define WAKE_CONFIG_REMOTES_MAX 256

struct wake_config {
	char *values[WAKE_SETTING_COUNT]; /* owned; NULL = the fallback */
	struct wake_config_remote *remotes; /* owned; in the order of the file */
	size_t remote_count;
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

/* 1 to 64 of [A-Za-z0-9_-] and dots within. */
bool wake_config_is_remote_name(const char *name);
/* NULL: none is called so. */
const struct wake_config_remote *wake_config_remote(const struct wake_config *config, const char *name);

/* This machine's name in the records: runwake.host, else its host name. */
void wake_config_host(const struct wake_config *config, char ret_host[WAKE_HOST_SIZE]);

#define wake_auto_config WAKE_CLEANUP(wake_config_release)

#endif
