/* SPDX-License-Identifier: MIT */
/* The doctor's findings: what works, what is worth knowing, and what is broken with its mend. */
#ifndef WAKE_DOCTOR_H
#define WAKE_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/paths.h"
#include "base/str.h"
#include "event/worktree.h"

enum wake_finding_state { WAKE_FINDING_OK, WAKE_FINDING_NOTE, WAKE_FINDING_BROKEN };

struct wake_finding {
	enum wake_finding_state state;
	const char *topic; /* static: "git", "hooks", "spool", … */
	char *subject;     /* owned: the thing, mostly a path; may be "" */
	char *text;        /* owned: what is so */
	char *mend;        /* owned: what to do; "" where nothing is to be done */
};

struct wake_findings {
	struct wake_finding *items;
	size_t count, broken;
};

/* subject and mend: copied; NULL is "". */
int wake_findings_add(struct wake_findings *findings, enum wake_finding_state state, const char *topic,
    const char *subject, const char *mend, struct wake_error *err, const char *fmt, ...)
    WAKE_PRINTF(7, 8) WAKE_MUST_CHECK;
void wake_findings_release(struct wake_findings *findings);

void wake_findings_append(const struct wake_findings *findings, struct wake_str *out);
/* {"schema_version":1,"broken":N,"findings":[{"state","topic","subject","text","mend"}]}; owned; NULL: no
 * memory. */
json_t *wake_findings_json(const struct wake_findings *findings);

/* The programs, git, the settings and the state directory. (doctor_program.c) program: absolute path of
 * runwake. */
int wake_doctor_program(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err) WAKE_MUST_CHECK;
/* The spool and the store. (doctor_store.c) */
int wake_doctor_store(
    const struct wake_paths *paths, struct wake_findings *findings, struct wake_error *err) WAKE_MUST_CHECK;
/* One registered repository: its hooks as git reaches them from each worktree, markers and claims. Fires no
 * hook but ours. (doctor_repository.c) */
int wake_doctor_repository(const struct wake_paths *paths, const char *common_dir, const char *program,
    struct wake_findings *findings, struct wake_error *err) WAKE_MUST_CHECK;
/* The hooks that git runs in one worktree. (doctor_hooks.c) programs: NULL where they are not there. */
int wake_doctor_hooks(const struct wake_worktree *worktree, const char *programs,
    struct wake_findings *findings, struct wake_error *err) WAKE_MUST_CHECK;

/* The hooks in the settings of agents. (doctor_agents.c) program: as above. */
int wake_doctor_agents(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The watcher, as it tells of itself, and its service. (doctor_watcher.c) program: as above. */
int wake_doctor_watcher(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err) WAKE_MUST_CHECK;
/* What its answer to "status" says; the answer may be anything. */
int wake_doctor_watcher_status(
    const json_t *document, struct wake_findings *findings, struct wake_error *err) WAKE_MUST_CHECK;

/* The user service of the watcher. (doctor_service.c) */
struct wake_service {
	bool manager;	/* this user's systemd runs */
	bool installed;	/* the unit is where it looks */
	bool enabled;	/* with the default target */
	bool lingers;	/* this user's systemd goes on after logging out */
};
int wake_doctor_find_service(const struct wake_paths *paths, struct wake_service *ret_service,
    struct wake_error *err) WAKE_MUST_CHECK;
int wake_doctor_service(const struct wake_service *service, struct wake_findings *findings,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Runs at services elsewhere. (remote_list.c) */
int wake_doctor_remote(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_findings WAKE_CLEANUP(wake_findings_release)

/* The role in use, what waits to be folded or told; store: open, its schema up to date. */
struct wake_store;
int wake_doctor_team(struct wake_store *store, const char *url, struct wake_findings *findings,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
