/* SPDX-License-Identifier: MIT */
/* The service manager's notifications. */
#include "watcher/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scope.h"
#include "base/str.h"

#define MESSAGE_MAX 2048
#define WATCHDOG_LEAST 2000 /* microseconds; a shorter one is a mistake */

struct wake_notify {
	struct wake_loop *loop;
	int fd; /* -1: nobody to tell */
	struct sockaddr_un address;
	socklen_t address_len;
	int64_t beat; /* microseconds; 0: no watchdog */
	struct wake_timer timer;
};

static void tell(struct wake_notify *notify, const char *message)
{
	if (notify->fd >= 0)
		(void)sendto(notify->fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT,
		    (const struct sockaddr *)&notify->address, notify->address_len);
}

/* The line must not end early, or what follows would be an assignment of its own. */
static void tell_with_status(struct wake_notify *notify, const char *first, const char *status)
{
	wake_auto_str struct wake_str message = WAKE_STR(MESSAGE_MAX);

	wake_str_append(&message, first);
	wake_str_append(&message, "STATUS=");
	wake_str_append_bytes(&message, status, strcspn(status, "\n"));
	if (!message.failed)
		tell(notify, wake_str_text(&message));
}

void wake_notify_ready(struct wake_notify *notify, const char *status)
{
	tell_with_status(notify, "READY=1\n", status);
}

void wake_notify_status(struct wake_notify *notify, const char *status)
{
	tell_with_status(notify, "", status);
}

void wake_notify_reloading(struct wake_notify *notify)
{
	wake_auto_str struct wake_str message = WAKE_STR(MESSAGE_MAX);

	wake_str_appendf(&message, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)wake_clock_monotonic());
	tell(notify, wake_str_text(&message));
}

void wake_notify_stopping(struct wake_notify *notify)
{
	tell(notify, "STOPPING=1");
}

/* Where the timer cannot be set the manager ends us, which is what a watchdog is for. */
static void beat(void *context)
{
	struct wake_notify *notify = context;
	struct wake_error ignored;

	tell(notify, "WATCHDOG=1");
	(void)!wake_loop_timer_set(
	    notify->loop, &notify->timer, wake_clock_monotonic() + notify->beat, &ignored);
}

static int64_t watchdog_time(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char *end;
	long long usec;

	if (!time || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	errno = 0;
	usec = strtoll(time, &end, 10);
	return errno || *end || usec < WATCHDOG_LEAST ? 0 : usec;
}

/* False for what is no address: we then have nobody to tell. */
static bool read_address(struct wake_notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = name ? strlen(name) : 0;

	notify->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len < 2 || (name[0] != '/' && name[0] != '@') || len >= sizeof(notify->address.sun_path))
		return false;
	memcpy(notify->address.sun_path, name, len + 1);
	if (name[0] == '@')
		notify->address.sun_path[0] = '\0';
	/* An abstract name has no end but the address's. */
	notify->address_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/' ? 1 : 0));
	return true;
}

int wake_notify_new(struct wake_loop *loop, struct wake_notify **ret_notify, struct wake_error *err)
{
	struct wake_notify *notify = calloc(1, sizeof(*notify));
	int ret = WAKE_OK;

	if (!notify)
		return wake_fail_nomem(err);
	notify->loop = loop;
	notify->fd = -1;
	if (read_address(notify)) {
		notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (notify->fd < 0)
			ret = wake_fail_errno(err, "make a socket");
		notify->beat = watchdog_time() / 2;
	}
	if (ret == WAKE_OK && notify->beat > 0) {
		notify->timer = (struct wake_timer){ .rung = beat, .context = notify };
		ret = wake_loop_timer_set(loop, &notify->timer, wake_clock_monotonic() + notify->beat, err);
	}
	if (ret < 0) {
		wake_notify_free(notify);
		return ret;
	}
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
	*ret_notify = notify;
	return WAKE_OK;
}

void wake_notify_free(struct wake_notify *notify)
{
	if (!notify)
		return;
	wake_loop_timer_clear(notify->loop, &notify->timer);
	wake_scope_close(&notify->fd);
	free(notify);
}
