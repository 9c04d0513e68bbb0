/* SPDX-License-Identifier: MIT */
/* The doctor on what was recorded: the spool and the store. Makes and migrates nothing. */
#include <inttypes.h>
#include <string.h>

#include "base/fs.h"
#include "cli/doctor.h"
#include "event/spool.h"
#include "store/additions.h"
#include "store/beside.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/record.h"
#include "store/rights.h"

#define FILE_SCHEME "sqlite:"

static int check_spool(const struct wake_paths *paths, struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_free char *quarantine = NULL;
	struct wake_spool_status status = { 0 };
	struct wake_error failure = { 0 };
	int ret;

	if (!wake_fs_is_dir(paths->spool))
		return WAKE_OK;
	if (wake_spool_status(paths->spool, &status, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "spool", paths->spool,
		    "make it readable and writable for you alone (chmod -R u+rwX)", err, "%s", failure.text);
	ret = wake_fs_join(paths->spool, "quarantine", &quarantine, err);
	if (ret == WAKE_OK && status.quarantined > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, "spool", quarantine,
		    "look at the lines there; remove the files when they are not needed any more", err,
		    "%" PRIu64 " events were set aside, the latest one because: %s", status.quarantined,
		    status.quarantine_reason);
	if (ret < 0)
		return ret;
	if (status.waiting_files > 0 && wake_spool_is_drained_now(paths->spool))
		return wake_findings_add(findings, WAKE_FINDING_OK, "spool", paths->spool, NULL, err,
		    "%" PRIu64 " bytes wait, and a recorder is at work", status.waiting_bytes);
	if (status.waiting_files > 0)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, "spool", paths->spool, "runwake record",
		    err, "%" PRIu64 " bytes in %" PRIu64 " files wait to be recorded", status.waiting_bytes,
		    status.waiting_files);
	return wake_findings_add(
	    findings, WAKE_FINDING_OK, "spool", paths->spool, NULL, err, "nothing waits");
}

/* What the recorder that tried last says, if it has failed since. */
static int repeat_failure(const struct wake_paths *paths, struct wake_error *failure)
{
	wake_auto_free char *text = NULL;

	if (wake_spool_read_failure(paths->spool, &text, failure) < 0 || !text)
		return WAKE_OK;
	return wake_fail(failure, WAKE_UNAVAILABLE, "the latest recording failed: %s", text);
}

/* Whether it can be written is asked only where something waits: it takes the recorders' lock for a moment. */
static int find_why_it_waits(const struct wake_paths *paths, struct wake_store *store, struct wake_error *failure)
{
	struct wake_spool_status status = { 0 };
	int ret = wake_spool_status(paths->spool, &status, failure);

	if (ret < 0 || status.waiting_files == 0 || wake_spool_is_drained_now(paths->spool))
		return WAKE_OK;
	ret = wake_store_begin(store, failure);
	if (ret == WAKE_OK)
		ret = wake_beside_try(store, failure);
	wake_store_rollback(store);
	return ret == WAKE_OK || ret == WAKE_BUSY ? repeat_failure(paths, failure) : ret;
}

static int add_problem(void *context, const char *problem, const char *mend, struct wake_error *err)
{
	return wake_findings_add(context, WAKE_FINDING_BROKEN, "store", NULL, mend, err, "%s", problem);
}

static int add_addition(
    void *context, const struct wake_addition *addition, struct wake_error *err)
{
	return wake_findings_add(context, addition->is_certain ? WAKE_FINDING_BROKEN : WAKE_FINDING_NOTE, "store", NULL,
	    addition->mend, err, "%s", addition->problem);
}

/* Where the store does not even tell that, what is wrong with it is found by what comes then. */
static struct wake_rights rights_in_use(struct wake_store *store)
{
	struct wake_rights rights = { 0 };
	struct wake_error ignored;

	if (wake_rights_read(store, &rights, &ignored) < 0)
		rights = (struct wake_rights){ .role = WAKE_ROLE_FULL };
	return rights;
}

static int check_schema(const struct wake_paths *paths, const char *url, struct wake_store *store,
    struct wake_findings *findings, struct wake_error *err)
{
	struct wake_migration_status status = { 0 };
	size_t broken = findings->broken;
	struct wake_error failure = { 0 };
	struct wake_rights rights = rights_in_use(store);
	int64_t bytes = 0, unused = 0, purged = 0;
	int ret;

	/* A role that may not read may not even be asked which migrations there are. */
	if (rights.role == WAKE_ROLE_NONE || rights.role == WAKE_ROLE_MACHINE)
		return wake_doctor_team(store, url, findings, err);

	if (wake_migrate_status(store, &status, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "store", url, "runwake db status",
		    err, "%s", failure.text);
	/* Who is only to read need not be told of each right to write. Memory that is out is no finding; what the
	 * server does not tell is the store's next one. */
	if (!(rights.role == WAKE_ROLE_READER && rights.lacks_own) &&
	    wake_beside_check(store, add_problem, findings, &failure) == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (rights.role == WAKE_ROLE_FULL &&
	    wake_additions_check(store, add_addition, findings, &failure) == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (status.pending > 0)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, "store", url, "runwake db migrate", err,
		    "%zu migration%s to be applied", status.pending, status.pending == 1 ? " waits" : "s wait");
	if (findings->broken > broken)
		return WAKE_OK;
	if (wake_store_check_all(store, &failure) < 0 ||
	    wake_store_sizes(store, &bytes, &unused, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "store", url,
		    "bring back a copy of it (runwake db backup makes them)", err, "%s", failure.text);
	if (rights.role == WAKE_ROLE_FULL && find_why_it_waits(paths, store, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "store", url,
		    "until it takes writes again, what happens waits in the spool and is not lost", err, "%s",
		    failure.text);
	ret = wake_findings_add(findings, WAKE_FINDING_OK, "store", url, NULL, err,
	    "%s, %" PRId64 " bytes, migrated to %s", wake_store_driver(store), bytes, status.latest);
	if (ret == WAKE_OK && wake_query_purged(store, &purged, &failure) == WAKE_OK && purged > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_OK, "store", url, NULL, err,
		    "%" PRId64 " run%s purged: what was said in %s is forgotten", purged,
		    purged == 1 ? " is" : "s are", purged == 1 ? "it" : "them");
	return ret == WAKE_OK ? wake_doctor_team(store, url, findings, err) : ret;
}

static int check_store(const struct wake_paths *paths, struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_free char *url = NULL;
	struct wake_error failure = { 0 };
	bool is_file;

	if (wake_store_locate(paths, &url, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "store", NULL,
		    "correct RUNWAKE_STORE or the setting runwake.store", err, "%s", failure.text);
	is_file = strncmp(url, FILE_SCHEME, strlen(FILE_SCHEME)) == 0;
	if (is_file && access(url + strlen(FILE_SCHEME), F_OK) < 0 && errno == ENOENT)
		return wake_findings_add(findings, WAKE_FINDING_OK, "store", url, NULL, err,
		    "is not there yet: it comes with the first record");
	if (wake_store_open(url, &store, &failure) < 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, "store", url,
		    "until it answers again, what happens waits in the spool and is not lost", err, "%s",
		    failure.text);
	return check_schema(paths, url, store, findings, err);
}

int wake_doctor_store(const struct wake_paths *paths, struct wake_findings *findings, struct wake_error *err)
{
	int ret = check_spool(paths, findings, err);

	return ret < 0 ? ret : check_store(paths, findings, err);
}
