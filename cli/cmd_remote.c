/* SPDX-License-Identifier: MIT */
/* runwake remote: runs of agents at services elsewhere. */
#include <string.h>

#include "cli/commands.h"
#include "cli/remote.h"

static const struct wake_option options[] = {
	{ .name = "task", .letter = 't', .value = "TEXT", .help = "start: what is asked for" },
	{ .name = "session",
	    .letter = 's',
	    .value = "NAME",
	    .help = "start: the session that it belongs to" },
	{ .name = "branch", .value = "NAME", .help = "start: the branch that it works on" },
	{ .name = "repo", .value = "URL", .help = "start: the repository that it works in" },
	{ .name = "max-turns", .value = "N", .help = "start: how many turns the agent may take (1 to 200)" },
	{ .name = "timeout", .value = "SECONDS", .help = "start: how long it may take (60 to 14400)" },
	{ .name = "persistent", .help = "start: keep its workspace there" },
	{ .name = "key-file",
	    .value = "FILE",
	    .help = "add, and where a URL is given: the file that holds the service's key (mode 0600)" },
	{ .name = "ca-file", .value = "FILE", .help = "the same: whose certificates are believed (PEM)" },
	{ .name = "plain", .help = "the same: allow plain http to another machine" },
	{ .name = "json", .help = "list: print one JSON document" },
	{ 0 },
};

static int run(struct wake_command_context *context, struct wake_error *err)
{
	static const struct {
		const char *name;
		size_t words;
		wake_command_function run;
	} actions[] = { { "start", 3, wake_remote_cli_start }, { "track", 3, wake_remote_cli_track },
		{ "list", 1, wake_remote_cli_list }, { "add", 3, wake_remote_cli_add },
		{ "remove", 2, wake_remote_cli_remove }, { "kill", 2, wake_remote_cli_kill },
		{ "forget", 2, wake_remote_cli_forget } };
	const struct wake_options *given = &context->options;

	for (size_t i = 0; i < WAKE_COUNT(actions); i++) {
		if (strcmp(given->words[0], actions[i].name) == 0 && given->word_count == actions[i].words)
			return actions[i].run(context, err);
	}
	return wake_command_fail(context, WAKE_EXIT_USAGE, err,
	    "runwake remote takes start REMOTE WORKFLOW, track REMOTE RUN, list, add NAME URL, remove NAME, "
	    "kill RUN or "
	    "forget RUN (see runwake remote --help)");
}

static const struct wake_example examples[] = {
	{ "runwake remote add lab https://agents.example.org --key-file ~/.config/lab.key",
	    "Names a service" },
	{ "runwake remote start lab fix --task 'Repair the login' --branch main",
	    "Begins a run there, and prints its id" },
	{ "runwake remote track lab 3f1c2a7e-58d1-4c0b-9f6e-2b7a51c0d9e4",
	    "Follows a run that was begun otherwise" },
	{ 0 },
};

const struct wake_command wake_command_remote = {
	.name = "remote",
	.group = "Runs",
	.summary = "begin and follow runs at services elsewhere",
	.usage =
	    (const char *const[]){ "start NAME|URL WORKFLOW --task TEXT [OPTION...]", "track NAME|URL RUN",
	        "list [--json]", "add NAME URL [--key-file FILE] [--ca-file FILE] [--plain]", "remove NAME",
	        "kill RUN", "forget RUN", NULL },
	.description = (const char *const[]){ "A service takes POST run/WORKFLOW and answers GET "
	                                      "run/ID/status. start asks it to begin a run, prints the "
	                                      "run's id and follows it to its end; track follows one that "
	                                      "was begun otherwise. Tokens, cost, turns, result "
	                                      "and end are recorded as the service tells them. A URL without "
	                                      "a path gets /api/v1/workflows/claude-code.",
	    "Following is done by a process of its own, runwake-remote, which the watcher keeps, or else "
	    "these commands "
	    "start; it ends when there is nothing to follow. It asks after two seconds at first, once a "
	    "minute where "
	    "nothing changes, every ten minutes where the service is away, and for as long as it takes.",
	    "A start is written down before it is made. Where its answer is lost, the run is looked for in "
	    "the service's "
	    "list of runs and never begun again by itself; without --session it is given a session's name "
	    "that nobody "
	    "else has, by which it is found for sure.",
	    "What a service refuses (its key, or that it knows the run) is tried again for a quarter of an "
	    "hour, or as "
	    "many seconds as the setting patience says; then the run is given up, has presumably failed, and "
	    "runwake "
	    "doctor says why. track takes it up again, and what the service then says counts. forget stops "
	    "following.",
	    "add writes a section [runwake-remote \"NAME\"] with url, keyFile, caFile, plain and patience "
	    "into the settings "
	    "file. The key stands in a file that nobody else may read, and goes out as the header x-api-key, "
	    "to that "
	    "service alone: redirects are not followed, plain http goes to this machine only unless plain is "
	    "set, and past "
	    "any proxy. https goes through the proxy that https_proxy names.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "13456",
	.words_min = 1,
	.words_max = 3,
	.run = run,
};
