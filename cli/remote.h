/* SPDX-License-Identifier: MIT */
/* What the files of `runwake remote` share. */
#ifndef WAKE_CLI_REMOTE_H
#define WAKE_CLI_REMOTE_H

#include "base/config.h"
#include "cli/command.h"
#include "event/remote_entry.h"

/* A service, as a command's word names it. owned: wake_remote_target_release. */
struct wake_remote_target {
	struct wake_config config;
	const struct wake_config_remote
	    *remote;              /* in config; NULL: none of that URL is named in the settings */
	char *url;                /* owned; the base of its addresses */
	char *key_file, *ca_file; /* owned; absolute; NULL */
	bool is_plain;
};
int wake_remote_target_find(struct wake_command_context *context, const char *word,
    struct wake_remote_target *ret_target, struct wake_error *err) WAKE_MUST_CHECK;
void wake_remote_target_release(struct wake_remote_target *target);
/* The members of an entry that say where its service is. */
int wake_remote_target_set(const struct wake_remote_target *target, struct wake_remote_entry *entry,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The actions, each with the words that it takes. */
int wake_remote_cli_start(struct wake_command_context *context, struct wake_error *err); /* remote_start.c */
int wake_remote_cli_track(struct wake_command_context *context, struct wake_error *err); /* remote_track.c */
int wake_remote_cli_kill(struct wake_command_context *context, struct wake_error *err);
int wake_remote_cli_forget(struct wake_command_context *context, struct wake_error *err);
int wake_remote_cli_list(struct wake_command_context *context, struct wake_error *err); /* remote_list.c */
int wake_remote_cli_add(struct wake_command_context *context, struct wake_error *err); /* remote_settings.c */
int wake_remote_cli_remove(struct wake_command_context *context, struct wake_error *err);

/* The program runwake-remote of this installation. owned: free(3). (remote_attend.c) */
int wake_remote_program(const char *program, char **ret_program, struct wake_error *err) WAKE_MUST_CHECK;
/* Sees to it that somebody follows what is to be followed; waits for nothing. */
void wake_remote_attend(const struct wake_paths *paths, const char *program);
/* Does somebody? */
bool wake_remote_is_attended(const struct wake_paths *paths);

/* What the record has of a run_id. WAKE_EXISTS: it is recorded, and not as a run of that service. (remote_track.c) */
struct wake_remote_recorded {
	bool is_begun, is_over; /* its start, and a reported end of it, are recorded */
	int64_t started;        /* microseconds UTC; of one that has begun */
};
int wake_remote_check_recorded(struct wake_command_context *context, const char *run_id, const char *url,
    struct wake_remote_recorded *ret_recorded, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_remote_target WAKE_CLEANUP(wake_remote_target_release)

#endif
