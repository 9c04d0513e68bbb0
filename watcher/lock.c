/* SPDX-License-Identifier: MIT */
/* The watcher's lock, and taking over. */
#include "watcher/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/process.h"
#include "watcher/control.h"

#define NAME "lock"
#define TEXT_MAX 128                /* bytes of the file */
#define PATIENCE (30 * WAKE_SECOND) /* an old one may still have to record what is pending */
#define ANSWER_WAIT (2 * WAKE_SECOND)
#define AFTER_SIGNAL (25 * WAKE_SECOND)
#define LOOK_EVERY 10         /* milliseconds */
#define DESCRIPTORS_MAX 65536 /* of the holder, looked through */

static bool is_same_file(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

int wake_lock_take(const char *dir, int *ret_fd, struct wake_error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	int ret = wake_fs_make_dirs(dir, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, NAME, &path, err);
	if (ret < 0)
		return ret;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return wake_fail_errno(err, "lock '%s'", path);
		return wake_fail(err, WAKE_BUSY, "another watcher holds '%s'", path);
	}
	if (!is_same_file(fd, path)) /* removed in between; whoever tries again finds the new one */
		return wake_fail(err, WAKE_BUSY, "'%s' was just replaced", path);
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

int wake_lock_sign(int fd, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(TEXT_MAX);
	uint64_t start = 0;
	int ret = wake_process_start_time(getpid(), &start, err);

	if (ret < 0)
		return ret;
	wake_str_appendf(&text, "%ld %llu\n", (long)getpid(), (unsigned long long)start);
	ret = wake_str_check(&text, err);
	if (ret < 0)
		return ret;
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text.data, text.len, 0) != (ssize_t)text.len)
		return wake_fail_errno(err, "write the watcher's lock");
	return WAKE_OK;
}

bool wake_lock_is_ours(const char *dir, int fd)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	return wake_fs_join(dir, NAME, &path, &ignored) == WAKE_OK && is_same_file(fd, path);
}

/* ---- one that does not answer ---- */

static bool read_signature(const char *path, pid_t *ret_pid, uint64_t *ret_start)
{
	wake_auto_free char *text = NULL;
	struct wake_error ignored;
	char *end;
	long pid;
	size_t len;

	if (wake_fs_read(path, TEXT_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, &text, &len, &ignored) < 0)
		return false;
	pid = strtol(text, &end, 10);
	if (pid <= 1 || pid > INT32_MAX || *end != ' ')
		return false;
	*ret_pid = (pid_t)pid;
	*ret_start = strtoull(end + 1, &end, 10);
	return *end == '\n';
}

/* Whoever has the very lock file open, is ours and began when the file says it did, is a watcher. */
static bool has_open(pid_t pid, const char *path)
{
	wake_auto_free char *dir = NULL;
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error ignored;
	struct stat lock, open_one;

	if (stat(path, &lock) < 0 || wake_str_format(&dir, &ignored, "/proc/%ld/fd", (long)pid) < 0 ||
	    wake_fs_list(dir, DESCRIPTORS_MAX, &names, &ignored) < 0)
		return false;
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *fd = NULL;

		if (wake_fs_join(dir, names.items[i], &fd, &ignored) == WAKE_OK && stat(fd, &open_one) == 0 &&
		    open_one.st_ino == lock.st_ino && open_one.st_dev == lock.st_dev)
			return true;
	}
	return false;
}

/* The pidfd comes first: what is found out after is about the process that gets the signal. */
bool wake_lock_signal_holder(const char *dir)
{
	wake_auto_free char *path = NULL;
	wake_auto_close int pidfd = -1;
	struct wake_error ignored;
	uint64_t signed_start, start;
	pid_t pid;

	if (wake_fs_join(dir, NAME, &path, &ignored) < 0 || !read_signature(path, &pid, &signed_start))
		return false;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0 || pid == getpid())
		return false;
	if (wake_process_start_time(pid, &start, &ignored) < 0 || start != signed_start ||
	    !has_open(pid, path))
		return false;
	return syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0) == 0;
}

/* ---- taking over ---- */

static int fail_stays(const char *dir, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;
	uint64_t start;
	pid_t pid;

	if (wake_fs_join(dir, NAME, &path, &ignored) == WAKE_OK && read_signature(path, &pid, &start))
		return wake_fail(err, WAKE_BUSY,
		    "the watcher that runs, process %ld, does not end: end it with kill -9 %ld", (long)pid,
		    (long)pid);
	return wake_fail(err, WAKE_BUSY, "the watcher that runs does not end (it holds '%s/" NAME "')", dir);
}

int wake_lock_take_over(const char *dir, int *ret_fd, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + PATIENCE;
	bool asked = false, signalled = false;

	for (;;) {
		wake_auto_free char *answer = NULL;
		int ret = wake_lock_take(dir, ret_fd, err);

		if (ret != WAKE_BUSY)
			return ret;
		if (!asked)
			asked = wake_control_ask(dir, "stop", ANSWER_WAIT, &answer, err) == WAKE_OK;
		if (wake_clock_monotonic() > deadline) {
			if (signalled || !wake_lock_signal_holder(dir))
				return fail_stays(dir, err);
			signalled = true;
			deadline = wake_clock_monotonic() + AFTER_SIGNAL;
		}
		(void)poll(NULL, 0, LOOK_EVERY);
	}
}
