/* SPDX-License-Identifier: MIT */
/* runwake install: which repositories and agents are recorded, by hooks that come before or beside those that are
 * there. */
#include <stdint.h>
#include <string.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/wire.h"
#include "cli/wire_claude.h"
#include "cli/wire_template.h"

struct installation {
	struct wake_command_context *context;
	struct wake_wire_options options;
	bool undo;
	bool submodules;
	struct wake_wire_report report;
	int exit_code; /* the worst so far */
};

static void note_lines(const struct wake_str *lines)
{
	const char *line = wake_str_text(lines);

	for (const char *end; (end = strchr(line, '\n')); line = end + 1)
		wake_print_note("%.*s", (int)(end - line), line);
}

/* Says what was done, also where something failed in the middle. */
static int flush(struct installation *work, struct wake_error *err)
{
	int ret = wake_print_text(&work->report.done, err);

	note_lines(&work->report.problems);
	if (work->report.problems.len > 0 && work->exit_code == WAKE_EXIT_OK)
		work->exit_code = WAKE_EXIT_NO;
	wake_str_clear(&work->report.done);
	wake_str_clear(&work->report.problems);
	return ret;
}

static int change_repository(struct installation *work, const char *directory, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	const struct wake_paths *paths = &work->context->paths;
	int ret;

	if (!wake_fs_is_dir(directory))
		return wake_fail(err, WAKE_NOTFOUND, "there is no directory '%s'", directory);
	ret = wake_worktree_find(directory, &worktree, err);
	if (ret == WAKE_NOTFOUND)
		return wake_fail(err, WAKE_NOTFOUND,
		    "'%s' is in no git repository: name one, or make one with git init", directory);
	if (ret < 0)
		return ret;
	if (work->undo)
		return wake_unwire(paths, &worktree, &work->options, &work->report, err);
	return wake_wire(paths, &worktree, &work->options, &work->report, err);
}

/* One that fails does not keep the others from being done. */
static int try_repository(struct installation *work, const char *directory, struct wake_error *err)
{
	struct wake_error failure = { 0 };
	int ret = change_repository(work, directory, &failure);

	if (flush(work, err) < 0)
		return err->code;
	if (ret < 0) {
		wake_print_note("%s", failure.text);
		work->exit_code = wake_exit_of(failure.code);
	}
	return WAKE_OK;
}

/* Submodules are repositories of their own, below the superproject's git directory. Their paths come with
 * NULs. */
static int try_submodules(struct installation *work, const char *directory, struct wake_error *err)
{
	static const char *const args[] = { "submodule", "--quiet", "foreach", "--recursive",
		"printf '%s\\0' \"$(pwd -P && echo .)\"", NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_wiring_git(directory, args, NULL, &result, err);

	if (ret == WAKE_OK && result.exit_code != 0)
		ret = wake_fail(err, WAKE_UNAVAILABLE, "git cannot list the submodules of '%s': %s",
		    directory, wake_str_text(&result.errors));
	for (size_t at = 0; ret == WAKE_OK && at < result.output.len;) {
		char *path = result.output.data + at;
		size_t len = strlen(path);

		at += len + 1;
		if (len <= 2)
			continue;
		path[len - 2] = '\0'; /* pwd's newline and the dot that kept those of the path */
		ret = try_repository(work, path, err);
	}
	return ret;
}

static int try_all(struct installation *work, struct wake_error *err)
{
	static const char *const here[] = { ".", NULL };
	const char *const *words = work->context->options.words;
	int ret = WAKE_OK;

	if (work->context->options.word_count == 0)
		words = here;
	for (; ret == WAKE_OK && *words; words++) {
		ret = try_repository(work, *words, err);
		if (ret == WAKE_OK && work->submodules && wake_fs_is_dir(*words))
			ret = try_submodules(work, *words, err);
	}
	return ret;
}

static int try_template(struct installation *work, struct wake_error *err)
{
	const struct wake_paths *paths = &work->context->paths;
	int ret = work->undo ? wake_unwire_template(paths, &work->options, &work->report, err)
	                     : wake_wire_template(paths, &work->options, &work->report, err);

	return ret < 0 ? ret : flush(work, err);
}

/* ---- an agent's settings --------------------------------------------------------------------- */

static int change_agent(
    struct installation *work, const char *program, const char *file, struct wake_error *err)
{
	const struct wake_wire_claude wire = { .paths = &work->context->paths,
		.program = program,
		.dry = work->options.dry,
		.report = &work->report };

	if (file)
		return work->undo ? wake_unwire_claude_file(&wire, file, err)
		                  : wake_wire_claude_file(&wire, file, err);
	return work->undo ? wake_unwire_claude(&wire, err) : wake_wire_claude(&wire, err);
}

/* What the command line says beside --agent that has nothing to do with it; NULL: nothing. */
static const char *beside_agent(const struct wake_options *given)
{
	static const char *const names[] = { "global", "shared", "recurse-submodules" };

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		if (wake_options_has(given, names[i]))
			return names[i];
	}
	return NULL;
}

