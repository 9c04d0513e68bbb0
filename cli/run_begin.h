/* SPDX-License-Identifier: MIT */
/* The beginning of a run, for the commands that begin one.
 *
 * What a kill leaves behind, in the order of the steps: a claim of a run that never began (the next start names it,
 * and --replace takes it over); a run that began but has no marker yet (its movements are found by its workspace, and
 * `finish` finds it by its claim). The start is in the spool before the marker is written, so there never is a marker
 * of a run that nobody announced. The claim comes first of all: of two starts at once one must lose before it says
 * anything. */
#ifndef WAKE_RUN_BEGIN_H
#define WAKE_RUN_BEGIN_H

#include "base/config.h"
#include "cli/holder.h"
#include "cli/run_events.h"

/* Rows of a table of options. */
#define WAKE_RUN_BEGIN_OPTIONS \
	{ .name = "workflow", \
	    .letter = 'w', \
	    .value = "NAME", \
	    .help = "what kind of work it is (default: unknown)", \
	    .words = "architect implement test review fix refactor document pr" }, \
	    { .name = "task", .letter = 't', .value = "TEXT", .help = "what was asked for" }, \
	    { .name = "run-id", \
		    .value = "ID", \
		    .help = "the run's id, if somebody else has given it one (default: a new one)" }, \
	    { .name = "session", \
		    .letter = 's', \
		    .value = "NAME", \
		    .help = "the session that it belongs to, by name" }, \
	    { .name = "session-id", .value = "UUID", .help = "the session that it belongs to, by id" }, \
	    { .name = "agent-type", \
		    .value = "NAME", \
		    .help = "the kind of agent", \
		    .words = "claude-code codex gemini" }, \
	    { .name = "model", .value = "NAME", .help = "the model that does the work" }, \
	    { .name = "branch", \
		    .value = "NAME", \
		    .help = "the branch it works on (default: the current one)" }, \
	    { .name = "metadata", \
		    .repeated = true, \
		    .value = "KEY=VALUE", \
		    .help = "anything else to be kept with the run" }, \
	    { .name = "replace", \
		    .help = "take the workspace over from the run that holds it; that one ends as killed" }

/* Set context and options before anything else; zeroed otherwise. owned: wake_run_begin_release. */
struct wake_run_begin {
	struct wake_command_context *context; /* borrowed */
	const struct wake_options *options;   /* borrowed; NULL: nothing was given */
	struct wake_workspace workspace;
	struct wake_holder holder;
	struct wake_git_facts facts;
	struct wake_config config;
	struct wake_redactor *redactor; /* owned */
	json_t *metadata;	/* owned */
	char run_id[WAKE_RUN_ID_MAX + 1];
	struct wake_run_start start; /* its pid, and what the options left open, are the caller's to fill */
};

/* Reads the options, and finds out whether a run may begin here. Registers the repository, and observes it. */
int wake_run_begin_prepare(struct wake_run_begin *begin, struct wake_error *err) WAKE_MUST_CHECK;
/* Claims the workspace, tells the start, and writes the marker; all of it is given back where it fails. */
int wake_run_begin(struct wake_run_begin *begin, struct wake_error *err) WAKE_MUST_CHECK;
void wake_run_begin_release(struct wake_run_begin *begin);

#endif
