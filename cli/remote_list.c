/* SPDX-License-Identifier: MIT */
/* runwake remote list, and what doctor says of remote runs. */
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/remote.h"
#include "cli/table.h"

static const char *name_of(const struct wake_remote_entry *entry)
{
	const char *name = wake_remote_entry_text(entry, "remote");

	return name ? name : wake_remote_entry_text(entry, "url");
}

static const char *run_of(const struct wake_remote_entry *entry)
{
	const char *run_id = wake_remote_entry_text(entry, "run_id");

	return run_id ? run_id : entry->id;
}

static const char *phase_of(const struct wake_remote_entry *entry)
{
	static const char *const words[] = { [WAKE_REMOTE_ASKING] = "asked for",
		[WAKE_REMOTE_ANSWERED] = "followed",
		[WAKE_REMOTE_TRACKED] = "followed",
		[WAKE_REMOTE_GIVEN_UP] = "given up" };

	return words[entry->phase];
}

static json_t *run_object(const struct wake_remote_entry *entry)
{
	static const char *const keys[] = { "remote", "url", "run_id", "workflow", "asked_at", "started_at",
		"seen", "trouble", "trouble_since" };
	json_t *object = json_pack("{ss ss}", "id", entry->id, "phase", phase_of(entry));

	for (size_t i = 0; i < WAKE_COUNT(keys); i++) {
		json_t *value = json_object_get(entry->json, keys[i]);

		(void)json_object_set_new(object, keys[i], value ? json_incref(value) : json_null());
	}
	return object;
}

static json_t *remote_object(const struct wake_config_remote *remote)
{
	return json_pack("{ss ss? ss? ss? sb}", "name", remote->name, "url", remote->url, "key_file",
	    remote->key_file, "ca_file", remote->ca_file, "plain", remote->is_plain);
}

static int print_document(
    const struct wake_config *config, const struct wake_remote_entries *entries, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	json_t *remotes = json_array(), *runs = json_array();
	int ret = wake_json_set(document, "remotes", remotes, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(document, "runs", runs, err);
	else
		json_decref(runs);
	for (size_t i = 0; ret == WAKE_OK && i < config->remote_count; i++) {
		if (json_array_append_new(remotes, remote_object(&config->remotes[i])) < 0)
			ret = wake_fail_nomem(err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < entries->count; i++) {
		if (json_array_append_new(runs, run_object(&entries->items[i])) < 0)
			ret = wake_fail_nomem(err);
	}
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

static int add_row(struct wake_table *table, const char *const texts[5], struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < 5; i++)
		ret = wake_table_add(table, i == 0 ? WAKE_STYLE_STRONG : WAKE_STYLE_PLAIN, texts[i], err);
	return ret;
}

static int print_table(
    const struct wake_config *config, const struct wake_remote_entries *entries, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "REMOTE", false, true }, { "RUN", false, false },
		{ "STATE", false, false }, { "THERE", false, true }, { "TROUBLE", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < config->remote_count; i++)
		ret = add_row(&table,
		    (const char *const[5]){
		        config->remotes[i].name, "", "named", config->remotes[i].url, "" },
		    err);
	for (size_t i = 0; ret == WAKE_OK && i < entries->count; i++) {
		const struct wake_remote_entry *entry = &entries->items[i];

		ret = add_row(&table,
		    (const char *const[5]){ name_of(entry), run_of(entry), phase_of(entry),
		        wake_remote_entry_text(entry, "seen"), wake_remote_entry_text(entry, "trouble") },
		    err);
	}
	return ret == WAKE_OK ? wake_table_print(&table, 0, err) : ret;
}

int wake_remote_cli_list(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	wake_auto_config struct wake_config config = { 0 };
	int ret = wake_config_load(context->paths.config, &config, err);

	if (ret == WAKE_OK)
		ret = wake_remote_entries_list(&context->paths, &entries, err);
	if (ret < 0)
		return ret;
	wake_remote_attend(&context->paths, context->program);
	return wake_options_has(&context->options, "json") ? print_document(&config, &entries, err)
	                                                   : print_table(&config, &entries, err);
}

/* ---- doctor ---- */

static int examine(
    const struct wake_remote_entry *entry, struct wake_findings *findings, struct wake_error *err)
{
	const char *trouble = wake_remote_entry_text(entry, "trouble");
	const char *since = wake_remote_entry_text(entry, "trouble_since");
	wake_auto_free char *mend = NULL;
	int ret = WAKE_OK;

	if (entry->phase == WAKE_REMOTE_GIVEN_UP) {
		ret = wake_remote_entry_text(entry, "run_id")
		          ? wake_str_format(&mend, err,
		                "mend that, then 'runwake remote track %s %s'; or 'runwake remote forget %s'",
		                name_of(entry), run_of(entry), run_of(entry))
		          : wake_str_format(
		                &mend, err, "look there, then 'runwake remote forget %s'", run_of(entry));
		return ret == WAKE_OK ? wake_findings_add(findings, WAKE_FINDING_BROKEN, "remote",
		                            run_of(entry), mend, err, "given up: %s", trouble ? trouble : "")
		                      : ret;
	}
	if (!trouble)
		return WAKE_OK;
	return wake_findings_add(findings, WAKE_FINDING_NOTE, "remote", run_of(entry), NULL, err,
	    "%s%s%s; it is tried again", trouble, since ? ", since " : "", since ? since : "");
}

int wake_doctor_remote(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	wake_auto_free char *path = NULL;
	int ret = wake_remote_entries_list(paths, &entries, err);

	if (ret == WAKE_OK)
		ret = wake_remote_program(program, &path, err);
	if (ret < 0 || (entries.count == 0 && entries.skipped == 0))
		return ret;
	if (access(path, X_OK) != 0)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "remote", path,
		    "install Runwake again (make install)", err,
		    "the program that follows remote runs is not there");
	else if (wake_remote_entries_wait(paths) && !wake_remote_is_attended(paths))
		ret = wake_findings_add(findings, WAKE_FINDING_NOTE, "remote", NULL, "runwake remote list",
		    err, "nobody follows the remote runs at this moment");
	if (ret == WAKE_OK && entries.skipped > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "remote", paths->state, NULL, err,
		    "%zu files below remote/ cannot be read", entries.skipped);
	for (size_t i = 0; ret == WAKE_OK && i < entries.count; i++)
		ret = examine(&entries.items[i], findings, err);
	return ret;
}
