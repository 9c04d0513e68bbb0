/* SPDX-License-Identifier: MIT */
/* The watcher put together. */
#include "watcher/service.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "watcher/lock.h"
#include "watcher/service_parts.h"

/* ---- stopping ---- */

static void is_drained(void *context)
{
	wake_loop_stop(((struct wake_service *)context)->loop);
}

/* Nothing is watched any more once what is pending is told; what happens meanwhile the next watcher's first
 * scan finds. The socket goes first: whoever asks to stop now learns from the lock when we have. */
static void stop(void *context)
{
	struct wake_service *service = context;
	struct wake_error err;

	if (service->stopping)
		return;
	service->stopping = true;
	wake_notify_stopping(service->notify);
	wake_log_say(service->spec.log, "stopping");
	wake_control_free(service->control);
	service->control = NULL;
	wake_service_end_progress(service);
	if (wake_watch_flush(service->watch, &err) < 0)
		wake_log_say(service->spec.log, "%s", err.text);
	wake_watch_free(service->watch);
	service->watch = NULL;
	wake_remote_keeper_free(service->remote_keeper);
	service->remote_keeper = NULL;
	wake_keeper_drain(service->keeper);
}

/* Where the state directory was removed the lock went with it, and another watcher may run by now. */
static bool spool_was_lost(void *context)
{
	struct wake_service *service = context;

	if (wake_lock_is_ours(service->spec.dir, service->spec.lock))
		return true;
	wake_log_say(service->spec.log, "the state directory was removed");
	wake_loop_stop(service->loop);
	return false;
}

/* ---- signals ---- */

static void reload(struct wake_service *service)
{
	char text[256];

	if (service->stopping)
		return;
	wake_notify_reloading(service->notify);
	wake_watch_reload(service->watch);
	service->settings_at = wake_clock_now();
	wake_log_say(service->spec.log, "reading everything anew");
	wake_service_describe(service, text, sizeof(text));
	wake_notify_ready(service->notify, text);
}

static void got_signal(void *context, uint32_t events)
{
	struct wake_service *service = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(service->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(service);
		else
			stop(service);
	}
}

static int open_signals(struct wake_service *service, struct wake_error *err)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t ours;

	(void)sigemptyset(&ours);
	for (size_t i = 0; i < WAKE_COUNT(numbers); i++) {
		(void)sigaddset(&ours, numbers[i]);
		/* nohup(1) and shells' background jobs ignore some, and what is ignored is never read either.
		 */
		(void)signal(numbers[i], SIG_DFL);
	}
	if (sigprocmask(SIG_BLOCK, &ours, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return wake_fail_errno(err, "block signals");
	service->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	if (service->signals < 0)
		return wake_fail_errno(err, "listen for signals");
	return wake_loop_watch(service->loop, service->signals, EPOLLIN, got_signal, service, err);
}

/* ---- beginning ---- */

static int status(void *context, json_t **ret_document, struct wake_error *err)
{
	return wake_service_status(context, ret_document, err);
}

/* runwake lies beside us, runwake-remote in PREFIX/libexec/runwake. */
static int find_programs(struct wake_service *service, struct wake_error *err)
{
	wake_auto_free char *self = NULL;
	int ret = wake_fs_resolve("/proc/self/exe", &self, err);

	if (ret < 0)
		return ret;
	*strrchr(self, '/') = '\0';
	ret = wake_fs_join(self, "runwake", &service->program, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(self, "../libexec/runwake/runwake-remote", &service->remote_program, err);
	return ret;
}

static int open_keeper(struct wake_service *service, struct wake_error *err)
{
	const struct wake_keeper_spec spec = { .paths = service->spec.paths,
		.program = service->program,
		.log = service->spec.log,
		.lost = spool_was_lost,
		.drained = is_drained,
		.context = service };

	return wake_keeper_new(service->loop, &spec, &service->keeper, err);
}

static int open_remote_keeper(struct wake_service *service, struct wake_error *err)
{
	const struct wake_remote_keeper_spec spec = { .paths = service->spec.paths,
		.program = service->remote_program,
		.log = service->spec.log };

	return wake_remote_keeper_new(service->loop, &spec, &service->remote_keeper, err);
}

static int open_control(struct wake_service *service, struct wake_error *err)
{
	const struct wake_control_owner owner = { .status = status, .stop = stop, .context = service };

	return wake_control_new(service->loop, service->spec.dir, &owner, &service->control, err);
}

static int begin(struct wake_service *service, struct wake_error *err)
{
	int ret = find_programs(service, err);

	if (ret == WAKE_OK)
		ret = wake_lock_sign(service->spec.lock, err);
	if (ret == WAKE_OK)
		ret = wake_loop_new(&service->loop, err);
	if (ret == WAKE_OK)
		ret = open_signals(service, err);
	if (ret == WAKE_OK)
		ret = wake_notify_new(service->loop, &service->notify, err);
	if (ret == WAKE_OK)
		ret = wake_inotify_new(service->loop, &service->inotify, err);
	if (ret == WAKE_OK)
		ret = open_keeper(service, err);
	if (ret == WAKE_OK)
		ret = open_remote_keeper(service, err);
	if (ret == WAKE_OK)
		ret = wake_watch_new(
		    service->loop, service->inotify, service->spec.paths, &service->watch, err);
	return ret == WAKE_OK ? open_control(service, err) : ret;
}

static void service_release(struct wake_service *service)
{
	wake_control_free(service->control);
	wake_watch_free(service->watch);
	wake_remote_keeper_free(service->remote_keeper);
	wake_keeper_free(service->keeper);
	wake_inotify_free(service->inotify);
	wake_notify_free(service->notify);
	if (service->signals >= 0) {
		wake_loop_unwatch(service->loop, service->signals);
		(void)close(service->signals);
	}
	wake_loop_free(service->loop);
	free(service->program);
	free(service->remote_program);
}

int wake_service_run(const struct wake_service_spec *spec, struct wake_error *err)
{
	WAKE_CLEANUP(service_release)
	struct wake_service service = { .spec = *spec,
		.signals = -1,
		.started_at = wake_clock_now(),
		.settings_at = wake_clock_now(),
		.began = wake_clock_monotonic() };
	int ret = begin(&service, err);

	if (ret < 0)
		return ret;
	wake_log_say(spec->log, "version " RUNWAKE_VERSION ", process %ld", (long)getpid());
	wake_service_begin_progress(&service);
	wake_notify_ready(service.notify, "first scan");
	if (spec->stands)
		spec->stands(spec->context);
	return wake_loop_run(service.loop, err);
}
