/* SPDX-License-Identifier: MIT */
/* How far each session was read: STATE/transcripts/ID, a small JSON object. Losing them costs reading
 * again, and nothing else: what is told twice is told under the same ids. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/import.h"

#define CURSOR_MAX ((size_t)16 * 1024) /* bytes of a cursor */
#define CURSORS_MAX 1000000
#define TAIL ((size_t)256) /* bytes before the end that must still be there */

static int path_of(const struct wake_paths *paths, const char *file, char **ret_path, struct wake_error *err)
{
	char id[WAKE_ID_SIZE];

	wake_id_v5(file, strlen(file), id);
	return wake_str_format(ret_path, err, "%s/transcripts/%s", paths->state, id);
}

/* What stands before a place of a file, as an id; "" where it cannot be read. */
static void tail_of(const char *path, int64_t end, char ret_tail[WAKE_ID_SIZE])
{
	wake_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t len = end < (int64_t)TAIL ? (size_t)end : TAIL;
	char bytes[TAIL];

	ret_tail[0] = '\0';
	if (fd >= 0 && pread(fd, bytes, len, end - (int64_t)len) == (ssize_t)len)
		wake_id_v5(bytes, len, ret_tail);
}

static bool is_of(const json_t *json, const char *store, const struct wake_import_session *session)
{
	const char *known = wake_json_string(json, "store"), *path = wake_json_string(json, "path");
	const char *tail = wake_json_string(json, "tail");
	int64_t end = wake_json_int(json, "end", -1);
	char now[WAKE_ID_SIZE];

	if (wake_json_int(json, "version", 0) != 1 || !known || strcmp(known, store) != 0 || !path ||
	    strcmp(path, session->path) != 0 || !tail || end < 0 || end > session->bytes)
		return false;
	if (wake_json_int(json, "inode", -1) != session->inode ||
	    wake_json_int(json, "born", -1) != session->born)
		return false;
	tail_of(session->path, end, now);
	return strcmp(now, tail) == 0;
}

static void read_place(const json_t *json, struct wake_transcript_place *place)
{
	struct wake_transcript_totals *base = &place->base;

	place->offset = wake_json_int(json, "offset", 0);
	place->ordinal = (unsigned)wake_json_int(json, "ordinal", 0);
	place->base_unknown = wake_json_true(json, "base_unknown");
	base->input = wake_json_int(json, "input", 0);
	base->output = wake_json_int(json, "output", 0);
	base->cache_read = wake_json_int(json, "cache_read", 0);
	base->cache_write = wake_json_int(json, "cache_write", 0);
	base->cost = wake_json_int(json, "cost", 0);
	base->is_guessed = wake_json_true(json, "is_guessed");
}

int wake_import_cursor_read(const struct wake_paths *paths, const char *store,
    const struct wake_import_session *session, struct wake_import_cursor *ret_cursor, struct wake_error *err)
{
	wake_auto_free char *path = NULL, *text = NULL;
	wake_auto_json json_t *json = NULL;
	struct wake_import_cursor cursor = { 0 };
	struct wake_error ignored;
	size_t len = 0;
	int ret = path_of(paths, session->path, &path, err);

	if (ret != WAKE_OK)
		return ret;
	*ret_cursor = cursor;
	if (wake_fs_read(path, CURSOR_MAX, WAKE_FS_PLAIN, &text, &len, &ignored) != WAKE_OK ||
	    wake_json_parse(text, len, &json, &ignored) != WAKE_OK || !is_of(json, store, session))
		return WAKE_OK;
	read_place(json, &cursor.place);
	cursor.end = wake_json_int(json, "end", 0);
	cursor.is_over = wake_json_true(json, "is_over");
	/* What comes behind the last whole line may be the beginning of one. */
	cursor.is_current = wake_json_int(json, "bytes", -1) == session->bytes &&
	                    wake_json_int(json, "beside_bytes", -1) == session->beside_bytes;
	if (cursor.place.offset >= 0 && cursor.place.offset <= cursor.end)
		*ret_cursor = cursor;
	return WAKE_OK;
}

int wake_import_cursor_write(const struct wake_paths *paths, const char *store,
    const struct wake_import_session *session, const struct wake_import_cursor *cursor,
    struct wake_error *err)
{
	const struct wake_transcript_totals *base = &cursor->place.base;
	wake_auto_free char *path = NULL, *directory = NULL;
	wake_auto_str struct wake_str text = WAKE_STR(CURSOR_MAX);
	wake_auto_json json_t *json = NULL;
	char tail[WAKE_ID_SIZE];
	int ret;

	tail_of(session->path, cursor->end, tail);
	json = json_pack("{si ss ss sI sI ss sI sI sI sb sI sI sb sI sI sI sI sI sb}", "version", 1, "store",
	    store, "path", session->path, "inode", (json_int_t)session->inode, "born",
	    (json_int_t)session->born, "tail", tail, "bytes", (json_int_t)session->bytes, "beside_bytes",
	    (json_int_t)session->beside_bytes, "end", (json_int_t)cursor->end, "is_over", cursor->is_over,
	    "offset", (json_int_t)cursor->place.offset, "ordinal", (json_int_t)cursor->place.ordinal,
	    "base_unknown", cursor->place.base_unknown, "input", (json_int_t)base->input, "output",
	    (json_int_t)base->output, "cache_read", (json_int_t)base->cache_read, "cache_write",
	    (json_int_t)base->cache_write, "cost", (json_int_t)base->cost, "is_guessed", base->is_guessed);
	if (!json)
		return WAKE_OK; /* a path that is no UTF-8: it is read again each time */
	ret = wake_json_append(&text, json, err);
	if (ret == WAKE_OK)
		ret = wake_str_format(&directory, err, "%s/transcripts", paths->state);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(directory, err);
	if (ret == WAKE_OK)
		ret = path_of(paths, session->path, &path, err);
	return ret == WAKE_OK ? wake_fs_replace(path, text.data, text.len, 0600, WAKE_FS_PLAIN, err) : ret;
}

/* Is the file that a cursor is of gone? One that cannot be read is of nothing. */
static bool is_stale(const char *path)
{
	wake_auto_free char *text = NULL;
	wake_auto_json json_t *json = NULL;
	const char *file;
	struct wake_error ignored;
	size_t len = 0;

	if (wake_fs_read(path, CURSOR_MAX, WAKE_FS_PLAIN, &text, &len, &ignored) != WAKE_OK)
		return false;
	if (wake_json_parse(text, len, &json, &ignored) != WAKE_OK)
		return true;
	file = wake_json_string(json, "path");
	return !file || (access(file, F_OK) < 0 && errno == ENOENT);
}

void wake_import_cursor_prune(const struct wake_paths *paths)
{
	wake_auto_free char *directory = NULL;
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error ignored;

	if (wake_str_format(&directory, &ignored, "%s/transcripts", paths->state) != WAKE_OK ||
	    wake_fs_list(directory, CURSORS_MAX, &names, &ignored) != WAKE_OK)
		return;
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *path = NULL;

		if (wake_id_is_uuid(names.items[i]) &&
		    wake_fs_join(directory, names.items[i], &path, &ignored) == WAKE_OK && is_stale(path))
			(void)unlink(path);
	}
}
