/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of the spool: the drain gets through, a good line behind them is applied, and no byte
 * that was not applied is lost. */
#include "event/spool.h"

#include <ftw.h>
#include <stdint.h>
#include <string.h>

#include "base/fs.h"
#include "event/spool_parts.h"

#define ID "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	bool good;
	size_t count;
};

static int apply(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct seen *seen = context;

	(void)err;
	for (size_t i = 0; i < batch->count; i++) {
		if (strcmp(batch->items[i].id, ID) == 0)
			seen->good = true;
		seen->count++;
	}
	return WAKE_OK;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int append_good(const char *spool, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };

	if (wake_event_make(WAKE_EVENT_GAP, ID, 1,
	        json_pack("{ss,ss}", "repository_id", ID, "reason", "fuzz"), &event, err) < 0 ||
	    wake_events_add(&events, &event, err) < 0)
		abort();
	return wake_spool_append(spool, &events, false, err);
}

/* Lines that are not empty, the last one also without its newline. */
static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += data[i] != '\n' && (i + 1 == size || data[i + 1] == '\n');
	return lines;
}

/* Equal lines are kept once, so quarantine may hold fewer than there were; none at all must have a reason.
 * The good line is one more. */
static void check(const char *spool, size_t lines)
{
	struct seen seen = { 0 };
	struct wake_spool_status status;
	struct wake_error err;
	size_t applied = 0;

	if (append_good(spool, &err) < 0 || wake_spool_drain(spool, apply, &seen, &applied, &err) < 0 ||
	    !seen.good || wake_spool_has_events(spool) || wake_spool_status(spool, &status, &err) < 0 ||
	    status.waiting_bytes > 0)
		abort();
	if (applied != seen.count || status.quarantined + seen.count > lines + 1 ||
	    (seen.count < lines + 1 && status.quarantined == 0))
		abort();
}

/* Behind a '!' each line gets a right checksum: otherwise hardly any would come past it. */
static void dress(const uint8_t *data, size_t size, struct wake_str *out)
{
	const char *at = (const char *)data, *end = at + size;

	if (size == 0 || *at != '!') {
		wake_str_append_bytes(out, data, size);
		return;
	}
	for (at++; at < end; at++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		wake_str_appendf(out, "%08x ", (unsigned)wake_spool_crc(at, len));
		wake_str_append_bytes(out, at, len);
		wake_str_append_char(out, '\n');
		at += len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* In memory where possible: what is set aside is synced. */
	wake_auto_str struct wake_str text = WAKE_STR(16 * 1024 * 1024);
	wake_auto_free char *spool = NULL, *path = NULL;
	struct wake_error err;

	dress(data, size, &text);
	if (wake_str_format(&spool, &err, "%s/runwake-fuzz-XXXXXX",
	        wake_fs_is_dir("/dev/shm") ? "/dev/shm" : "/tmp") < 0 ||
	    !mkdtemp(spool) || wake_spool_make_dirs(spool, &err) < 0 ||
	    wake_fs_join(spool, WAKE_SPOOL_CURRENT, &path, &err) < 0 ||
	    wake_fs_replace(path, wake_str_text(&text), text.len, 0600, WAKE_FS_PLAIN, &err) < 0)
		abort();
	check(spool, count_lines((const uint8_t *)wake_str_text(&text), text.len));
	(void)nftw(spool, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
