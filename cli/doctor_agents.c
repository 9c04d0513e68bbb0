/* SPDX-License-Identifier: MIT */
/* The doctor on the hooks in agents' settings: which events are wired, and whether the program answers that
 * they run. Nothing of anybody else's is run. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "cli/agent_manifest.h"
#include "cli/agent_settings.h"
#include "cli/doctor.h"
#include "cli/wire_claude.h"
#include "hooks/contract.h"

#define TOPIC "agents"
#define INSTALL "runwake install --agent claude"
#define ANSWER_MAX ((size_t)64 * 1024) /* bytes */

struct patient {
	const char *program; /* of this installation; NULL: it is not there */
	struct wake_agent_settings settings;
	struct wake_claude_wired wired;
	struct wake_findings *findings;
};

static void patient_release(struct patient *patient)
{
	wake_agent_settings_release(&patient->settings);
	wake_claude_wired_release(&patient->wired);
}

static int broken(const struct patient *patient, const char *mend, struct wake_error *err, const char *text)
{
	return wake_findings_add(
	    patient->findings, WAKE_FINDING_BROKEN, TOPIC, patient->settings.path, mend, err, "%s", text);
}

/* Started as the agent starts it: without a shell, without arguments. */
static int probe(const struct patient *patient, bool *ret_answers, struct wake_error *err)
{
	const char *const argv[] = { patient->wired.program, NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error failure = { 0 };
	char word[WAKE_ID_SIZE], set[sizeof(WAKE_HOOK_PROBE) + WAKE_ID_SIZE], answer[128];
	const char *const sets[] = { set, NULL };
	const struct wake_process_spec spec = {
		.argv = argv, .directory = "/", .set = sets, .output_max = ANSWER_MAX
	};

	wake_id_v7(word);
	(void)snprintf(set, sizeof(set), "%s=%s", WAKE_HOOK_PROBE, word);
	(void)snprintf(answer, sizeof(answer), "%s %s %s ", WAKE_HOOK_PROBE_ANSWER, WAKE_CLAUDE_HOOK, word);
	*ret_answers = wake_process_run(&spec, &result, &failure) == WAKE_OK &&
	               strstr(wake_str_text(&result.errors), answer);
	if (*ret_answers)
		return WAKE_OK;
	return wake_findings_add(patient->findings, WAKE_FINDING_BROKEN, TOPIC, patient->settings.path,
	    "install Runwake again (make install), then " INSTALL, err, "%s does not answer: %.500s",
	    patient->wired.program, failure.text[0] ? failure.text : wake_str_text(&result.errors));
}

static int check_events(const struct patient *patient, struct wake_error *err)
{
	wake_auto_str struct wake_str missing = WAKE_STR(4096);

	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		if (!patient->wired.events[i])
			wake_str_appendf(&missing, "%s%s", missing.len ? ", " : "", wake_claude_events[i]);
	}
	if (missing.len == 0)
		return WAKE_OK;
	return wake_findings_add(patient->findings, WAKE_FINDING_BROKEN, TOPIC, patient->settings.path,
	    INSTALL, err, "our hook is missing at %s", wake_str_text(&missing));
}

static int check_hindrance(const struct patient *patient, bool *ret_is_hindered, struct wake_error *err)
{
	wake_auto_str struct wake_str lines = WAKE_STR(WAKE_WIRE_SAID_MAX);
	int ret = wake_wire_claude_hindrance(
	    patient->settings.path, &patient->wired, WAKE_CLAUDE_MANAGED, &lines, err);
	const char *line = wake_str_text(&lines);

	*ret_is_hindered = lines.len > 0;
	for (const char *end; ret == WAKE_OK && (end = strchr(line, '\n')); line = end + 1)
		ret = wake_findings_add(patient->findings, WAKE_FINDING_BROKEN, TOPIC, NULL,
		    "change that file", err, "%.*s", (int)(end - line), line);
	return ret;
}

static int check_installation(const struct patient *patient, struct wake_error *err)
{
	if (patient->wired.is_mixed)
		return wake_findings_add(patient->findings, WAKE_FINDING_NOTE, TOPIC, patient->settings.path,
		    INSTALL, err, "its hooks run several installations, %s among them",
		    patient->wired.program);
	if (patient->program && strcmp(patient->program, patient->wired.program) != 0)
		return wake_findings_add(patient->findings, WAKE_FINDING_NOTE, TOPIC, patient->settings.path,
		    INSTALL ", if this installation is to be used", err,
		    "its hooks run another installation: %s", patient->wired.program);
	return WAKE_OK;
}

static int check_wired(const struct patient *patient, struct wake_error *err)
{
	bool answers = false, is_hindered = false;
	int ret = check_events(patient, err);

	if (ret == WAKE_OK)
		ret = check_installation(patient, err);
	if (ret == WAKE_OK && access(patient->wired.program, X_OK) < 0)
		ret = broken(patient, INSTALL, err, "its hooks run a program that is not there any more");
	else if (ret == WAKE_OK)
		ret = probe(patient, &answers, err);
	if (ret == WAKE_OK)
		ret = check_hindrance(patient, &is_hindered, err);
	if (ret < 0 || !answers || is_hindered || patient->wired.count < WAKE_CLAUDE_EVENTS)
		return ret;
	return wake_findings_add(patient->findings, WAKE_FINDING_OK, TOPIC, patient->settings.path, NULL, err,
	    "Claude Code runs our hook at %d events, and it answers", WAKE_CLAUDE_EVENTS);
}

/* Somebody may well use no such agent, or keep its settings from us; but where we have put hooks, they are
 * lost. */
static int unreadable(const struct wake_paths *paths, const char *path, const struct wake_error *failure,
    struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_agent_manifest struct wake_agent_manifest manifest = { 0 };
	wake_auto_agent_settings struct wake_agent_settings settings = { 0 };
	struct wake_error ignored;
	bool is_ours = path && wake_agent_settings_read(path, &settings, &ignored) == WAKE_OK &&
	               wake_agent_manifest_read(paths, settings.path, &manifest, &ignored) == WAKE_OK &&
	               manifest.is_there;

	return wake_findings_add(findings, is_ours ? WAKE_FINDING_BROKEN : WAKE_FINDING_NOTE, TOPIC, path,
	    is_ours ? "correct it: Claude Code runs no hook of such a file" : NULL, err,
	    "the settings of Claude Code cannot be looked at: %s", failure->text);
}

int wake_doctor_agents(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err)
{
	WAKE_CLEANUP(patient_release) struct patient patient = { .findings = findings };
	wake_auto_free char *path = NULL;
	wake_auto_free char *hook = NULL;
	struct wake_error failure = { 0 };
	int ret = wake_agent_settings_find(&path, &failure);

	if (ret == WAKE_OK)
		ret = wake_agent_settings_read(path, &patient.settings, &failure);
	if (ret == WAKE_OK)
		ret = wake_claude_settings_look(
		    patient.settings.text, patient.settings.len, &patient.wired, &failure);
	if (ret == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (ret < 0)
		return unreadable(paths, path, &failure, findings, err);
	if (!patient.wired.program)
		return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
		    "no hooks in the settings of Claude Code (" INSTALL " records its sessions)");
	if (wake_wire_claude_program(program, &hook, &failure) == WAKE_OK)
		patient.program = hook;
	return check_wired(&patient, err);
}
