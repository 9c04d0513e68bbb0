/* SPDX-License-Identifier: MIT */
/* What the service's files share. Inner to the module. */
#ifndef WAKE_SERVICE_PARTS_H
#define WAKE_SERVICE_PARTS_H

#include <jansson.h>

#include "watcher/control.h"
#include "watcher/inotify.h"
#include "watcher/keeper.h"
#include "watcher/notify.h"
#include "watcher/remote_keeper.h"
#include "watcher/service.h"
#include "watcher/watch.h"

struct wake_service {
	struct wake_service_spec spec;
	struct wake_loop *loop;
	struct wake_inotify *inotify;
	struct wake_watch *watch; /* NULL once stopping: its trees are given up first */
	struct wake_keeper *keeper;
	struct wake_remote_keeper *remote_keeper;
	struct wake_control *control;
	struct wake_notify *notify;
	char *program;			/* owned; runwake */
	char *remote_program;		/* owned; runwake-remote */
	int signals;			/* the signalfd; -1 */
	int64_t started_at, settings_at; /* wall clock */
	int64_t began;			/* monotonic */
	struct wake_timer progress;	/* set only until the first scan is over */
	int64_t shown_at;		/* monotonic; the latest line of progress */
	int64_t shown_found;		/* directories in it */
	bool was_ready, stopping;
};

/* service_status.c: the document that the socket gives and doctor reads. owned: json_decref. */
int wake_service_status(const struct wake_service *service, json_t **ret_document, struct wake_error *err)
    WAKE_MUST_CHECK;

/* service_progress.c: what is said of the first scan. */
void wake_service_begin_progress(struct wake_service *service);
void wake_service_end_progress(struct wake_service *service); /* ready, or stopping */
/* "watching 3 worktrees, 20123 directories": for people. */
void wake_service_describe(const struct wake_service *service, char *ret_text, size_t size);

#endif
