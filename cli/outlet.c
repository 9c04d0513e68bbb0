/* SPDX-License-Identifier: MIT */
/* Where patches go. */
#include "cli/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/spawn.h"

#define LINE_MAX_BYTES ((size_t)64 * 1024) /* a longer line is shown in pieces */
#define SHOWN_MAX ((size_t)1024 * 1024)    /* bytes of such a piece once it is made visible */
#define PAGER_MAX ((size_t)4096)           /* bytes of a pager's command */
#define CHUNK 16384

/* What git says on one line, run where no repository's settings are read. "" if it says nothing. */
static int ask_git(const char *const *argv, char **ret_line, struct wake_error *err)
{
	const struct wake_process_spec spec = { .argv = argv, .directory = "/", .output_max = PAGER_MAX };
	wake_auto_process struct wake_process_result result = { 0 };
	int ret = wake_process_run(&spec, &result, err);

	if (ret < 0)
		return ret;
	if (result.output.data)
		result.output.data[strcspn(result.output.data, "\n")] = '\0';
	return wake_str_copy(result.exit_code == 0 ? wake_str_text(&result.output) : "", ret_line, err);
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (strcasecmp(word, *words) == 0)
			return true;
	}
	return false;
}

/* The pager that `git diff` would use; "" if none. */
static int find_pager(char **ret_pager, struct wake_error *err)
{
	static const char *const of_diff[] = { "git", "config", "--get", "pager.diff", NULL };
	static const char *const of_git[] = { "git", "var", "GIT_PAGER", NULL };
	static const char *const yes[] = { "", "true", "yes", "on", "1", NULL };
	static const char *const no[] = { "false", "no", "off", "0", "cat", NULL };
	wake_auto_free char *pager = NULL;
	int ret = ask_git(of_diff, &pager, err);

	if (ret == WAKE_OK && is_one_of(pager, yes)) {
		free(pager);
		pager = NULL;
		ret = ask_git(of_git, &pager, err);
	}
	if (ret < 0)
		return ret;
	if (is_one_of(pager, no))
		*pager = '\0';
	*ret_pager = pager;
	pager = NULL; /* the caller's now */
	return WAKE_OK;
}

/* As git does: a person's own wishes stay. */
static void set_environment(void)
{
	char columns[32];

	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LV", "-c", 0);
	(void)setenv(
	    "GIT_PAGER_IN_USE", "1", 1); /* git's own programs colour what they write into our pipe */
	(void)snprintf(columns, sizeof(columns), "%zu", wake_print_width());
	if (wake_print_width() > 0)
		(void)setenv("COLUMNS", columns, 0);
}

static int spawn_pager(const char *pager, int input, pid_t *ret_pid)
{
	const char *const argv[] = { "sh", "-c", pager, NULL };

	return wake_spawn(NULL, argv, input, STDIN_FILENO, ret_pid);
}

static int start_pager(struct wake_outlet *outlet, const char *pager, struct wake_error *err)
{
	wake_auto_close int reader = -1;
	int ends[2], sys;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return wake_fail_errno(err, "make a pipe to the pager");
	reader = ends[0];
	sys = spawn_pager(pager, reader, &outlet->pager);
	if (sys != 0) {
		(void)close(ends[1]);
		errno = sys;
		return wake_fail_errno(err, "start the pager '%.200s'", pager);
	}
	outlet->fd = ends[1];
	return WAKE_OK;
}

int wake_outlet_open(struct wake_outlet *outlet, struct wake_error *err)
{
	wake_auto_free char *pager = NULL;
	int ret;

	*outlet = (struct wake_outlet){ .fd = STDOUT_FILENO, .rest = WAKE_STR(LINE_MAX_BYTES + CHUNK) };
	outlet->terminal = isatty(STDOUT_FILENO);
	if (!outlet->terminal)
		return WAKE_OK;
	set_environment();
	ret = find_pager(&pager, err);
	return ret == WAKE_OK && *pager ? start_pager(outlet, pager, err) : ret;
}

