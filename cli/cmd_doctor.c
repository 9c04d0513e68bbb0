/* SPDX-License-Identifier: MIT */
/* runwake doctor: proves that everything works, or names what does not and its mend. */
#include <stdint.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/print.h"
#include "event/registry.h"

#define REPORT_MAX ((size_t)64 * 1024 * 1024) /* bytes */

static int examine_named(
    struct wake_command_context *context, struct wake_findings *findings, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (const char **word = context->options.words; ret == WAKE_OK && *word; word++) {
		wake_auto_worktree struct wake_worktree worktree = { 0 };

		ret = wake_worktree_find(*word, &worktree, err);
		if (ret == WAKE_NOTFOUND)
			return wake_fail(err, WAKE_NOTFOUND, "'%s' is in no git repository", *word);
		if (ret == WAKE_OK)
			ret = wake_doctor_repository(
			    &context->paths, worktree.common_dir, context->program, findings, err);
	}
	return ret;
}

static int examine_registered(
    struct wake_command_context *context, struct wake_findings *findings, struct wake_error *err)
{
	WAKE_CLEANUP(wake_registered_list_release) struct wake_registered_list list = { 0 };
	int ret = wake_registry_list(&context->paths, &list, err);

	if (ret == WAKE_OK && list.count == 0)
		ret = wake_findings_add(findings, WAKE_FINDING_NOTE, "worktree", NULL, "runwake install REPO",
		    err, "no repository is recorded");
	for (size_t i = 0; ret == WAKE_OK && i < list.count; i++)
		ret = wake_doctor_repository(
		    &context->paths, list.items[i].common_dir, context->program, findings, err);
	return ret;
}

static int show(const struct wake_findings *findings, bool as_json, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(REPORT_MAX);
	wake_auto_json json_t *json = NULL;
	int ret;

	if (as_json) {
		json = wake_findings_json(findings);
		return json ? wake_print_json(json, err) : wake_fail_nomem(err);
	}
	wake_findings_append(findings, &out);
	ret = wake_str_check(&out, err);
	return ret < 0 ? ret : wake_print_text(&out, err);
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_findings struct wake_findings findings = { 0 };
	int ret = wake_doctor_program(&context->paths, context->program, &findings, err);

	if (ret == WAKE_OK)
		ret = wake_doctor_store(&context->paths, &findings, err);
	if (ret == WAKE_OK)
		ret = wake_doctor_watcher(&context->paths, context->program, &findings, err);
	if (ret == WAKE_OK)
		ret = wake_doctor_agents(&context->paths, context->program, &findings, err);
	if (ret == WAKE_OK)
		ret = wake_doctor_remote(&context->paths, context->program, &findings, err);
	if (ret == WAKE_OK)
		ret = context->options.word_count > 0 ? examine_named(context, &findings, err)
		                                      : examine_registered(context, &findings, err);
	if (ret == WAKE_OK)
		ret = show(&findings, wake_options_has(&context->options, "json"), err);
	if (ret < 0)
		return ret;
	return findings.broken > 0 ? WAKE_EXIT_NO : WAKE_EXIT_OK;
}

static const struct wake_option options[] = {
	{ .name = "json", .help = "one JSON document" },
	{ 0 },
};

static const struct wake_example examples[] = {
	{ "runwake doctor", "check everything that is recorded" },
	{ "runwake doctor .", "check the repository of the current directory" },
	{ 0 },
};

const struct wake_command wake_command_doctor = {
	.name = "doctor",
	.group = "Setting up",
	.summary = "prove that hooks, spool, store and watcher work, or name what does not and its mend",
	.usage = (const char *const[]){ "[--json] [REPO…]", NULL },
	.description = (const char *const[]){ "Looks at the installation, the settings, the spool, the "
	                                      "store, the watcher and its service, and each recorded "
	                                      "repository (or those named): "
	                                      "from every worktree it has git run each of our hooks with a "
	                                      "question to which the hook only answers. Hooks of "
	                                      "others are never run, and nothing is written.",
	    "The watcher is asked what it watches, how far a first scan has come, how far it is behind, and "
	    "what failed last. runwake-watcher --status prints its whole answer.",
	    "Where our hooks are in an agent's settings, it says at which events, whether the program "
	    "answers that they run, and what keeps them from being run.",
	    "Each line says ok, note or broken; what is broken comes with its mend.",
	    "Exit code 1: something is broken.", NULL },
	.options = options,
	.examples = examples,
	.exits = "14",
	.words_max = SIZE_MAX,
	.run = run,
};
