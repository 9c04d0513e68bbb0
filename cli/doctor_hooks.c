/* SPDX-License-Identifier: MIT */
/* The doctor on the hooks of one worktree: fires those that are ours, by git, with a word to say again.
 * Somebody else's hook is never fired: it would do its work. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/id.h"
#include "cli/doctor.h"
#include "cli/wiring.h"
#include "cli/wiring_slot.h"
#include "hooks/contract.h"

#define FAILED_EXIT 129 /* git before 2.36 knows no `git hook` and shows its usage */

struct patient {
	const struct wake_worktree *worktree;
	const char *home; /* where git runs hooks */
	const char *programs;
	struct wake_findings *findings;
	size_t answered;
};

static int report(
    struct patient *patient, const char *path, const char *mend, struct wake_error *err, const char *what)
{
	return wake_findings_add(
	    patient->findings, WAKE_FINDING_BROKEN, "hooks", patient->home, mend, err, "%s %s", path, what);
}

/* Fires one by git, from where git runs it. The answer must name the hook and this very question. */
static int fire(struct patient *patient, const struct wake_slot *slot, struct wake_error *err)
{
	const char *const args[] = { "hook", "run", "--ignore-missing", slot->name, NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error failure = { 0 };
	char word[WAKE_ID_SIZE], set[sizeof(WAKE_HOOK_PROBE) + WAKE_ID_SIZE], answer[128];

	wake_id_v7(word);
	(void)snprintf(set, sizeof(set), "%s=%s", WAKE_HOOK_PROBE, word);
	(void)snprintf(answer, sizeof(answer), "%s %s %s ", WAKE_HOOK_PROBE_ANSWER, slot->name, word);
	if (wake_wiring_git(patient->home, args, set, &result, &failure) < 0)
		return report(patient, slot->path, NULL, err, failure.text);
	if (strstr(wake_str_text(&result.errors), answer)) {
		patient->answered++;
		return WAKE_OK;
	}
	if (result.exit_code == FAILED_EXIT) {
		patient->answered++; /* the git version's finding says that it is only looked at */
		return WAKE_OK;
	}
	return wake_findings_add(patient->findings, WAKE_FINDING_BROKEN, "hooks", patient->home,
	    "install again (runwake install), and if that does not help, look at what git said", err,
	    "%s does not answer when git runs it; git said: %.500s", slot->path,
	    wake_str_text(&result.errors));
}

static int check_program(struct patient *patient, const struct wake_slot *slot, struct wake_error *err)
{
	wake_auto_free char *program = NULL;
	int ret;

	if (!slot->program || access(slot->program, X_OK) < 0)
		return report(
		    patient, slot->path, "runwake install", err, "runs a program that is not there any more");
	if (patient->programs) {
		ret = wake_fs_join(patient->programs, slot->name, &program, err);
		if (ret < 0)
			return ret;
		if (strcmp(program, slot->program) != 0) {
			ret = wake_findings_add(patient->findings, WAKE_FINDING_NOTE, "hooks", patient->home,
			    "runwake install, if this installation is to be used", err,
			    "%s runs another installation: %s", slot->path, slot->program);
			if (ret < 0)
				return ret;
		}
	}
	return fire(patient, slot, err);
}

static int check_slot(
    struct patient *patient, const char *directory, const char *name, struct wake_error *err)
{
	wake_auto_slot struct wake_slot slot = { 0 };
	int ret = wake_slot_look(directory, name, &slot, err);

	if (ret < 0)
		return ret;
	switch (slot.state) {
	case WAKE_SLOT_LINK:
	case WAKE_SLOT_SHIM:
		return check_program(patient, &slot, err);
	case WAKE_SLOT_EMPTY:
		return report(patient, slot.path, "runwake install", err, "is not there");
	case WAKE_SLOT_CHANGED:
		return report(patient, slot.path, "move it away, then runwake install", err,
		    "is a Runwake shim that was changed since");
	case WAKE_SLOT_FOREIGN:
		return report(patient, slot.path, "runwake install, which runs it after ours", err,
		    slot.has_chained ? "is not ours any more: something has overwritten it" : "is not ours");
	case WAKE_SLOT_ODD:
		break;
	}
	return report(patient, slot.path, "move it away, then runwake install", err, "is no file");
}

/* core.hooksPath names our programs themselves. */
static int check_own_program(struct patient *patient, const char *name, struct wake_error *err)
{
	wake_auto_slot struct wake_slot slot = { .name = name };
	int ret = wake_fs_join(patient->programs, name, &slot.path, err);

	return ret < 0 ? ret : fire(patient, &slot, err);
}

static int check_place(struct patient *patient, const struct wake_hooks_place *place, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (place->problem[0])
		return wake_findings_add(patient->findings, WAKE_FINDING_BROKEN, "hooks", patient->home, NULL,
		    err, "%s: %s", place->directory, place->problem);
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_WIRING_HOOKS; i++) {
		if (place->place == WAKE_PLACE_PROGRAMS)
			ret = check_own_program(patient, wake_wiring_names[i], err);
		else
			ret = check_slot(patient, place->directory, wake_wiring_names[i], err);
	}
	if (ret < 0 || patient->answered == 0)
		return ret;
	return wake_findings_add(patient->findings, WAKE_FINDING_OK, "hooks", patient->home, NULL, err,
	    "%zu of %d answer when git runs them", patient->answered, WAKE_WIRING_HOOKS);
}

int wake_doctor_hooks(const struct wake_worktree *worktree, const char *programs,
    struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_place struct wake_hooks_place place = { 0 };
	struct wake_error failure = { 0 };
	struct patient patient = {
		.worktree = worktree,
		.home = worktree->root ? worktree->root : worktree->git_dir,
		.programs = programs,
		.findings = findings,
	};

	/* A shared directory that was wired with --shared is as good as any: its hooks answer. */
	if (wake_wiring_place(worktree, programs, true, &place, &failure) < 0)
		return report(&patient, "", NULL, err, failure.text);
	return check_place(&patient, &place, err);
}
