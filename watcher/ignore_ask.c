/* SPDX-License-Identifier: MIT */
/* The questions to `git check-ignore`. With --no-index its cost does not grow with the index; without it each
 * path costs a pass over all of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "watcher/ignore_parts.h"

#define PATIENCE (30 * WAKE_SECOND) /* for something to ask, and for an answer */
#define FIRST_ROOM 64
#define SAME_DEATHS 2 /* of one question; then it is answered without git */
#define DEATHS_MAX 12 /* without an answer between them; then all are */

static void send_questions(struct wake_ignore *ignore);

static struct wake_question *question_at(struct wake_ignore *ignore, size_t index)
{
	return &ignore->questions[(ignore->first + index) % ignore->room];
}

/* Takes the first question away and answers it. */
static void answer_first(struct wake_ignore *ignore, bool ignored)
{
	struct wake_question question = *question_at(ignore, 0);

	ignore->first = (ignore->first + 1) % ignore->room;
	ignore->count--;
	ignore->sent -= ignore->sent > 0;
	ignored = ignored && ignore->is_listed && !wake_ignore_is_tracked(ignore, question.path);
	ignore->owner.answered(ignore->owner.context, question.token, question.path, ignored);
	free(question.path);
}

void wake_ignore_answer_all(void *context)
{
	struct wake_ignore *ignore = context;

	/* Those that are asked meanwhile get their own turn. */
	for (size_t left = ignore->count; left > 0; left--)
		answer_first(ignore, false);
}

static void drop_asker(struct wake_ignore *ignore)
{
	wake_child_free(ignore->asker);
	ignore->asker = NULL;
	ignore->sent = 0;
	ignore->is_closing = false;
	wake_loop_timer_clear(ignore->loop, &ignore->idle);
	wake_str_release(&ignore->answers);
}

static void break_off(struct wake_ignore *ignore, const char *why)
{
	ignore->ask_broken = true;
	(void)snprintf(ignore->ask_problem, sizeof(ignore->ask_problem),
	    "git cannot tell what is ignored, so that nothing is taken for it: %.*s", (int)strcspn(why, "\n"),
	    why);
	drop_asker(ignore);
	wake_loop_defer(ignore->loop, &ignore->give_up);
}

/* ---- answers: SOURCE NUL LINE NUL PATTERN NUL PATH NUL, the first three empty where no pattern matches ----
 */

/* The bytes of one answer at the start of bytes, 0 if it is not whole; ret_fields: where each begins. */
static size_t measure_answer(const char *bytes, size_t len, const char *ret_fields[4])
{
	const char *at = bytes;

	for (int i = 0; i < 4; i++) {
		const char *end = memchr(at, '\0', len - (size_t)(at - bytes));

		if (!end)
			return 0;
		ret_fields[i] = at;
		at = end + 1;
	}
	return (size_t)(at - bytes);
}

/* A pattern that begins with "!" takes back what another one said. "./" stands before each path: it keeps git
 * from reading a colon at its start as magic. */
static bool is_answer_to(const struct wake_question *question, const char *path)
{
	return strncmp(path, "./", 2) == 0 && strcmp(path + 2, question->path) == 0;
}

/* False if that is no answer. */
static bool take_answers(struct wake_ignore *ignore)
{
	const char *fields[4];
	size_t at = 0, len;

	while ((len = measure_answer(ignore->answers.data + at, ignore->answers.len - at, fields)) > 0) {
		if (ignore->sent == 0 || !is_answer_to(question_at(ignore, 0), fields[3]))
			return false;
		ignore->deaths = 0;
		answer_first(ignore, fields[2][0] != '\0' && fields[2][0] != '!');
		if (!ignore->asker) /* whoever was told has asked, and that failed */
			return true;
		at += len;
	}
	ignore->answers.len -= at;
	memmove(ignore->answers.data, ignore->answers.data + at, ignore->answers.len);
	return true;
}

/* Where the timer cannot be set, it ends at once, and is started again when needed. */
static void wait_patiently(struct wake_ignore *ignore)
{
	struct wake_error ignored;

	if (wake_loop_timer_set(ignore->loop, &ignore->idle, wake_clock_monotonic() + PATIENCE, &ignored) < 0)
		wake_ignore_lose_patience(ignore);
}

static void read_answers(void *context, const char *bytes, size_t len)
{
	struct wake_ignore *ignore = context;

	wake_str_append_bytes(&ignore->answers, bytes, len);
	if (ignore->answers.failed || !take_answers(ignore)) {
		break_off(ignore, "its answers are not understood");
		return;
	}
	send_questions(ignore);
	if (ignore->asker)
		wait_patiently(ignore);
}

