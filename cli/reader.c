/* SPDX-License-Identifier: MIT */
/* What the commands that read the store share. */
#include "cli/reader.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/live.h"
#include "cli/print.h"
#include "cli/remote.h"
#include "event/spool.h"
#include "event/wakeup.h"
#include "git/repo.h"
#include "store/record.h"

#define SHORT_RUN 13 /* "019ab2c4-7d21": the 48 bits of a version 7's milliseconds */

int wake_reader_failed(struct wake_command_context *context, int ret)
{
	if (ret < 0 && ret != WAKE_INVALID && ret != WAKE_NOMEM)
		context->failure = WAKE_EXIT_STORE;
	return ret;
}

/* What agents that are at work have written until now. */
static void read_sessions(const struct wake_command_context *context, struct wake_store *store)
{
	const struct wake_live_spec spec = { .paths = &context->paths, .store = store, .insists = true };
	struct wake_live_rest rest = { .ending = -1 };
	struct wake_error problem;

	if (wake_live_read(&spec, &rest, &problem) < 0)
		wake_print_note("%s; sessions of agents are read again later", problem.text);
	wake_scope_close(&rest.ending);
}

int wake_reader_open(
    struct wake_command_context *context, struct wake_store **ret_store, struct wake_error *err)
{
	char problem[WAKE_ERROR_TEXT_SIZE];
	int ret = wake_reader_failed(context, wake_record_open(&context->paths, ret_store, problem, err));

	if (ret == WAKE_OK && *problem)
		wake_print_note("%s", problem);
	else if (ret == WAKE_OK)
		read_sessions(context, *ret_store);
	/* After a reboot nobody else may have begun it again. */
	wake_remote_attend(&context->paths, context->program);
	return ret;
}

void wake_reader_let_go(const struct wake_command_context *context, int *lock)
{
	if (*lock < 0)
		return;
	(void)close(*lock);
	*lock = -1;
	if (wake_spool_has_events(context->paths.spool))
		wake_wakeup_recorder(context->paths.spool, context->program);
}

int wake_reader_run(
    struct wake_store *store, const char *word, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	struct wake_found_run found;
	int ret = wake_query_find_run(store, word, &found, err);

	if (ret == WAKE_OK)
		memcpy(ret_id, found.id, sizeof(found.id));
	return ret;
}

int wake_reader_resolve(const char *word, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_repo struct wake_repo *repo = NULL;
	int ret = wake_worktree_find(NULL, &worktree, err);

	if (ret == WAKE_OK)
		ret = wake_repo_open(&worktree, &repo, err);
	return ret == WAKE_OK ? wake_repo_resolve(repo, word, ret_hash, err) : ret;
}

int wake_reader_meant(
    struct wake_store *store, const char *word, json_t **ret_movements, struct wake_error *err)
{
	char hash[WAKE_HASH_SIZE];
	struct wake_error other;
	int ret = wake_query_meant(store, word, ret_movements, err);

	if (ret == WAKE_NOTFOUND && wake_reader_resolve(word, hash, &other) == WAKE_OK)
		return wake_query_meant(store, hash, ret_movements, err);
	return ret;
}

json_t *wake_reader_document(void)
{
	return json_pack("{s:i}", "schema_version", 1);
}

const char *wake_reader_short_run(const char *run_id, char buffer[WAKE_ID_SIZE])
{
	if (!run_id || !wake_id_is_v7(run_id))
		return run_id;
	memcpy(buffer, run_id, SHORT_RUN);
	buffer[SHORT_RUN] = '\0';
	return buffer;
}

static const char *local_time(const char *rfc3339, bool seconds, char buffer[32])
{
	struct wake_error ignored;
	int64_t at = 0;
	time_t whole;
	struct tm broken;
	size_t len;

	buffer[0] = '\0';
	if (!rfc3339 || wake_time_parse(rfc3339, &at, &ignored) < 0)
		return buffer;
	whole = (time_t)(at / WAKE_SECOND);
	if (!localtime_r(&whole, &broken))
		return buffer;
	len = seconds ? strftime(buffer, 32, "%Y-%m-%d %H:%M:%S", &broken)
	              : strftime(buffer, 32, "%Y-%m-%d %H:%M", &broken);
	if (len == 0)
		buffer[0] = '\0';
	return buffer;
}

const char *wake_reader_local_time(const char *rfc3339, char buffer[32])
{
	return local_time(rfc3339, true, buffer);
}

const char *wake_reader_local_minute(const char *rfc3339, char buffer[32])
{
	return local_time(rfc3339, false, buffer);
}

const char *wake_reader_duration(int64_t seconds, char buffer[32])
{
	if (seconds < 0)
		buffer[0] = '\0';
	else if (seconds < 60)
		(void)snprintf(buffer, 32, "%" PRId64 "s", seconds);
	else if (seconds < 3600)
		(void)snprintf(buffer, 32, "%" PRId64 "m%02" PRId64 "s", seconds / 60, seconds % 60);
	else
		(void)snprintf(buffer, 32, "%" PRId64 "h%02" PRId64 "m", seconds / 3600, seconds / 60 % 60);
	return buffer;
}