/* The length of a colour's escape sequence at text; 0: there is none. */
static size_t color_at(const char *text, size_t len)
{
	size_t at = 2;

	if (len < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (at < len && at < 32 && ((text[at] >= '0' && text[at] <= '9') || text[at] == ';'))
		at++;
	return at < len && text[at] == 'm' ? at + 1 : 0;
}

void wake_outlet_append_shown(struct wake_str *out, const char *text, size_t len)
{
	size_t from = 0, at = 0;

	while (at < len) {
		size_t color = text[at] == '\033' ? color_at(text + at, len - at) : 0;

		if (color == 0) {
			at++;
			continue;
		}
		wake_text_append_shown(out, text + from, at - from, true);
		wake_str_append_bytes(out, text + at, color);
		at += color;
		from = at;
	}
	wake_text_append_shown(out, text + from, len - from, true);
}

static int put(struct wake_outlet *outlet, const char *bytes, size_t len, struct wake_error *err)
{
	int ret = outlet->closed ? WAKE_OK : wake_fs_write_all(outlet->fd, bytes, len, err);

	if (ret < 0 && err->sys == EPIPE) {
		outlet->closed = true;
		return WAKE_OK;
	}
	return ret < 0 ? wake_error_prefix(err, "standard output") : WAKE_OK;
}

static int show(struct wake_outlet *outlet, const char *bytes, size_t len, struct wake_error *err)
{
	wake_auto_str struct wake_str shown = WAKE_STR(SHOWN_MAX);
	int ret;

	wake_outlet_append_shown(&shown, bytes, len);
	ret = wake_str_check(&shown, err);
	return ret == WAKE_OK && shown.len > 0 ? put(outlet, shown.data, shown.len, err) : ret;
}

/* Whole lines only: a character or a colour must not be cut in two. */
int wake_outlet_write(struct wake_outlet *outlet, const char *bytes, size_t len, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (!outlet->terminal)
		return put(outlet, bytes, len, err);
	while (ret == WAKE_OK && len > 0) {
		const char *newline = memchr(bytes, '\n', len < CHUNK ? len : CHUNK);
		size_t piece = newline ? (size_t)(newline - bytes) + 1 : len < CHUNK ? len : CHUNK;

		wake_str_append_bytes(&outlet->rest, bytes, piece);
		ret = wake_str_check(&outlet->rest, err);
		if (ret == WAKE_OK && (newline || outlet->rest.len >= LINE_MAX_BYTES)) {
			ret = show(outlet, outlet->rest.data, outlet->rest.len, err);
			wake_str_clear(&outlet->rest);
		}
		bytes += piece;
		len -= piece;
	}
	return ret;
}

int wake_outlet_pour(struct wake_outlet *outlet, int fd, struct wake_error *err)
{
	int ret = WAKE_OK;

	while (ret == WAKE_OK && !outlet->closed) {
		char chunk[CHUNK];
		ssize_t got = read(fd, chunk, sizeof(chunk));

		if (got < 0 && errno != EINTR)
			return wake_fail_errno(err, "read a patch");
		if (got == 0)
			return WAKE_OK;
		if (got > 0)
			ret = wake_outlet_write(outlet, chunk, (size_t)got, err);
	}
	return ret;
}

void wake_outlet_release(struct wake_outlet *outlet)
{
	int status;

	if (outlet->pager > 0) {
		(void)close(outlet->fd);
		while (waitpid(outlet->pager, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	outlet->pager = 0;
	outlet->fd = -1;
	wake_str_release(&outlet->rest);
}

int wake_outlet_finish(struct wake_outlet *outlet, struct wake_error *err)
{
	int ret = outlet->rest.len > 0 ? show(outlet, outlet->rest.data, outlet->rest.len, err) : WAKE_OK;

	wake_outlet_release(outlet);
	return ret;
}
