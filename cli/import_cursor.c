/* SPDX-License-Identifier: MIT */
/* How far each session was read: STATE/transcripts/ID, a small JSON object. Losing them costs reading
 * again, and nothing else: what is told twice is told under the same ids. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/import.h"

#define CURSOR_MAX ((size_t)1024 * 1024) /* bytes of a cursor: 25 for each of a session's subagents */
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

/* As it was when it was read, as far as can be told without opening it. */
static bool is_untouched(const json_t *json, const struct wake_import_session *session)
{
	return wake_json_int(json, "bytes", -1) == session->bytes &&
	       wake_json_int(json, "written", -1) == session->written;
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
	if (is_untouched(json, session))
		return true;
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

void wake_import_cursor_release(struct wake_import_cursor *cursor)
{
	free(cursor->beside_end);
	*cursor = (struct wake_import_cursor){ 0 };
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* How far each of the session's subagents' files was read, in their order now. */
static int read_beside(const json_t *json, const struct wake_import_session *session,
    struct wake_import_cursor *cursor, struct wake_error *err)
{
	const json_t *ends = json_object_get(json, "beside");

	if (session->beside_count == 0)
		return WAKE_OK;
	cursor->beside_end = calloc(session->beside_count, sizeof(*cursor->beside_end));
	if (!cursor->beside_end)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < session->beside_count; i++)
		cursor->beside_end[i] = wake_json_int(ends, name_of(session->beside[i]), 0);
	return WAKE_OK;
}

/* What a reading found out beside the place. */
static void read_rest(
    const json_t *json, const struct wake_import_session *session, struct wake_import_cursor *cursor)
{
	const char *run_id = wake_json_string(json, "run_id");
	struct wake_error ignored;

	cursor->end = wake_json_int(json, "end", 0);
	cursor->is_over = wake_json_true(json, "is_over");
	cursor->read_at = wake_json_int(json, "read_at", 0);
	cursor->took = wake_json_int(json, "took", 0);
	if (run_id && wake_run_id_check(run_id, &ignored) == WAKE_OK)
		(void)snprintf(cursor->run_id, sizeof(cursor->run_id), "%s", run_id);
	/* What comes behind the last whole line may be the beginning of one. */
	cursor->is_current =
	    is_untouched(json, session) && wake_json_int(json, "beside_bytes", -1) == session->beside_bytes;
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
	read_rest(json, session, &cursor);
	if (cursor.place.offset < 0 || cursor.place.offset > cursor.end)
		return WAKE_OK;
	ret = read_beside(json, session, &cursor, err);
	if (ret == WAKE_OK)
		*ret_cursor = cursor;
	return ret;
}

static json_t *pack(const char *store, const struct wake_import_session *session,
    const struct wake_import_cursor *cursor, const char *tail)
{
	const struct wake_transcript_totals *base = &cursor->place.base;

	return json_pack("{si ss ss sI sI sI ss sI sI sI sb ss sI sI sI sI sb sI sI sI sI sI sb}", "version",
	    1, "store", store, "path", session->path, "inode", (json_int_t)session->inode, "born",
	    (json_int_t)session->born, "written", (json_int_t)session->written, "tail", tail, "bytes",
	    (json_int_t)session->bytes, "beside_bytes", (json_int_t)session->beside_bytes, "end",
	    (json_int_t)cursor->end, "is_over", cursor->is_over, "run_id", cursor->run_id, "read_at",
	    (json_int_t)cursor->read_at, "took", (json_int_t)cursor->took, "offset",
	    (json_int_t)cursor->place.offset, "ordinal", (json_int_t)cursor->place.ordinal, "base_unknown",
	    cursor->place.base_unknown, "input", (json_int_t)base->input, "output", (json_int_t)base->output,
	    "cache_read", (json_int_t)base->cache_read, "cache_write", (json_int_t)base->cache_write, "cost",
	    (json_int_t)base->cost, "is_guessed", base->is_guessed);
}

/* A file whose name is no UTF-8 is told anew each time. */
static int set_beside(json_t *json, const struct wake_import_session *session,
    const struct wake_import_cursor *cursor, struct wake_error *err)
{
	json_t *ends = session->beside_count > 0 ? json_object() : NULL;
	int ret = ends ? wake_json_set(json, "beside", ends, err) : WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && ends && cursor->beside_end && i < session->beside_count; i++)
		(void)json_object_set_new(
		    ends, name_of(session->beside[i]), json_integer((json_int_t)cursor->beside_end[i]));
	return ret;
}

int wake_import_cursor_write(const struct wake_paths *paths, const char *store,
    const struct wake_import_session *session, const struct wake_import_cursor *cursor,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL, *directory = NULL;
	wake_auto_str struct wake_str text = WAKE_STR(CURSOR_MAX);
	wake_auto_json json_t *json = NULL;
	char tail[WAKE_ID_SIZE];
	int ret;

	tail_of(session->path, cursor->end, tail);
	json = pack(store, session, cursor, tail);
	if (!json)
		return WAKE_OK; /* a path that is no UTF-8: it is read again each time */
	ret = set_beside(json, session, cursor, err);
	if (ret == WAKE_OK)
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
