/* SPDX-License-Identifier: MIT */
/* runwake remote start. The attempt is written down, then runwake-remote makes it; the task goes to it
 * through a pipe, so that it stands in nobody's command line but the user's own. */
#include <string.h>

#include "agent/remote_run.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/remote.h"

#define REQUEST_MAX ((size_t)4 * 1024 * 1024) /* bytes */
#define TASK_MAX ((size_t)512 * 1024)         /* bytes that are sent; what is recorded of it is cut earlier */
#define EXIT_UNKNOWN 3                        /* runwake-remote's: whether the run was begun is not known */

struct asked {
	struct wake_command_context *context;
	struct wake_remote_target target;
	struct wake_redactor *redactor; /* owned */
	struct wake_remote_entry entry;
	struct wake_str request;
	int64_t max_turns, timeout;
	char session[64]; /* a name of ours, by which the run is found should its answer be lost */
};

static void asked_release(struct asked *asked)
{
	wake_remote_target_release(&asked->target);
	wake_redactor_free(asked->redactor);
	wake_remote_entry_release(&asked->entry);
	wake_str_release(&asked->request);
}

static const char *option(const struct asked *asked, const char *name)
{
	return wake_options_text(&asked->context->options, name);
}

static int check_length(const char *what, const char *text, size_t max, struct wake_error *err)
{
	size_t count = 0;

	for (const char *c = text; c && *c; c++)
		count += ((unsigned char)*c & 0xc0) != 0x80;
	if (text && (count == 0 || count > max))
		return wake_fail(
		    err, WAKE_INVALID, "%s takes 1 to %zu characters, not %zu", what, max, count);
	return WAKE_OK;
}

static int check(struct asked *asked, struct wake_error *err)
{
	const struct wake_options *given = &asked->context->options;
	const char *task = option(asked, "task");
	int ret = check_length("the workflow", given->words[2], 100, err);

	if (ret == WAKE_OK)
		ret = check_length("--session", option(asked, "session"), 255, err);
	if (ret == WAKE_OK)
		ret = check_length("--branch", option(asked, "branch"), 255, err);
	if (ret == WAKE_OK && (!task || !*task || strlen(task) > TASK_MAX))
		ret = wake_fail(
		    err, WAKE_INVALID, "--task says what is asked for, in 1 to %zu bytes", TASK_MAX);
	if (ret == WAKE_OK)
		ret = wake_options_number(given, "max-turns", 1, 200, 0, &asked->max_turns, err);
	if (ret == WAKE_OK)
		ret = wake_options_number(given, "timeout", 60, 14400, 0, &asked->timeout, err);
	return ret;
}

