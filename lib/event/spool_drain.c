/* SPDX-License-Identifier: MIT */
/* Draining the spool: take the files away from the writers by rename, then apply each. */
#include "event/spool_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define FILES_MAX 100000    /* files applied in one drain; the rest is there for the next */
#define DRAFT_AGE (60 * 60) /* seconds after which a file in tmp/ is a killed writer's */

struct drain {
	const char *spool;
	wake_spool_apply apply;
	void *context;
	size_t applied;
	int64_t deadline; /* for writers that hold a file we took: they are done in microseconds */
	int failed;       /* the first failure that did not stop the drain */
	struct wake_error first;
};

/* Fails only with what must stop the drain: the store cannot take anything now. Any other failure is one file's: the
 * next ones do not wait for it. */
static int apply_file(struct drain *drain, const char *name, struct wake_error *err)
{
	struct wake_error own = { 0 };
	int ret = wake_spool_apply_file(
	    drain->spool, name, drain->deadline, drain->apply, drain->context, &drain->applied, &own);

	if (ret == WAKE_UNAVAILABLE || ret == WAKE_BUSY || ret == WAKE_CORRUPT || ret == WAKE_REFUSED) {
		*err = own;
		return ret;
	}
	if (ret < 0 && drain->failed == WAKE_OK) {
		drain->failed = ret;
		drain->first = own;
	}
	return WAKE_OK;
}

/* Takes SPOOL/in/name away from the writers. ret_name: its name in work/; "" if there was nothing in it. */
static int take_file(const char *spool, const char *name, char ret_name[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_free char *from = NULL;
	wake_auto_free char *to = NULL;
	struct stat st;
	int ret = wake_str_format(&from, err, "%s/in/%s", spool, name);

	wake_id_v7(ret_name);
	if (ret == WAKE_OK)
		ret = wake_str_format(&to, err, "%s/work/%s", spool, ret_name);
	if (ret < 0)
		return ret;
	if (lstat(from, &st) < 0)
		ret_name[0] = '\0';
	else if (S_ISREG(st.st_mode) && st.st_size == 0) /* its writer is about to write: let it */
		ret_name[0] = '\0';
	else if (rename(from, to) < 0)
		return wake_fail_errno(err, "rename '%s'", from);
	return WAKE_OK;
}

static int drain_leftovers(struct drain *drain, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_spool_names(drain->spool, "work", FILES_MAX, &names, err);

	for (size_t i = 0; i < names.count && ret == WAKE_OK; i++)
		ret = apply_file(drain, names.items[i], err);
	return ret;
}

static int drain_incoming(struct drain *drain, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_spool_names(drain->spool, "in", FILES_MAX, &names, err);

	for (size_t i = 0; i < names.count && ret == WAKE_OK; i++) {
		char name[WAKE_ID_SIZE] = "";

		ret = take_file(drain->spool, names.items[i], name, err);
		if (ret == WAKE_OK && name[0])
			ret = apply_file(drain, name, err);
	}
	return ret;
}

/* A writer that was killed before its rename has accepted nothing; its draft is of no use to anybody. */
static void sweep(const char *spool, const char *name, bool hidden_only)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int64_t now = wake_clock_now() / WAKE_SECOND;
	struct wake_error ignored;

	if (wake_spool_names(spool, name, FILES_MAX, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *path = NULL;
		struct stat st;

		if (hidden_only && names.items[i][0] != '.')
			continue;
		if (wake_str_format(&path, &ignored, "%s/%s/%s", spool, name, names.items[i]) == WAKE_OK &&
		    lstat(path, &st) == 0 && now - st.st_mtime > DRAFT_AGE)
			(void)unlink(path);
	}
}

int wake_spool_drain(
    const char *spool, wake_spool_apply apply, void *context, size_t *ret_applied, struct wake_error *err)
{
	struct drain drain = {
		.spool = spool,
		.apply = apply,
		.context = context,
		.deadline = wake_clock_monotonic() + WAKE_SPOOL_LOCK_WAIT,
	};
	int ret;

	ret = wake_spool_make_dirs(spool, err);
	if (ret == WAKE_OK)
		ret = wake_spool_readmit(spool, err);
	if (ret == WAKE_OK)
		ret = drain_leftovers(&drain, err);
	if (ret == WAKE_OK)
		ret = drain_incoming(&drain, err);
	if (ret < 0)
		return ret;
	sweep(spool, "tmp", false);
	sweep(spool, "quarantine", true);
	if (drain.failed < 0) {
		*err = drain.first;
		return drain.failed;
	}
	if (ret_applied)
		*ret_applied = drain.applied;
	return WAKE_OK;
}
