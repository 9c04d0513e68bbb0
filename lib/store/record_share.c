/* SPDX-License-Identifier: MIT */
/* The recorder's part in a team: what it folds for machines that may not, what it leaves to the team's
 * database, and what it does where its own role may only read. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "event/spool.h"
#include "event/wakeup.h"
#include "store/feed.h"
#include "store/record_parts.h"
#include "store/waiting.h"

#define FOLDS_MAX                                                                                            \
	20 /* batches that a round folds for others: whoever waits for the round waits for them too */

int wake_record_configure(struct wake_recording *recording, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	struct wake_recorder *recorder = recording->recorder;
	int status = wake_config_load(recording->paths->config, &config, err);

	if (status != WAKE_OK)
		return status;
	(void)snprintf(
	    recorder->host, sizeof(recorder->host), "%s", wake_config_text(&config, WAKE_SETTING_HOST));
	status = wake_feed_set(recording->store, wake_config_text(&config, WAKE_SETTING_FEED), err);
	/* A setting that cannot hold must not keep anything from being recorded. */
	if (status == WAKE_INVALID) {
		wake_recording_note(recording, err);
		status = WAKE_OK;
	}
	return status;
}

/* What goes wrong with others' events is told, and keeps nothing of ours. */
static void fold_for_others(struct wake_recording *recording)
{
	struct wake_error problem;
	bool more = true;

	for (size_t i = 0; more && i < FOLDS_MAX; i++) {
		size_t folded = 0;

		if (wake_waiting_fold(recording->store, &folded, &more, &problem) != WAKE_OK) {
			wake_recording_note(recording, &problem);
			break;
		}
	}
}

static int look_at_feed(struct wake_recording *recording, struct wake_error *err)
{
	wake_auto_feed_state struct wake_feed_state state = { 0 };
	int64_t now = wake_clock_now();
	int status = wake_feed_read(recording->store, &state, err);

	recording->result->feed_in = 0;
	if (status != WAKE_OK || !state.waits)
		return status;
	if (wake_spool_is_fed_now(recording->paths->spool))
		recording->result->feed_in = 2; /* whether it succeeds is to be seen */
	else
		recording->result->feed_in = state.next_at > now ? state.next_at - now : 1;
	return WAKE_OK;
}

int wake_record_share(struct wake_recording *recording, struct wake_error *err)
{
	fold_for_others(recording);
	return look_at_feed(recording, err);
}

int wake_record_refrain(struct wake_recording *recording, bool to_read, struct wake_error *err)
{
	const struct wake_rights *rights = &recording->recorder->rights;
	struct wake_spool_status spool = { 0 };
	int status = wake_spool_status(recording->paths->spool, &spool, err);

	if (status == WAKE_OK && rights->role == WAKE_ROLE_FOLDER)
		fold_for_others(recording);
	if (status != WAKE_OK || spool.waiting_files == 0)
		return status;
	status = wake_fail(err, WAKE_UNAVAILABLE,
	    "%" PRIu64 " bytes wait in the spool, and the database's role '%.40s' may not record them: it "
	               "lacks %.100s%s",
	    spool.waiting_bytes, rights->name, rights->lacks,
	    rights->role == WAKE_ROLE_MACHINE ? "; name this database by runwake.feed, not as the store"
	                                      : "");
	recording->result->unwritten = true;
	wake_recording_note(recording, err);
	return to_read ? WAKE_OK : status;
}

/* It is a process of its own: a database that does not answer must not keep the recorder. Where this is no
 * runwake (a test of the library), there is none to start. */
void wake_record_wake_feed(const struct wake_paths *paths)
{
	char program[4096];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *const argv[] = { program, "db", "feed", NULL };
	const char *name;

	if (len <= 0 || wake_spool_is_fed_now(paths->spool))
		return;
	program[len] = '\0';
	name = strrchr(program, '/');
	if (name && strcmp(name, "/runwake") == 0)
		wake_wakeup_detached(argv);
}
