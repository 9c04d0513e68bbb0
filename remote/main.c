/* SPDX-License-Identifier: MIT */
/* The program runwake-remote: speaks to services that run agents elsewhere, in a process of its own, so that
 * neither runwake nor the hooks nor the watcher load libcurl, or ever hold a key.
 *
 *   runwake-remote              follows every run in STATE/remote to its end, and ends when there is none
 *   runwake-remote start ID     asks a service to begin the run of that entry; the request's body is on
 * standard input runwake-remote kill ID      asks it to kill one
 *
 * Exit codes: 0 done; 1 refused, or failed; 2 usage; 3 a start whose outcome is not known; 5 another one
 * follows. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "remote/service.h"

enum { EXIT_FINE = 0, EXIT_NO = 1, EXIT_USAGE = 2, EXIT_BUSY = 5 };

static int fail(int code, const struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(8 * WAKE_ERROR_TEXT_SIZE);

	wake_text_append_shown(&text, err->text, strlen(err->text), false);
	(void)fprintf(stderr, "runwake-remote: %s\n", wake_str_text(&text));
	return code;
}

static int run(int argc, char **argv, int *ret_exit, struct wake_error *err)
{
	WAKE_CLEANUP(wake_remote_place_release) struct wake_remote_place place = { 0 };
	int ret = wake_exchange_prepare(err);

	*ret_exit = EXIT_NO;
	if (ret == WAKE_OK)
		ret = wake_remote_place_find(&place, err);
	if (ret < 0)
		return ret;
	if (argc == 1)
		ret = wake_remote_poll(&place, err);
	else if (argc == 3 && strcmp(argv[1], "start") == 0)
		return wake_remote_start(&place, argv[2], ret_exit, err);
	else if (argc == 3 && strcmp(argv[1], "kill") == 0)
		ret = wake_remote_kill(&place, argv[2], err);
	else
		ret = wake_fail(
		    err, WAKE_INVALID, "see 'runwake remote --help': that command is how this one is used");
	*ret_exit = ret == WAKE_BUSY ? EXIT_BUSY : ret == WAKE_INVALID && argc > 1 ? EXIT_USAGE : EXIT_NO;
	return ret;
}

int main(int argc, char **argv)
{
	struct wake_error err = { 0 };
	int code = EXIT_NO, ret;

	wake_process_open_standard_streams();
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	ret = run(argc, argv, &code, &err);
	curl_global_cleanup();
	return ret < 0 ? fail(code, &err) : EXIT_FINE;
}