static int try_agent(struct installation *work, const char *agent, struct wake_error *err)
{
	const struct wake_options *given = &work->context->options;
	const char *beside = beside_agent(given);
	wake_auto_free char *program = NULL;
	int ret;

	if (strcmp(agent, "claude") != 0)
		return wake_command_fail(work->context, WAKE_EXIT_USAGE, err,
		    "settings of no agent '%s' are known: claude is the one that has hooks of ours", agent);
	if (given->word_count > 0)
		return wake_command_fail(work->context, WAKE_EXIT_USAGE, err,
		    "--agent is for an agent's settings: name either it or repositories");
	if (beside)
		return wake_command_fail(work->context, WAKE_EXIT_USAGE, err,
		    "--%s is for repositories, and --agent for an agent's settings: name either", beside);
	ret = wake_wire_claude_program(work->context->program, &program, err);
	if (ret < 0 && !work->undo)
		return ret;
	ret = change_agent(work, program, wake_options_text(given, "settings-file"), err);
	return ret < 0 ? ret : flush(work, err);
}

static void release(struct installation *work)
{
	wake_wire_report_release(&work->report);
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_options *given = &context->options;
	wake_auto_free char *programs = NULL;
	WAKE_CLEANUP(release)
	struct installation work = {
		.context = context,
		.options = { .dry = wake_options_has(given, "dry-run"),
		    .share = wake_options_has(given, "shared") },
		.undo = wake_options_has(given, "uninstall"),
		.submodules = wake_options_has(given, "recurse-submodules"),
		.report = WAKE_WIRE_REPORT(),
	};
	bool global = wake_options_has(given, "global");
	const char *agent = wake_options_text(given, "agent");
	int ret;

	if (agent) {
		ret = try_agent(&work, agent, err);
		return ret < 0 ? ret : work.exit_code;
	}
	if (wake_options_has(given, "settings-file"))
		return wake_command_fail(context, WAKE_EXIT_USAGE, err,
		    "--settings-file needs the agent that is to read it: --agent claude");

	if (global && given->word_count > 0)
		return wake_command_fail(context, WAKE_EXIT_USAGE, err,
		    "--global is for repositories to come: name either it or repositories");
	ret = wake_wiring_programs(context->program, &programs, err);
	/* Undoing works without them: that is when it is needed most. */
	if (ret < 0 && !work.undo)
		return ret;
	work.options.programs = programs;
	ret = global ? try_template(&work, err) : try_all(&work, err);
	return ret < 0 ? ret : work.exit_code;
}

static const struct wake_option options[] = {
	{ .name = "global",
	    .help = "wire the repositories that are cloned or made from now on, by init.templateDir" },
	{ .name = "agent",
	    .value = "NAME",
	    .help = "put our hooks into the settings of your coding agent, instead of a repository's",
	    .words = "claude" },
	{ .name = "settings-file",
	    .value = "FILE",
	    .help = "with --agent: write settings with our hooks alone, for claude --settings FILE" },
	{ .name = "uninstall",
	    .help = "undo it: what was there before comes back as it was, what was recorded stays" },
	{ .name = "dry-run", .letter = 'n', .help = "only say what would be done" },
	{ .name = "shared",
	    .help = "also into a hooks directory that your other repositories use (core.hooksPath in your "
	            "own settings or the machine's)" },
	{ .name = "recurse-submodules", .help = "submodules, too: each is a repository of its own" },
	{ 0 },
};

static const struct wake_example examples[] = {
	{ "runwake install", "record the repository of the current directory, with all its worktrees" },
	{ "runwake install ~/src/*", "record several" },
	{ "runwake install --global", "record whatever is cloned from now on" },
	{ "runwake install --uninstall ~/src/one", "take the hooks away again" },
	{ "runwake install --agent claude", "record the sessions of Claude Code that nobody wraps" },
	{ "runwake install --agent claude --uninstall", "give its settings back as they were" },
	{ 0 },
};

const struct wake_command wake_command_install = {
	.name = "install",
	.group = "Setting up",
	.summary = "record a repository, or an agent, from now on",
	.usage = (const char *const[]){ "[--dry-run] [REPO…]", "--global", "--uninstall [--global | REPO…]",
	    "--agent claude [--settings-file FILE] [--uninstall] [--dry-run]", NULL },
	.description = (const char *const[]){ "Registers each repository (that of the current directory if "
	                                      "none is named) and puts hooks where git looks for "
	                                      "those of its worktrees. A hook that is there already runs "
	                                      "after ours, with the same arguments, input and "
	                                      "environment, and its exit code is git's answer. Doing it "
	                                      "again changes nothing, or points the hooks to this "
	                                      "installation.",
	    "A hooks directory under version control is never written to, nor one that other repositories "
	    "use unless "
	    "--shared says so. Where hooks cannot be, the record is complete all the same: git's reflogs "
	    "tell "
	    "everything to the next command that reads. Commits made before the installation are left alone.",
	    "--agent claude puts hooks into the settings of Claude Code ($CLAUDE_CONFIG_DIR/settings.json, else "
	    "~/.claude/settings.json), so that each of its sessions is recorded, whoever starts it. What "
	    "stands there stays byte for byte; --uninstall gives it back as it was, and takes only our "
	    "entries out where it was changed since. Settings that are no valid JSON are refused. With "
	    "--settings-file they go into a file of their own: for worktrees, containers and continuous "
	    "integration.",
	    "Exit code 1: something could not be wired, or will not be run, and was named.", NULL },
	.options = options,
	.examples = examples,
	.exits = "145",
	.words_max = SIZE_MAX,
	.run = run,
};
