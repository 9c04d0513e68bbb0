/* SPDX-License-Identifier: MIT */
/* What a run committed, left uncommitted and threw away, as one JSON document. */
#include "cli/diff.h"
#include "cli/edit_states.h"
#include "cli/edit_text.h"
#include "cli/print.h"

static int add_committed(struct wake_diff *diff, const json_t *run, json_t *document, struct wake_error *err)
{
	json_t *files = json_object_get(json_object_get(run, "git_diff_stats"), "files");
	json_t *committed =
	    json_pack("{s:s?, s:s?, s:O?}", "from", wake_json_string(run, "initial_commit_hash"), "to",
	        wake_json_string(run, "final_commit_hash"), "files", files);

	return diff->committed ? wake_json_set(document, "committed", committed, err) : WAKE_OK;
}

static int add_uncommitted(struct wake_diff *diff, json_t *document, struct wake_error *err)
{
	wake_auto_json json_t *ids = NULL;
	json_t *outline = NULL;
	int ret = wake_diff_states(diff, &ids, err);

	if (ret == WAKE_OK)
		ret = wake_edit_outline_states(diff->store, diff->id, ids, diff->words, &outline, err);
	return ret == WAKE_OK ? wake_json_set(document, "uncommitted", outline, err) : ret;
}

static int add_discarded(struct wake_diff *diff, json_t *document, struct wake_error *err)
{
	wake_auto_json json_t *discarded = NULL;
	json_t *outline = NULL;
	int ret = wake_query_run_discarded(diff->store, diff->id, &discarded, err);

	if (ret == WAKE_OK)
		ret = wake_edit_outline_discarded(discarded, diff->words, &outline, err);
	return ret == WAKE_OK ? wake_json_set(document, "discarded", outline, err) : ret;
}

int wake_diff_document(struct wake_diff *diff, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_json json_t *run = NULL;
	int ret = wake_query_run(diff->store, diff->id, &run, err);

	if (ret == WAKE_OK && !document)
		ret = wake_fail_nomem(err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(document, "run_id", wake_json_string(run, "run_id"), err);
	if (ret == WAKE_OK)
		ret = add_committed(diff, run, document, err);
	if (ret == WAKE_OK && diff->uncommitted)
		ret = add_uncommitted(diff, document, err);
	if (ret == WAKE_OK && diff->discarded)
		ret = add_discarded(diff, document, err);
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}
