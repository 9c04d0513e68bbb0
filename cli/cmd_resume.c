/* SPDX-License-Identifier: MIT */
/* runwake resume: an agent's session goes on as a new run, with what people said meanwhile as its prompt.
 *
 * The order: the session is taken, what is unread is read, the run begins, the agent is started. Only then is
 * it told as delivered (run_command.c), so an agent that cannot start leaves everything unread. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/resume_session.h"
#include "cli/run_command.h"
#include "cli/say_text.h"

#define PROMPT_MAX ((size_t)64 * 1024 * 1024) /* bytes of all that waits */
#define WORD_MAX ((size_t)100 * 1024) /* bytes of a word of a command line: the kernel takes 128 KiB */
#define WORDS_MAX 16                  /* of our own in the agent's command line */

static const struct wake_option options[] = {
	{ .name = "prompt",
	    .letter = 'p',
	    .value = "TEXT",
	    .help = "something more for the agent, after what waits for it" },
	{ .name = "interactive", .letter = 'i', .help = "have the conversation at this terminal" },
	{ .name = "agent-program",
	    .value = "PROGRAM",
	    .help = "the agent's program (default: claude or codex)" },
	{ .name = "directory", .value = "DIR", .help = "where the agent works (default: where it worked)" },
	{ 0 },
};

struct resuming {
	struct wake_command_context *context;
	struct wake_resume resume;
	struct wake_str prompt;
	json_t *messages; /* owned: ids */
	char *more;       /* owned: --prompt, as the record has it; NULL: none */
	char more_id[WAKE_ID_SIZE];
	int64_t more_at;
	const char **argv; /* owned array of borrowed words */
	int input;         /* owned: the prompt as a file; -1: ours */
	bool is_interactive;
};

static void resuming_release(struct resuming *resuming)
{
	wake_resume_release(&resuming->resume);
	wake_str_release(&resuming->prompt);
	json_decref(resuming->messages);
	free(resuming->more);
	free(resuming->argv);
	wake_scope_close(&resuming->input);
}

/* ---- what the agent is told ---------------------------------------------------------------------- */

static int add_message(struct resuming *resuming, const char *id, const char *text, struct wake_error *err)
{
	if (resuming->prompt.len > 0)
		wake_str_append(&resuming->prompt, "\n\n");
	wake_str_append(&resuming->prompt, text);
	if (json_array_append_new(resuming->messages, json_string(id)) < 0)
		return wake_fail_nomem(err);
	return wake_str_check(&resuming->prompt, err);
}

static int add_more(struct resuming *resuming, struct wake_error *err)
{
	const char *given = wake_options_text(&resuming->context->options, "prompt");
	bool was_changed;
	int ret;

	if (!given)
		return WAKE_OK;
	ret = wake_say_text(resuming->context, given, &resuming->more, &was_changed, err);
	if (ret < 0)
		return wake_error_prefix(err, "--prompt");
	if (was_changed)
		wake_print_note("a secret in the prompt was replaced by [redacted]");
	wake_id_v7(resuming->more_id);
	resuming->more_at = wake_clock_now();
	return add_message(resuming, resuming->more_id, resuming->more, err);
}

static int make_prompt(struct resuming *resuming, struct wake_error *err)
{
	const char *run = wake_json_string(resuming->resume.run, "run_id");
	json_t *say;
	size_t i;
	int ret = WAKE_OK;

	resuming->messages = json_array();
	if (!resuming->messages)
		return wake_fail_nomem(err);
	/* One place of the delivery is for --prompt. */
	json_array_foreach(resuming->resume.unread, i, say)
	{
		if (ret == WAKE_OK && i + 1 < WAKE_EVENT_LIST_MAX)
			ret = add_message(
			    resuming, wake_json_string(say, "id"), wake_json_string(say, "text"), err);
	}
	if (ret == WAKE_OK)
		ret = add_more(resuming, err);
	if (ret == WAKE_OK && json_array_size(resuming->messages) == 0)
		ret = wake_command_fail(resuming->context, WAKE_EXIT_NO, err,
		    "nothing waits for the agent of run %s; say something with `runwake say %s TEXT`, or use "
		    "--prompt",
		    run, run);
	return ret;
}

