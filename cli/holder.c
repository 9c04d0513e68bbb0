/* SPDX-License-Identifier: MIT */
/* Who holds a workspace. */
#include "cli/holder.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "event/claim.h"
#include "store/query.h"
#include "store/record.h"

/* A copied directory carries the claim and the marker of the one that it was copied from. */
static bool is_of_another(const char *workspace_id, const struct wake_workspace *workspace)
{
	return *workspace_id && strcmp(workspace_id, workspace->id) != 0;
}

static int read_claim(
    const struct wake_workspace *workspace, struct wake_holder *holder, struct wake_error *err)
{
	struct wake_claim claim;
	int ret;

	if (!workspace->in_git)
		return WAKE_OK;
	ret = wake_claim_read(&workspace->worktree, &claim, err);
	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret < 0)
		return ret;
	if (is_of_another(claim.workspace_id, workspace)) {
		memcpy(holder->copied, claim.run_id, sizeof(holder->copied));
		return WAKE_OK;
	}
	(void)snprintf(holder->run_id, sizeof(holder->run_id), "%s", claim.run_id);
	holder->claims = true;
	return WAKE_OK;
}

static int read_marker(
    const struct wake_workspace *workspace, struct wake_holder *holder, struct wake_error *err)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	int ret = wake_marker_read(workspace->root, &marker, err);

	if (ret == WAKE_OK && !is_of_another(marker.workspace_id, workspace))
		memcpy(holder->run_id, marker.run_id, sizeof(holder->run_id));
	if (ret != WAKE_INVALID)
		return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
	wake_print_note("%s", err->text);
	return WAKE_OK;
}

static int ask(struct wake_store *store, struct wake_holder *holder, struct wake_error *err)
{
	wake_auto_run_state struct wake_run_state state = { 0 };
	char id[WAKE_ID_SIZE];
	int ret;

	wake_id_for_run(holder->run_id, id);
	ret = wake_query_run_state(store, id, &state, err);
	holder->is_known = ret == WAKE_OK;
	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret < 0)
		return ret;
	holder->is_over = state.end_rank > 0;
	holder->is_started = state.announced;
	return WAKE_OK;
}

int wake_holder_ask_store(
    struct wake_command_context *context, struct wake_holder *holder, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error problem = { 0 };
	char unwritten[WAKE_ERROR_TEXT_SIZE];

	if (wake_record_open(&context->paths, &store, unwritten, &problem) < 0) {
		wake_print_note("%s; taking run %s for a running one", problem.text, holder->run_id);
		holder->is_known = true;
		return WAKE_OK;
	}
	return ask(store, holder, err);
}

int wake_holder_find(struct wake_command_context *context, const struct wake_workspace *workspace,
    struct wake_holder *ret_holder, struct wake_error *err)
{
	struct wake_holder holder = { 0 };
	int ret = read_claim(workspace, &holder, err);

	if (ret == WAKE_OK && !holder.claims)
		ret = read_marker(workspace, &holder, err);
	if (ret == WAKE_OK && *holder.run_id)
		ret = wake_holder_ask_store(context, &holder, err);
	if (ret == WAKE_OK)
		*ret_holder = holder;
	return ret;
}
