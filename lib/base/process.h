/* SPDX-License-Identifier: MIT */
/* Other processes: who one is, and running one to its end. */
#ifndef WAKE_PROCESS_H
#define WAKE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

#define WAKE_BOOT_ID_SIZE 37
#define WAKE_HOST_SIZE 256

/* A pid alone is no identity: it is reused. Start time in clock ticks since boot, field 22 of
 * /proc/PID/stat (proc(5)). WAKE_NOTFOUND when there is no such process. */
int wake_process_start_time(pid_t pid, uint64_t *ret_ticks, struct wake_error *err) WAKE_MUST_CHECK;

#define WAKE_PROCESS_NAME_SIZE 64

/* The process that started it, or took it over, and its own name: both by proc(5), /proc/PID/stat, which may cut
 * the name and lets a process choose it. WAKE_NOTFOUND when there is no such process. */
int wake_process_parent(
    pid_t pid, pid_t *ret_parent, char ret_name[WAKE_PROCESS_NAME_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* /proc/sys/kernel/random/boot_id; "" where it cannot be read. */
void wake_process_boot_id(char ret_id[WAKE_BOOT_ID_SIZE]);

/* The inode of /proc/self/ns/pid: pids mean something within one such namespace alone (pid_namespaces(7)); 0 where
 * it cannot be read. */
uint64_t wake_process_pid_namespace(void);

/* Between fork(2) and exec: every signal's default action, and none blocked. */
void wake_process_reset_signals(void);

/* Of 0 to 2, those that are closed become /dev/null: a file that the program opens would take their place, and be
 * written to by a message. */
void wake_process_open_standard_streams(void);

/* gethostname(2), made UTF-8; "localhost" where it fails. */
void wake_process_host(char ret_host[WAKE_HOST_SIZE]);

/* Does this "NAME=value" bind git to one repository? See keep_git_environment below. */
bool wake_process_binds_git(const char *variable);

struct wake_process_spec {
	const char *const *argv;	/* NULL-terminated; argv[0] is looked up in PATH */
	const char *directory;		/* NULL: ours */
	const char *const *set;		/* "NAME=value", …, NULL: added to the environment; may be NULL */
	const char *input;		/* written to its stdin; NULL: /dev/null */
	size_t input_len;		/* bytes */
	size_t output_max;		/* bytes of stdout kept; more: the child is killed, WAKE_INVALID */
	/* else what binds git to one repository is taken out of the environment: the names that
	 * `git rev-parse --local-env-vars` lists, GIT_CONFIG_KEY_n, GIT_CONFIG_VALUE_n, GIT_NAMESPACE and
	 * GIT_QUARANTINE_PATH (GIT_CONFIG_GLOBAL and _SYSTEM stay: they are a person's choice) */
	bool keep_git_environment;
};

struct wake_process_result {
	struct wake_str output;	/* stdout */
	struct wake_str errors;	/* the first 4 KiB of stderr */
	int exit_code;		/* 0–255; 128 + signal when killed */
};

/* Runs it to its end, without a shell. WAKE_UNAVAILABLE when the program is not there; an exit code
 * other than 0 is no error here. ret_result: release with wake_process_result_release. */
int wake_process_run(const struct wake_process_spec *spec, struct wake_process_result *ret_result,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_process_result_release(struct wake_process_result *result);

#define wake_auto_process WAKE_CLEANUP(wake_process_result_release)

#endif