/* ---- the agent ------------------------------------------------------------------------------ */

/* By a file and not by a word: a word is seen by everybody on the machine, may be taken for an option, and
 * has at most 128 KiB. */
static int open_input(struct resuming *resuming, struct wake_error *err)
{
	const struct wake_str *prompt = &resuming->prompt;
	int ret;

	if (resuming->is_interactive)
		return WAKE_OK;
	resuming->input = memfd_create("prompt", MFD_CLOEXEC);
	if (resuming->input < 0)
		return wake_fail_errno(err, "cannot keep the prompt");
	ret = wake_fs_write_all(resuming->input, prompt->data, prompt->len, err);
	if (ret == WAKE_OK && lseek(resuming->input, 0, SEEK_SET) != 0)
		ret = wake_fail_errno(err, "cannot keep the prompt");
	return ret;
}

static size_t add_words(struct resuming *resuming, size_t at, const char *const *words)
{
	while (*words)
		resuming->argv[at++] = *words++;
	return at;
}

static int make_command(struct resuming *resuming, struct wake_error *err)
{
	const struct wake_options *given = &resuming->context->options;
	const char *program = wake_options_text(given, "agent-program");
	const char *session = wake_json_string(resuming->resume.run, "agent_session_id");
	const char *prompt = resuming->prompt.data;
	bool is_claude = resuming->resume.agent == WAKE_AGENT_CLAUDE;
	size_t at = 0;

	if (!program)
		program = is_claude ? "claude" : "codex";
	if (resuming->is_interactive && resuming->prompt.len > WORD_MAX)
		return wake_fail(err, WAKE_INVALID,
		    "what waits is too long for --interactive (%zu bytes); leave that out",
		    resuming->prompt.len);
	resuming->argv = calloc(WORDS_MAX + given->word_count, sizeof(*resuming->argv));
	if (!resuming->argv)
		return wake_fail_nomem(err);
	if (is_claude && resuming->is_interactive)
		at = add_words(resuming, at, (const char *const[]){ program, "--resume", session, NULL });
	else if (is_claude)
		at = add_words(resuming, at,
		    (const char *const[]){ program, "--resume", session, "-p", "--output-format",
		        "stream-json", "--verbose", NULL });
	else if (resuming->is_interactive)
		at = add_words(resuming, at, (const char *const[]){ program, "resume", NULL });
	else
		at = add_words(resuming, at, (const char *const[]){ program, "exec", "--json", NULL });
	at = add_words(resuming, at, given->words + 1);
	if (!is_claude && !resuming->is_interactive)
		at = add_words(resuming, at, (const char *const[]){ "resume", NULL });
	if (!is_claude)
		at = add_words(resuming, at, (const char *const[]){ session, NULL });
	if (resuming->is_interactive)
		(void)add_words(resuming, at, (const char *const[]){ "--", prompt, NULL });
	else if (!is_claude)
		(void)add_words(resuming, at, (const char *const[]){ "-", NULL });
	return open_input(resuming, err);
}

static int enter_directory(struct resuming *resuming, struct wake_error *err)
{
	const char *given = wake_options_text(&resuming->context->options, "directory");
	const char *path = given ? given : resuming->resume.directory;

	if (path && chdir(path) == 0)
		return WAKE_OK;
	return wake_command_fail(resuming->context, WAKE_EXIT_NOT_FOUND, err,
	    "the directory '%s' where the agent worked cannot be entered; bring it back, or name another "
	    "with --directory",
	    path ? path : "(unknown)");
}

/* ---- the run -------------------------------------------------------------------------------- */

static int complete_start(void *context, struct wake_run_start *start, struct wake_error *err)
{
	struct resuming *resuming = context;
	const json_t *run = resuming->resume.run;

	(void)err;
	start->task = resuming->prompt.data;
	start->workflow = wake_json_string(run, "workflow_name");
	start->session_id = wake_json_string(run, "session_id");
	start->session_name = wake_json_string(run, "session_name");
	start->agent_type = wake_json_string(run, "agent_type");
	start->parent_run_id = wake_json_string(run, "run_id");
	wake_resume_name(&resuming->resume, start->run_id);
	return WAKE_OK;
}