/* What the service is sent. */
static int make_request(struct asked *asked, struct wake_error *err)
{
	wake_auto_json json_t *request = json_object();
	const char *session = option(asked, "session");
	int ret = wake_json_set_string(request, "message", option(asked, "task"), err);

	(void)snprintf(asked->session, sizeof(asked->session), "runwake-%s", asked->entry.id);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(request, "session_name", session ? session : asked->session, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(request, "git_branch", option(asked, "branch"), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(request, "repository_url", option(asked, "repo"), err);
	if (ret == WAKE_OK && asked->max_turns)
		ret = wake_json_set_int(request, "max_turns", asked->max_turns, err);
	if (ret == WAKE_OK && asked->timeout)
		ret = wake_json_set_int(request, "timeout", asked->timeout, err);
	asked->request = (struct wake_str)WAKE_STR(REQUEST_MAX);
	return ret == WAKE_OK ? wake_json_append(&asked->request, request, err) : ret;
}

/* What is kept of it. */
static int make_entry(struct asked *asked, struct wake_error *err)
{
	json_t *json = asked->entry.json;
	const char *session = option(asked, "session"), *repository = option(asked, "repo");
	wake_auto_str struct wake_str shown = WAKE_STR(WAKE_EVENT_PATH_MAX);
	int ret = wake_remote_target_set(&asked->target, &asked->entry, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(json, "workflow", asked->context->options.words[2], err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(
		    asked->redactor, json, "task", option(asked, "task"), WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(json, "session_name", session, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(json, "session_asked", session ? session : asked->session, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(json, "branch", option(asked, "branch"), err);
	if (repository)
		wake_text_append_url(&shown, repository, strlen(repository));
	if (ret == WAKE_OK && repository)
		ret = wake_event_set_text(json, "repo", wake_str_text(&shown), WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK && asked->max_turns)
		ret = wake_json_set_int(json, "max_turns", asked->max_turns, err);
	if (ret == WAKE_OK && asked->timeout)
		ret = wake_json_set_int(json, "timeout", asked->timeout, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(
		    json, "persistent", wake_options_has(&asked->context->options, "persistent"), err);
	return ret == WAKE_OK ? wake_remote_entry_set_time(&asked->entry, "asked_at", wake_clock_now(), err)
	                      : ret;
}

/* Says what runwake-remote said, without its name. */
static int refused(struct asked *asked, const struct wake_process_result *result, struct wake_error *err)
{
	const char *text = wake_str_text(&result->errors);
	const char *from = strncmp(text, "runwake-remote: ", 16) == 0 ? text + 16 : text;

	if (result->exit_code == EXIT_UNKNOWN)
		wake_remote_attend(&asked->context->paths, asked->context->program);
	return wake_command_fail(asked->context, WAKE_EXIT_NO, err, "%.*s", (int)strcspn(from, "\n"),
	    *from ? from : "runwake-remote has failed");
}

/* The durable note first, then the request: killed in between, the run is looked for and never begun twice.
 */
static int post(struct asked *asked, struct wake_error *err)
{
	wake_auto_free char *program = NULL;
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_remote_program(asked->context->program, &program, err);
	const char *const argv[] = { program, "start", asked->entry.id, NULL };
	const struct wake_process_spec spec = { .argv = argv,
		.input = asked->request.data,
		.input_len = asked->request.len,
		.output_max = 4096 };

	asked->entry.phase = WAKE_REMOTE_ASKING;
	if (ret == WAKE_OK)
		ret = wake_remote_entry_write(&asked->context->paths, &asked->entry, err);
	if (ret == WAKE_OK)
		ret = wake_process_run(&spec, &result, err);
	if (ret == WAKE_UNAVAILABLE) { /* the program is not there */
		struct wake_error ignored;

		(void)!wake_remote_entry_remove(&asked->context->paths, asked->entry.id, &ignored);
	}
	if (ret < 0)
		return ret;
	return result.exit_code == 0 ? WAKE_OK : refused(asked, &result, err);
}

/* The service has named its run: it is recorded, unless the name is another's. */
static int record(struct asked *asked, struct wake_error *err)
{
	const struct wake_paths *paths = &asked->context->paths;
	wake_auto_str struct wake_str out = WAKE_STR(WAKE_RUN_ID_MAX + 2);
	struct wake_remote_recorded recorded = { 0 };
	struct wake_error ignored;
	char id[WAKE_ID_SIZE], host[WAKE_HOST_SIZE];
	const char *run_id;
	int ret;

	memcpy(id, asked->entry.id, sizeof(id));
	wake_remote_entry_release(&asked->entry);
	ret = wake_remote_entry_read(paths, id, &asked->entry, err);
	if (ret < 0)
		return ret;
	run_id = wake_remote_entry_text(&asked->entry, "run_id");
	if (asked->entry.phase == WAKE_REMOTE_ANSWERED) {
		ret = wake_remote_check_recorded(asked->context, run_id, asked->target.url, &recorded, err);
		if (ret == WAKE_EXISTS) {
			(void)!wake_remote_entry_remove(paths, id, &ignored);
			return ret;
		}
		if (ret < 0)
			wake_print_note("%s", err->text);
		wake_config_host(&asked->target.config, host);
		ret = wake_remote_begin(paths, host, &asked->entry, err);
		if (ret < 0)
			return ret;
	}
	wake_remote_attend(paths, asked->context->program);
	wake_str_appendf(&out, "%s\n", run_id);
	return wake_print_text(&out, err);
}

int wake_remote_cli_start(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(asked_release) struct asked asked = { .context = context };
	int ret = check(&asked, err);

	if (ret == WAKE_OK)
		ret = wake_remote_target_find(context, context->options.words[1], &asked.target, err);
	if (ret == WAKE_OK)
		ret = wake_redactor_new(&asked.target.config, &asked.redactor, err);
	asked.entry.json = json_object();
	wake_id_v7(asked.entry.id);
	if (ret == WAKE_OK)
		ret = make_request(&asked, err);
	if (ret == WAKE_OK)
		ret = make_entry(&asked, err);
	if (ret == WAKE_OK)
		ret = post(&asked, err);
	return ret == WAKE_OK ? record(&asked, err) : ret;
}
