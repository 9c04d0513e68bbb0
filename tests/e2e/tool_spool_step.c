/* SPDX-License-Identifier: MIT */
/* One append or one drain, small enough to be killed at each of its system calls.
 *
 *	tool_spool_step append SPOOL ID ACK [durable]	makes the file ACK as soon as append has accepted
 *event ID tool_spool_step drain SPOOL STORE		records the ids, one a line, each once, in the file
 *STORE
 *
 * Exit code: 0 done, 1 refused (append) or stopped (drain), 2 anything else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "event/spool.h"

#define STORE_MAX ((size_t)1024 * 1024)

static int fail(const struct wake_error *err, int code)
{
	(void)dprintf(STDERR_FILENO, "tool_spool_step: %s\n", err->text);
	return code;
}

static int append(const char *spool, const char *id, const char *ack, bool durable)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_close int fd = -1;
	struct wake_event event = { 0 };
	struct wake_error err = { 0 };
	json_t *data = json_pack("{ss,ss}", "repository_id", id, "reason", "step");

	if (wake_event_make(WAKE_EVENT_GAP, id, 0, data, &event, &err) < 0 ||
	    wake_events_add(&events, &event, &err) < 0)
		return fail(&err, 2);
	if (wake_spool_append(spool, &events, durable, &err) < 0)
		return fail(&err, 1);
	fd = open(ack, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd >= 0 ? 0 : 2;
}

/* The ids that are not in the store yet, in one write: a kill leaves all of them or none. */
static int record(void *context, struct wake_events *batch, struct wake_error *err)
{
	wake_auto_close int fd = open(context, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	wake_auto_str struct wake_str lines = WAKE_STR(STORE_MAX);
	wake_auto_free char *stored = NULL;
	struct stat st;
	size_t len;

	if (fd < 0 || fstat(fd, &st) < 0 || wake_fs_read(context, STORE_MAX, 0, &stored, &len, err) < 0)
		return wake_fail(err, WAKE_UNAVAILABLE, "the store cannot be opened");
	for (size_t i = 0; i < batch->count; i++) {
		if (!strstr(stored, batch->items[i].id) && !strstr(wake_str_text(&lines), batch->items[i].id))
			wake_str_appendf(&lines, "%s\n", batch->items[i].id);
	}
	if (lines.len == 0)
		return WAKE_OK;
	if (write(fd, lines.data, lines.len) == (ssize_t)lines.len && fsync(fd) == 0)
		return WAKE_OK;
	(void)!ftruncate(fd, st.st_size);
	return wake_fail(err, WAKE_UNAVAILABLE, "the store cannot be written");
}

static int drain(const char *spool, char *store)
{
	wake_auto_close int lock = -1;
	struct wake_error err = { 0 };

	if (wake_spool_lock(spool, true, &lock, &err) < 0 ||
	    wake_spool_drain(spool, record, store, NULL, &err) < 0)
		return fail(&err, 1);
	return 0;
}

int main(int argc, char **argv)
{
	if ((argc == 5 || (argc == 6 && strcmp(argv[5], "durable") == 0)) && strcmp(argv[1], "append") == 0)
		return append(argv[2], argv[3], argv[4], argc == 6);
	if (argc == 4 && strcmp(argv[1], "drain") == 0)
		return drain(argv[2], argv[3]);
	(void)dprintf(
	    STDERR_FILENO, "usage: tool_spool_step append SPOOL ID ACK [durable] | drain SPOOL STORE\n");
	return 2;
}