/* What --prompt says is an intervention as well, said to the run that goes on. */
static int tell_more(void *context, const char *run_id, struct wake_events *events, struct wake_error *err)
{
	const struct resuming *resuming = context;
	const struct wake_run_say say = { run_id, resuming->more_id, resuming->more, resuming->more_at };

	return resuming->more ? wake_run_event_say(events, &say, err) : WAKE_OK;
}

static int check_words(struct resuming *resuming, struct wake_error *err)
{
	const struct wake_options *given = &resuming->context->options;

	if (given->loose_count != 1)
		return wake_fail(err, WAKE_INVALID,
		    "name one run; what is for the agent stands behind '--': runwake resume RUN -- --model "
		    "opus");
	for (size_t i = 1; i < given->word_count; i++) {
		if (strncmp(given->words[i], "--input-format", strlen("--input-format")) == 0 ||
		    strncmp(given->words[i], "--output-format", strlen("--output-format")) == 0)
			return wake_fail(err, WAKE_INVALID,
			    "the agent's input and output are ours: leave '%s' out", given->words[i]);
	}
	resuming->is_interactive = wake_options_has(given, "interactive");
	if (resuming->is_interactive && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return wake_fail(err, WAKE_INVALID, "--interactive needs a terminal");
	return WAKE_OK;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(resuming_release)
	struct resuming resuming = { .context = context,
		.resume = { .context = context, .lock = -1 },
		.prompt = WAKE_STR(PROMPT_MAX),
		.input = -1 };
	struct wake_run_plan plan = { .prepared = complete_start, .told = tell_more, .context = &resuming };
	int ret = check_words(&resuming, err);

	if (ret == WAKE_OK)
		ret = wake_resume_find(&resuming.resume, context->options.words[0], err);
	if (ret == WAKE_OK)
		ret = wake_resume_take(&resuming.resume, err);
	if (ret == WAKE_OK)
		ret = wake_resume_read(&resuming.resume, err);
	if (ret == WAKE_OK)
		ret = make_prompt(&resuming, err);
	if (ret == WAKE_OK)
		ret = make_command(&resuming, err);
	if (ret == WAKE_OK)
		ret = enter_directory(&resuming, err);
	if (ret < 0)
		return ret;
	plan.argv = resuming.argv;
	plan.named = (int)resuming.resume.agent;
	plan.input = resuming.input;
	plan.messages = resuming.messages;
	plan.agent_session = wake_json_string(resuming.resume.run, "agent_session_id");
	return wake_run_command(context, &plan, err);
}

static const struct wake_example examples[] = {
	{ "runwake resume @latest", "Gives the agent what was said since, and has it go on" },
	{ "runwake resume job-17 -- --permission-mode acceptEdits --allowedTools Bash,Write",
	    "With words for the agent" },
	{ "runwake resume job-17 --interactive", "The same as a conversation at this terminal" },
	{ 0 },
};

const struct wake_command wake_command_resume = {
	.name = "resume",
	.group = "Runs",
	.summary = "have a run's agent go on with what was said to it",
	.usage = (const char *const[]){ "RUN [OPTION...] [-- WORD...]", NULL },
	.description = (const char *const[]){ "Goes on with the session of RUN's agent, in the directory "
	                                      "where it worked, as a new run of the same "
	                                      "conversation whose parent is RUN. Everything that was said "
	                                      "with runwake say and that no agent has seen is "
	                                      "its prompt, in order, with an empty line between. RUN is a "
	                                      "run id, an unambiguous beginning of one, or "
	                                      "@latest.",
	    "The new run is wrapped as runwake run wraps one: output, signals and exit code pass through. "
	    "The agent is "
	    "started as claude --resume SESSION -p --output-format stream-json --verbose, or codex exec "
	    "--json resume "
	    "SESSION, with what stands behind -- added, and reads the prompt from its standard input.",
	    "What was said counts as delivered once the agent prints the first line of its stream, or, where "
	    "it prints "
	    "none, has ended well; at a terminal, once it was started. An agent that cannot go on leaves "
	    "everything as it "
	    "was. If runwake is killed between the start and that line, the same is delivered again.",
	    "One session is gone on with once at a time, here and, as far as the store knows, elsewhere.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "1456",
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = run,
};
