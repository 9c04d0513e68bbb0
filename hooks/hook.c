/* SPDX-License-Identifier: MIT */
/* A hook's way through: our own part, none of whose failures reach git, then the hook that ours hides. */
#include "hooks/hook.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event/marker.h"
#include "event/spool.h"
#include "event/wakeup.h"
#include "hooks/chain.h"
#include "hooks/program.h"
#include "hooks/tell.h"

#define RUN_ID "RUNWAKE_RUN_ID"

static const char *name_of(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return slash ? slash + 1 : argv0;
}

static void call_release(struct wake_hook_call *call)
{
	free(call->run_id);
	wake_hook_input_release(&call->input);
	wake_paths_release(&call->paths);
	wake_worktree_release(&call->worktree);
}

/* A terminal may keep any RUNWAKE_RUN_ID for days; what is no run id is nobody's. */
static int take_run_id(struct wake_hook_call *call, struct wake_error *err)
{
	struct wake_error ignored = { 0 };
	const char *run_id = getenv(RUN_ID);

	if (!run_id || wake_run_id_check(run_id, &ignored) < 0)
		return WAKE_OK;
	return wake_str_copy(run_id, &call->run_id, err);
}

static int observe(const struct wake_hook *hook, struct wake_hook_call *call, struct wake_error *err)
{
	struct wake_witness witness = { .env_run_id = call->run_id };
	struct wake_observed observed = { 0 };
	int ret;

	hook->aim(call, &witness);
	ret = wake_observe(&call->paths, &call->worktree, &call->identity, &witness, &observed, err);
	/* What cannot be read without git (a reftable) is the recorder's to read. */
	if (ret == WAKE_UNAVAILABLE)
		return WAKE_OK;
	if (ret == WAKE_OK && observed.marker_problem[0])
		return wake_fail(err, WAKE_INVALID, "%s", observed.marker_problem);
	return ret;
}

static int add(const struct wake_hook *hook, const struct wake_hook_call *call, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	int ret = hook->add(call, &events, err);

	if (ret == WAKE_OK && events.count > 0)
		ret = wake_spool_append(call->paths.spool, &events, hook->durable, err);
	return ret;
}

/* In a registered repository: whatever fails, the rest is tried; the first failure is the one told. The note
 * is what the recorder finds a clone of our template by, or a repository that was moved. */
static int witness(const struct wake_hook *hook, struct wake_hook_call *call, struct wake_error *err)
{
	struct wake_error later = { 0 };
	wake_auto_free char *runwake = wake_hook_find_runwake();
	int ret = wake_registry_note(&call->paths, &call->worktree, &call->identity, err);
	int next = observe(hook, call, ret < 0 ? &later : err);

	ret = ret < 0 ? ret : next;
	if (hook->add && call->input.whole) {
		next = add(hook, call, ret < 0 ? &later : err);
		ret = ret < 0 ? ret : next;
	}
	if (runwake)
		wake_wakeup_recorder(call->paths.spool, runwake);
	return ret;
}

static int record(const struct wake_hook *hook, struct wake_hook_call *call, struct wake_error *err)
{
	int ret = wake_worktree_of_hook(&call->worktree, err);

	if (ret < 0 || !wake_registry_has(&call->worktree))
		return ret;
	ret = take_run_id(call, err);
	if (ret == WAKE_OK)
		ret = wake_paths_find(&call->paths, err);
	if (ret == WAKE_OK)
		ret = wake_registry_identify(&call->paths, &call->worktree, &call->identity, err);
	return ret < 0 ? ret : witness(hook, call, err);
}

/* Never hinder git: this is the one place where our failures end. None becomes an exit code; what a person
 * has to know is one line, once. That there is no repository here, or none of ours, nobody has to know. */
static void record_without_hindering(const struct wake_hook *hook, struct wake_hook_call *call)
{
	struct wake_error err = { 0 };
	int ret = WAKE_OK;

	if (hook->reads_input)
		ret = wake_hook_input_read(&call->input, WAKE_HOOK_INPUT_MAX, &err);
	if (ret == WAKE_OK)
		ret = record(hook, call, &err);
	else if (wake_worktree_of_hook(&call->worktree, &(struct wake_error){ 0 }) < 0)
		return; /* the chained hook is found by the worktree */
	if (ret < 0 && ret != WAKE_NOTFOUND)
		wake_tell_once(call->worktree.common_dir, err.text);
}

int wake_hook_main(const struct wake_hook *hook, int argc, char **argv)
{
	WAKE_CLEANUP(call_release) struct wake_hook_call call = { .argc = argc, .argv = argv };
	wake_auto_free char *chained = NULL;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct wake_error err = { 0 };
	int ret;

	if (argc < 1)
		return 0;
	call.name = name_of(argv[0]);
	if (wake_hook_answer_probe(call.name))
		return 0;
	(void)sigaction(SIGPIPE, &ignore, &before);
	record_without_hindering(hook, &call);
	chained = wake_chain_find(argv[0], call.worktree.common_dir, call.name);
	(void)sigaction(SIGPIPE, &before, NULL);
	if (!chained)
		return 0;
	ret = wake_chain_exec(chained, argv, &call.input, &err);
	wake_tell("%s", err.text);
	return ret;
}
