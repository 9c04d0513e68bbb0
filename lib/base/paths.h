/* SPDX-License-Identifier: MIT */
/* Where Runwake keeps its things, from XDG_STATE_HOME, XDG_CONFIG_HOME and HOME.
 *
 *   STATE = $XDG_STATE_HOME/runwake (default ~/.local/state/runwake), 0700
 *     spool/          events on their way to the store (event/spool.h), and spool/cursors/: how far each
 *                     reflog was read (event/observe.h); both go together or not at all
 *     repositories/   ID.json, one a registered repository (event/registry.h)
 *     runs/           ID/, one an active run
 *     sessions/       ID.json, one a session of an agent that hooks told of (event/agent_session.h)
 *     kept/           REPOSITORY_ID.git: contents of uncommitted edits (git/kept.h)
 *     index/          WORKTREE_ID: what was last found of a worktree's index (git/edits.h)
 *     transcripts/    ID, one a session of an agent that was read: how far
 *     agents/         ID.json, one a file of an agent's settings that our hooks were put into
 *     remote/         ID.json, one a run at a service elsewhere that is followed (event/remote_entry.h)
 *     runwake.db      the default store
 *     trimmed         when, and how far, what was too old was removed last (store/trim.h)
 *     store           the URL of the store that this state directory belongs to
 *   $XDG_CONFIG_HOME/runwake/config   settings (base/config.h); prices.json beside it (agent/prices.h)
 */
#ifndef WAKE_PATHS_H
#define WAKE_PATHS_H

#include "base/error.h"
#include "base/scope.h"

struct wake_paths {
	char *state;	/* owned; absolute */
	char *spool;	/* owned; STATE/spool */
	char *config;	/* owned; the settings file, whether it exists or not */
};

/* Reads the environment; makes nothing. WAKE_INVALID when neither HOME nor the XDG variable is an
 * absolute path (HOME falls back to the password database). */
int wake_paths_find(struct wake_paths *ret_paths, struct wake_error *err) WAKE_MUST_CHECK;
void wake_paths_release(struct wake_paths *paths);

#define wake_auto_paths WAKE_CLEANUP(wake_paths_release)

#endif