/* ---- the process ---- */

/* Ends it where there is nothing to ask; one that does not answer is killed, which counts as a death. */
void wake_ignore_lose_patience(void *context)
{
	struct wake_ignore *ignore = context;

	if (!ignore->asker)
		return;
	if (ignore->sent > 0) {
		wake_child_signal(ignore->asker, SIGKILL);
		return;
	}
	ignore->is_closing = true;
	wake_child_close_input(ignore->asker);
}

/* The first question may be what it dies of, so it is not asked for ever. */
static void ask_ended(void *context, int code)
{
	struct wake_ignore *ignore = context;
	bool expected = ignore->is_closing && ignore->sent == 0;

	(void)code;
	drop_asker(ignore);
	if (!expected && ++ignore->deaths >= DEATHS_MAX) {
		break_off(ignore, ignore->complaint[0] ? ignore->complaint : "it ends without a word");
		return;
	}
	if (!expected && ignore->count > 0 && ignore->deaths % SAME_DEATHS == 0)
		answer_first(ignore, false);
	send_questions(ignore);
}

static int start_asker(struct wake_ignore *ignore, struct wake_error *err)
{
	static const char *const arguments[] = { "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin",
		NULL };

	return wake_ignore_start(ignore, arguments, true, read_answers, ask_ended, &ignore->asker, err);
}

static int send_question(struct wake_ignore *ignore, const char *path, struct wake_error *err)
{
	wake_auto_str struct wake_str line = WAKE_STR(WAKE_IGNORE_PATH_MAX + 3);
	int ret;

	wake_str_append(&line, "./");
	wake_str_append_bytes(&line, path, strlen(path) + 1);
	ret = wake_str_check(&line, err);
	return ret < 0 ? ret : wake_child_write(ignore->asker, line.data, line.len, err);
}

/* What cannot be sent now is sent after the next answers, or to the next process. */
static void send_questions(struct wake_ignore *ignore)
{
	struct wake_error err;

	if (ignore->count == 0 || ignore->is_closing)
		return;
	if (!ignore->ask_broken && !ignore->asker && start_asker(ignore, &err) < 0) {
		break_off(ignore, err.text);
		return;
	}
	if (ignore->ask_broken) {
		wake_loop_defer(ignore->loop, &ignore->give_up);
		return;
	}
	if (ignore->sent == 0)
		wait_patiently(ignore);
	while (ignore->sent < ignore->count) {
		if (send_question(ignore, question_at(ignore, ignore->sent)->path, &err) < 0)
			return;
		ignore->sent++;
	}
}

void wake_ignore_restart(struct wake_ignore *ignore)
{
	drop_asker(ignore);
	wake_loop_undefer(ignore->loop, &ignore->give_up);
	ignore->ask_broken = false;
	ignore->ask_problem[0] = '\0';
	ignore->deaths = 0;
	send_questions(ignore);
}

/* ---- questions ---- */

static int make_room(struct wake_ignore *ignore, struct wake_error *err)
{
	size_t room = ignore->room ? ignore->room * 2 : FIRST_ROOM;
	struct wake_question *questions;

	if (ignore->count < ignore->room)
		return WAKE_OK;
	questions = calloc(room, sizeof(*questions));
	if (!questions)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < ignore->count; i++)
		questions[i] = *question_at(ignore, i);
	free(ignore->questions);
	ignore->questions = questions;
	ignore->first = 0;
	ignore->room = room;
	return WAKE_OK;
}

int wake_ignore_ask(struct wake_ignore *ignore, const char *path, uint64_t token, struct wake_error *err)
{
	struct wake_question question = { .token = token };
	int ret = make_room(ignore, err);

	if (ret == WAKE_OK && strlen(path) >= WAKE_IGNORE_PATH_MAX)
		ret = wake_fail(err, WAKE_INVALID, "a path of %zu bytes", strlen(path));
	if (ret == WAKE_OK)
		ret = wake_str_copy(path, &question.path, err);
	if (ret < 0)
		return ret;
	ignore->count++;
	*question_at(ignore, ignore->count - 1) = question;
	if (ignore->ask_broken || ignore->sent + 1 == ignore->count)
		send_questions(ignore);
	return WAKE_OK;
}

size_t wake_ignore_waiting(const struct wake_ignore *ignore)
{
	return ignore->count;
}
