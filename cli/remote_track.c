/* SPDX-License-Identifier: MIT */
/* runwake remote track, kill and forget: of runs that are there. */
#include <string.h>

#include "agent/remote_run.h"
#include "base/clock.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/remote.h"

int wake_remote_check_recorded(struct wake_command_context *context, const char *run_id, const char *url,
    struct wake_remote_recorded *recorded, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_run_state struct wake_run_state state = { 0 };
	wake_auto_json json_t *run = NULL;
	const char *remote, *started;
	char id[WAKE_ID_SIZE];
	int ret = wake_reader_open(context, &store, err);

	wake_id_for_run(run_id, id);
	if (ret == WAKE_OK)
		ret = wake_query_run_state(store, id, &state, err);
	if (ret == WAKE_NOTFOUND || (ret == WAKE_OK && !state.announced))
		return WAKE_OK;
	if (ret == WAKE_OK)
		ret = wake_query_run(store, id, &run, err);
	if (ret < 0)
		return ret;
	remote = wake_json_string(json_object_get(run, "metadata"), "remote");
	if (!remote || strcmp(remote, url) != 0)
		return wake_fail(err, WAKE_EXISTS, "run %s is recorded already, and not as one of %s", run_id, url);
	started = wake_json_string(run, "started_at");
	recorded->is_begun = true;
	recorded->is_over = state.end_rank == 2;
	return started ? wake_time_parse(started, &recorded->started, err) : WAKE_OK;
}

/* One that was given up is asked about anew; its start is recorded already. */
static int take_up(struct wake_command_context *context, struct wake_remote_entry *entry,
    const struct wake_remote_target *target, struct wake_error *err)
{
	int ret;

	if (entry->phase != WAKE_REMOTE_GIVEN_UP)
		return WAKE_OK;
	entry->phase = WAKE_REMOTE_TRACKED;
	(void)json_object_del(entry->json, "trouble");
	(void)json_object_del(entry->json, "trouble_since");
	ret = wake_remote_target_set(target, entry, err);
	return ret == WAKE_OK ? wake_remote_entry_write(&context->paths, entry, err) : ret;
}

static int take_new(struct wake_command_context *context, const char *id, const char *run_id,
    const struct wake_remote_target *target, struct wake_error *err)
{
	wake_auto_remote_entry struct wake_remote_entry entry = { .phase = WAKE_REMOTE_ANSWERED,
		.json = json_object() };
	struct wake_remote_recorded recorded = { 0 };
	int ret = wake_remote_check_recorded(context, run_id, target->url, &recorded, err);

	if (ret == WAKE_OK && recorded.is_over)
		return wake_command_fail(context, WAKE_EXIT_NOT_RUNNING, err,
		    "run %s has ended, and its end is recorded", run_id);
	if (ret == WAKE_OK && recorded.is_begun) {
		entry.phase = WAKE_REMOTE_TRACKED;
		ret = wake_remote_entry_set_time(&entry, "started_at", recorded.started, err);
	}
	memcpy(entry.id, id, sizeof(entry.id));
	if (ret == WAKE_OK)
		ret = wake_remote_target_set(target, &entry, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(entry.json, "run_id", run_id, err);
	return ret == WAKE_OK ? wake_remote_entry_write(&context->paths, &entry, err) : ret;
}

/* An entry of that run, whatever its id: one that was begun by us has the attempt's. */
static int find_entry(struct wake_command_context *context, const char *run_id, const char *url,
    struct wake_remote_entry *ret_entry, struct wake_error *err)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	struct wake_remote_entry *found = NULL;
	int ret = wake_remote_entries_list(&context->paths, &entries, err);

	for (size_t i = 0; ret == WAKE_OK && i < entries.count; i++) {
		struct wake_remote_entry *each = &entries.items[i];
		const char *name = wake_remote_entry_text(each, "run_id");
		bool is_it = (name && strcmp(name, run_id) == 0) || (!url && strcmp(each->id, run_id) == 0);

		if (is_it && (!url || strcmp(wake_remote_entry_text(each, "url"), url) == 0)) {
			if (found)
				return wake_fail(err, WAKE_INVALID, "several remotes have a run %s", run_id);
			found = each;
		}
	}
	if (ret < 0)
		return ret;
	if (!found)
		return wake_command_fail(context, WAKE_EXIT_NOT_FOUND, err,
		    "no remote run %.64s is followed; 'runwake remote list' shows those that are", run_id);
	*ret_entry = *found;
	*found = (struct wake_remote_entry){ 0 };
	return WAKE_OK;
}

int wake_remote_cli_track(struct wake_command_context *context, struct wake_error *err)
{
	const char *run_id = context->options.words[2];
	wake_auto_remote_target struct wake_remote_target target = { 0 };
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	struct wake_error ignored;
	char id[WAKE_ID_SIZE];
	int ret = wake_run_id_check(run_id, err);

	if (ret == WAKE_OK)
		ret = wake_remote_target_find(context, context->options.words[1], &target, err);
	if (ret < 0)
		return ret;
	wake_remote_entry_id(target.url, run_id, id);
	ret = find_entry(context, run_id, target.url, &entry, &ignored);
	context->failure = WAKE_EXIT_OK; /* none is no failure here */
	if (ret == WAKE_OK)
		ret = take_up(context, &entry, &target, err);
	else
		ret = take_new(context, id, run_id, &target, err);
	if (ret < 0)
		return ret;
	wake_remote_attend(&context->paths, context->program);
	return WAKE_EXIT_OK;
}

int wake_remote_cli_forget(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	int ret = find_entry(context, context->options.words[1], NULL, &entry, err);

	return ret == WAKE_OK ? wake_remote_entry_remove(&context->paths, entry.id, err) : ret;
}

int wake_remote_cli_kill(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free char *program = NULL;
	int ret = find_entry(context, context->options.words[1], NULL, &entry, err);
	const char *text;

	if (ret == WAKE_OK)
		ret = wake_remote_program(context->program, &program, err);
	const char *const argv[] = { program, "kill", entry.id, NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 4096 };

	if (ret == WAKE_OK)
		ret = wake_process_run(&spec, &result, err);
	if (ret < 0)
		return ret;
	wake_remote_attend(&context->paths, context->program);
	text = wake_str_text(&result.errors);
	if (strncmp(text, "runwake-remote: ", 16) == 0)
		text += 16;
	return result.exit_code == 0
	           ? WAKE_EXIT_OK
	           : wake_command_fail(context, WAKE_EXIT_NO, err, "%.*s", (int)strcspn(text, "\n"),
	                 *text ? text : "runwake-remote has failed");
}
