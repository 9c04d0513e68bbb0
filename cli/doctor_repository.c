/* SPDX-License-Identifier: MIT */
/* The doctor on one repository: what git reaches from each worktree, markers, claims. */
#include <string.h>

#include "base/fs.h"
#include "event/active.h"
#include "cli/doctor.h"
#include "cli/wiring.h"
#include "event/claim.h"
#include "event/marker.h"
#include "event/registry.h"

static int check_marker(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_findings *findings, struct wake_error *err)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	wake_auto_active struct wake_active active = { 0 };
	struct wake_error failure = { 0 };
	int ret;

	if (!worktree->root)
		return WAKE_OK;
	ret = wake_marker_read(worktree->root, &marker, &failure);
	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "marker", worktree->root,
		    "remove the file " WAKE_MARKER_NAME " there, or start the run again", err, "%s",
		    failure.text);
	if (wake_active_read(paths, marker.run_id, &active, &failure) == WAKE_NOTFOUND)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, "marker", worktree->root,
		    "remove the file " WAKE_MARKER_NAME " there if the run has ended", err,
		    "names run %s, which was not started on this machine or has ended", marker.run_id);
	return WAKE_OK;
}

static int check_claim(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_active struct wake_active active = { 0 };
	wake_auto_free char *mend = NULL;
	struct wake_claim claim = { 0 };
	struct wake_error failure = { 0 };
	const char *home = worktree->root ? worktree->root : worktree->git_dir;
	int ret = wake_claim_read(worktree, &claim, &failure);

	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "claim", home,
		    "remove the file runwake/claim in its git directory", err, "%s", failure.text);
	if (wake_active_read(paths, claim.run_id, &active, &failure) != WAKE_NOTFOUND)
		return WAKE_OK;
	ret = wake_str_format(&mend, err,
	    "runwake finish %s --status killed, or start the next run with --replace", claim.run_id);
	if (ret < 0)
		return ret;
	return wake_findings_add(findings, WAKE_FINDING_BROKEN, "claim", home, mend, err,
	    "is held by run %s, which is not active any more", claim.run_id);
}

/* A linked worktree that was deleted by hand is git's to prune; its log lives on until then. */
static int check_worktree(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const char *programs, struct wake_findings *findings, struct wake_error *err)
{
	const char *home = worktree->root ? worktree->root : worktree->git_dir;
	int ret;

	if (!wake_fs_is_dir(home))
		return wake_findings_add(findings, WAKE_FINDING_NOTE, "worktree", home, "git worktree prune",
		    err, "its directory is gone");
	ret = wake_doctor_hooks(worktree, programs, findings, err);
	if (ret == WAKE_OK)
		ret = check_marker(paths, worktree, findings, err);
	return ret < 0 ? ret : check_claim(paths, worktree, findings, err);
}

/* Reftables keep the logs inside of them, where we do not read: nothing of such a repository is recorded. */
static int check_refs(
    const struct wake_worktree *worktree, struct wake_findings *findings, struct wake_error *err)
{
	struct wake_error failure = { 0 };

	if (wake_worktree_head(worktree, NULL, NULL, &failure) != WAKE_UNAVAILABLE)
		return WAKE_OK;
	return wake_findings_add(findings, WAKE_FINDING_BROKEN, "refs", worktree->common_dir,
	    "git refs migrate --ref-format=files", err,
	    "are kept as reftables, whose logs Runwake does not read: nothing is recorded here");
}

int wake_doctor_repository(const struct wake_paths *paths, const char *common_dir, const char *program,
    struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	wake_auto_free char *programs = NULL;
	struct wake_error failure = { 0 };
	int ret = WAKE_OK;

	if (!wake_fs_is_dir(common_dir))
		return wake_findings_add(findings, WAKE_FINDING_NOTE, "worktree", common_dir, NULL, err,
		    "the repository is gone; what was recorded of it stays");
	if (wake_worktree_list(common_dir, &worktrees, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "worktree", common_dir,
		    "make the repository readable for you", err, "%s", failure.text);
	if (worktrees.count > 0 && !wake_registry_has(&worktrees.items[0]))
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "worktree", common_dir,
		    "runwake install there", err, "is not recorded");
	/* Their absence has a finding of its own. */
	if (wake_wiring_programs(program, &programs, &failure) < 0)
		programs = NULL;
	if (worktrees.count > 0)
		ret = check_refs(&worktrees.items[0], findings, err);
	for (size_t i = 0; ret == WAKE_OK && i < worktrees.count; i++)
		ret = check_worktree(paths, &worktrees.items[i], programs, findings, err);
	return ret;
}
