/* SPDX-License-Identifier: MIT */
/* The agent's own session that is gone on with. */
#include "cli/resume_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/fs.h"
#include "cli/reader.h"
#include "event/active.h"
#include "event/agent_session.h"
#include "store/query_agent.h"

#define UNREAD_MAX 500 /* WAKE_EVENT_LIST_MAX: what one delivery names; the rest is for the next time */

void wake_resume_release(struct wake_resume *resume)
{
	json_decref(resume->run);
	json_decref(resume->unread);
	free(resume->directory);
	wake_scope_close(&resume->lock);
}

static const char *session_of(const struct wake_resume *resume)
{
	return wake_json_string(resume->run, "agent_session_id");
}

static int find_agent(struct wake_resume *resume, struct wake_error *err)
{
	const char *type = wake_json_string(resume->run, "agent_type"),
	           *run = wake_json_string(resume->run, "run_id");
	const char *session = session_of(resume);

	for (int agent = WAKE_AGENT_CLAUDE; type && agent <= WAKE_AGENT_CODEX; agent++) {
		if (strcmp(type, wake_agent_type((enum wake_agent)agent)) == 0)
			resume->agent = (enum wake_agent)agent;
	}
	if (!session)
		return wake_command_fail(resume->context, WAKE_EXIT_NOT_FOUND, err,
		    "run %s told no session of its agent's, so there is none to go on with; begin a new run, "
		    "and give its "
		    "agent what waits (runwake show %s)",
		    run, run);
	if (resume->agent == WAKE_AGENT_NONE)
		return wake_fail(err, WAKE_INVALID,
		    "the agent of run %s is '%s': only sessions of claude-code and codex can be gone on with",
		    run, type ? type : "not known");
	if (!wake_id_is_uuid(session)) /* it becomes a word of a command line */
		return wake_fail(
		    err, WAKE_INVALID, "the agent's session of run %s is not named by a UUID", run);
	return WAKE_OK;
}

/* Agents key sessions by where they work: as their hook said, else the workspace. */
static int find_directory(struct wake_resume *resume, struct wake_error *err)
{
	wake_auto_agent_session struct wake_agent_session entry = { 0 };
	const char *path = wake_json_string(resume->run, "workspace_path");
	struct wake_error ignored;

	if (wake_agent_session_read(&resume->context->paths, wake_agent_type(resume->agent),
	        session_of(resume), &entry, &ignored) == WAKE_OK &&
	    entry.directory)
		path = entry.directory;
	return path ? wake_str_copy(path, &resume->directory, err) : WAKE_OK;
}

int wake_resume_find(struct wake_resume *resume, const char *word, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int ret = wake_reader_open(resume->context, &store, err);

	if (ret == WAKE_OK)
		ret = wake_reader_run(store, word, resume->id, err);
	if (ret == WAKE_OK)
		ret = wake_query_run(store, resume->id, &resume->run, err);
	if (ret == WAKE_OK)
		ret = find_agent(resume, err);
	return ret == WAKE_OK ? find_directory(resume, err) : ret;
}

/* ---- is it free? ------------------------------------------------------------------------------ */

static int fail_busy(
    struct wake_resume *resume, const char *run_id, const char *where, struct wake_error *err)
{
	return wake_command_fail(resume->context, WAKE_EXIT_BUSY, err,
	    "run %s is at work in this session%s%s; wait until it has ended, or say it to that run (if it is "
	    "over: runwake "
	    "finish %s)",
	    run_id, where ? " on " : "", where ? where : "", run_id);
}

/* A run that has not ended, as far as is known. Its process may have died and nobody seen it yet. */
static int check_run(
    struct wake_resume *resume, struct wake_store *store, const char *run_id, struct wake_error *err)
{
	wake_auto_active struct wake_active active = { 0 };
	wake_auto_json json_t *run = NULL;
	char id[WAKE_ID_SIZE], here[WAKE_HOST_SIZE];
	wake_auto_config struct wake_config config = { 0 };
	const char *host;
	int ret = wake_active_read(&resume->context->paths, run_id, &active, err);

