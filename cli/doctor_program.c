/* SPDX-License-Identifier: MIT */
/* The doctor on the installation: programs, git, settings, state directory. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/fs.h"
#include "cli/doctor.h"
#include "cli/wiring.h"

static int check_programs(const char *program, struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	struct wake_error failure = { 0 };
	int ret =
	    wake_findings_add(findings, WAKE_FINDING_OK, "runwake", program, NULL, err, RUNWAKE_VERSION);

	if (ret < 0)
		return ret;
	if (wake_wiring_programs(program, &directory, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "programs", NULL,
		    "install Runwake again (make install)", err, "%s", failure.text);
	return wake_findings_add(
	    findings, WAKE_FINDING_OK, "programs", directory, NULL, err, "all hooks are there");
}

/* git hook run came with 2.36; before, the hooks work but cannot be fired for a proof. */
static int check_git(struct wake_findings *findings, struct wake_error *err)
{
	static const char *const args[] = { "version", NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error failure = { 0 };
	int major = 0, minor = 0;
	char *text;

	if (wake_wiring_git("/", args, NULL, &result, &failure) < 0)
		return wake_findings_add(
		    findings, WAKE_FINDING_BROKEN, "git", NULL, "install git", err, "%s", failure.text);
	text = result.output.data ? result.output.data : (char *)"";
	if (sscanf(text, "git version %d.%d", &major, &minor) != 2)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "git", NULL, "repair the git in PATH",
		    err, "it does not say its version: '%.100s'", text);
	text[strcspn(text, "\n")] = '\0';
	if (major < 2 || (major == 2 && minor < 36))
		return wake_findings_add(findings, WAKE_FINDING_NOTE, "git", NULL, "git 2.36 or later", err,
		    "%s cannot fire hooks for a proof: they are only looked at",
		    text + strlen("git version "));
	return wake_findings_add(
	    findings, WAKE_FINDING_OK, "git", NULL, NULL, err, "%s", text + strlen("git version "));
}

static int check_settings(
    const struct wake_paths *paths, struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	struct wake_error failure = { 0 };

	if (wake_config_load(paths->config, &config, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "settings", paths->config,
		    "correct the line named, or remove it", err, "%s", failure.text);
	return wake_findings_add(findings, WAKE_FINDING_OK, "settings", paths->config, NULL, err,
	    wake_fs_is_file(paths->config) ? "can be read"
	                                   : "is not there: all settings have their defaults");
}

static int check_state(const struct wake_paths *paths, struct wake_findings *findings, struct wake_error *err)
{
	const char *path = paths->state;
	struct stat st;

	if (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return wake_findings_add(findings, WAKE_FINDING_OK, "state", path, NULL, err,
		    "is not there yet: it comes with the first record");
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "state", path,
		    "let XDG_STATE_HOME name a directory of yours", err, "is no directory that can be used");
	if (st.st_uid != geteuid())
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "state", path,
		    "give it back to its owner (chown -R), or let XDG_STATE_HOME name one of yours", err,
		    "belongs to another user");
	if (access(path, R_OK | W_OK | X_OK) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "state", path, "chmod -R u+rwX on it",
		    err, "cannot be written: hooks record nothing");
	if (st.st_mode & 077)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "state", path, "chmod 700 on it", err,
		    "is open to other users (mode %o)", (unsigned)st.st_mode & 07777);
	return wake_findings_add(findings, WAKE_FINDING_OK, "state", path, NULL, err, "is ours alone");
}

int wake_doctor_program(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err)
{
	int ret = check_programs(program, findings, err);

	if (ret == WAKE_OK)
		ret = check_git(findings, err);
	if (ret == WAKE_OK)
		ret = check_settings(paths, findings, err);
	return ret < 0 ? ret : check_state(paths, findings, err);
}