	if (ret == WAKE_OK)
		return active.pid > 0 && wake_active_is_gone(&active) ? WAKE_OK
		                                                      : fail_busy(resume, run_id, NULL, err);
	wake_id_for_run(run_id, id);
	ret = wake_query_run(store, id, &run, err);
	if (ret == WAKE_OK)
		ret = wake_config_load(resume->context->paths.config, &config, err);
	if (ret < 0)
		return ret;
	wake_config_host(&config, here);
	host = wake_json_string(run, "host");
	if (host && strcmp(host, here) != 0)
		return fail_busy(resume, run_id, host, err);
	active.pid = (pid_t)wake_json_int(run, "agent_pid", 0);
	active.pid_start = (uint64_t)wake_json_int(run, "agent_pid_start", 0);
	(void)snprintf(active.boot_id, sizeof(active.boot_id), "%s",
	    wake_json_string(run, "agent_boot_id") ? wake_json_string(run, "agent_boot_id") : "");
	active.pid_namespace = wake_process_pid_namespace();
	wake_process_host(active.host);
	return active.pid > 0 && wake_active_is_gone(&active) ? WAKE_OK
	                                                      : fail_busy(resume, run_id, NULL, err);
}

static int check_free(struct wake_resume *resume, struct wake_error *err)
{
	wake_auto_agent_runs struct wake_agent_runs runs = { 0 };
	wake_auto_agent_session struct wake_agent_session entry = { 0 };
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error ignored;
	int ret;

	if (wake_agent_session_read(&resume->context->paths, wake_agent_type(resume->agent),
	        session_of(resume), &entry, &ignored) == WAKE_OK &&
	    wake_agent_session_is_live(&entry))
		return fail_busy(resume, entry.run_id, NULL, err);
	ret = wake_reader_open(resume->context, &store, err);
	if (ret == WAKE_OK)
		ret = wake_query_agent_runs(store, session_of(resume), &runs, err);
	for (size_t i = 0; ret == WAKE_OK && i < runs.count; i++) {
		if (runs.items[i].completed == WAKE_TIME_NONE && runs.items[i].is_announced)
			ret = check_run(resume, store, runs.items[i].run_id, err);
	}
	return ret;
}

/* Of this process alone (F_SETLK): what it starts does not hold it. */
static int lock(struct wake_resume *resume, const char *path, struct wake_error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char run_id[WAKE_RUN_ID_MAX + 1] = "";
	ssize_t len;

	resume->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (resume->lock < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (fcntl(resume->lock, F_SETLK, &whole) == 0)
		return ftruncate(resume->lock, 0) == 0 ? WAKE_OK : wake_fail_errno(err, "write '%s'", path);
	if (errno != EAGAIN && errno != EACCES)
		return wake_fail_errno(err, "lock '%s'", path);
	len = pread(resume->lock, run_id, WAKE_RUN_ID_MAX, 0);
	run_id[len > 0 ? len : 0] = '\0';
	if (*run_id)
		return fail_busy(resume, run_id, NULL, err);
	return wake_command_fail(resume->context, WAKE_EXIT_BUSY, err,
	    "another `runwake resume` is just beginning to go on with this session; wait until it has ended");
}

int wake_resume_take(struct wake_resume *resume, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *path = NULL;
	wake_auto_free char *key = NULL;
	char name[WAKE_ID_SIZE];
	int ret = wake_fs_join(resume->context->paths.state, "resumed", &dir, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(
		    &key, err, "resume %s %s", wake_agent_type(resume->agent), session_of(resume));
	if (ret == WAKE_OK)
		wake_id_v5(key, strlen(key), name);
	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, name, &path, err);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(dir, err);
	if (ret == WAKE_OK)
		ret = lock(resume, path, err);
	return ret == WAKE_OK ? check_free(resume, err) : ret;
}

void wake_resume_name(const struct wake_resume *resume, const char *run_id)
{
	(void)!pwrite(resume->lock, run_id, strlen(run_id), 0);
}

int wake_resume_read(struct wake_resume *resume, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int ret = wake_reader_open(resume->context, &store, err);

	return ret == WAKE_OK ? wake_query_unread(store, resume->id, UNREAD_MAX, &resume->unread, err) : ret;
}
