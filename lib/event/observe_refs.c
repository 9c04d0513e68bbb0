/* SPDX-License-Identifier: MIT */
/* What is new in the logs of a repository's branches and remote-tracking refs. */
#include "event/observe.h"

#include <inttypes.h>
#include <string.h>

#include "event/cursor.h"
#include "event/observe_event.h"
#include "event/registry_file.h"
#include "event/registry_place.h"
#include "event/registry_refs.h"
#include "event/spool.h"

#define BATCH 200 /* events in memory at once */
#define HEADER "runwake refs 1\n"
#define CURSOR_MAX (64 * 1024 * 1024)

/* One log's line in the cursor: "CHANGED SIZE MARK LAST NAME". */
struct entry {
	const char *name;	/* borrowed: from the listing, or from the cursor's text */
	int64_t changed;
	uint64_t size;
	struct wake_reflog_mark mark;
	char last_id[WAKE_ID_SIZE];	/* "" if the log was empty */
};

struct entries {
	char *text;	/* owned; what names point into */
	struct entry *items;
	size_t count;
};

struct refs_observation {
	const struct wake_paths *paths;
	struct wake_observe_scene scene;
	char boot_id[WAKE_BOOT_ID_SIZE];
	char *cursor_name;
	struct entries before;
	struct wake_registry_refs logs;
	struct wake_registry_refs baseline;
	bool has_baseline;	/* it was read */
	bool changed;		/* the cursor has to be written */
	struct wake_str cursor;	/* the new one */
	struct wake_events events;
	size_t lines;
};

static void refs_observation_release(struct refs_observation *o)
{
	free(o->cursor_name);
	free(o->before.text);
	free(o->before.items);
	wake_registry_refs_release(&o->logs);
	wake_registry_refs_release(&o->baseline);
	wake_str_release(&o->cursor);
	wake_events_release(&o->events);
}

/* "NUMBER " of up to 20 characters. */
static bool parse_number(const char **text, int64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoll(*text, &end, 10);
	if (errno || end == *text || *end != ' ')
		return false;
	*text = end + 1;
	return true;
}

static bool parse_entry(const char *line, struct entry *entry)
{
	int64_t size;
	size_t len;

	if (!parse_number(&line, &entry->changed) || !parse_number(&line, &size) || size < 0 ||
	    !wake_cursor_parse_mark(&line, &entry->mark))
		return false;
	entry->size = (uint64_t)size;
	len = strcspn(line, " ");
	if (line[len] != ' ' || line[len + 1] == '\0' || len >= sizeof(entry->last_id))
		return false;
	memcpy(entry->last_id, line, len);
	entry->last_id[len] = '\0';
	if (strcmp(entry->last_id, "-") == 0)
		entry->last_id[0] = '\0';
	else if (!wake_id_is_uuid(entry->last_id))
		return false;
	entry->name = line + len + 1;
	return true;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

/* Takes lines apart in place; a damaged one ends it: what is not there is read from the baseline. */
static int parse_entries(struct entries *entries, char *text, struct wake_error *err)
{
	char *newline;

	entries->items = calloc(count_lines(text) + 1, sizeof(*entries->items));
	if (!entries->items)
		return wake_fail_nomem(err);
	for (; (newline = strchr(text, '\n')); text = newline + 1) {
		struct entry *entry = &entries->items[entries->count];

		*newline = '\0';
		if (!parse_entry(text, entry) ||
		    (entries->count > 0 && strcmp(entry[-1].name, entry->name) >= 0))
			break;
		entries->count++;
	}
	return WAKE_OK;
}

/* Of another boot, or not to be read: as if there were none. */
static int load_entries(struct refs_observation *o, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *header = NULL;
	struct wake_error ignored;
	size_t len = 0;
	int ret = wake_str_format(&header, err, HEADER "%s\n", o->boot_id);

	if (ret == WAKE_OK)
		ret = wake_cursor_path(o->paths, o->cursor_name, &path, err);
	if (ret < 0)
		return ret;
	ret = wake_fs_read(path, CURSOR_MAX, WAKE_FS_NOFOLLOW, &o->before.text, &len, &ignored);
	if (ret < 0)
		return ret == WAKE_NOMEM ? wake_fail_nomem(err) : WAKE_OK;
	if (strncmp(o->before.text, header, strlen(header)) != 0)
		return WAKE_OK;
	return parse_entries(&o->before, o->before.text + strlen(header), err);
}

static int compare_entries(const void *left, const void *right)
{
	return strcmp(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

static const struct entry *find_entry(const struct entries *entries, const char *name)
{
	struct entry key = { .name = name };

	if (entries->count == 0)
		return NULL;
	return bsearch(&key, entries->items, entries->count, sizeof(*entries->items), compare_entries);
}

static int append_entry(struct refs_observation *o, const struct entry *entry, struct wake_error *err)
{
	wake_str_appendf(&o->cursor, "%" PRId64 " %" PRIu64 " ", entry->changed, entry->size);
	wake_cursor_append_mark(&o->cursor, &entry->mark);
	wake_str_appendf(&o->cursor, " %s %s\n", entry->last_id[0] ? entry->last_id : "-", entry->name);
	return wake_str_check(&o->cursor, err);
}

static void id_of(const struct refs_observation *o, const struct wake_reflog *log, size_t index,
    const char *name, char ret_id[WAKE_ID_SIZE])
{
	wake_reflog_line_id(wake_reflog_line(log, index), o->scene.identity->repository_id, name, ret_id);
}

/* The index after the line of that id; 0 if it is not there. */
static size_t find_line(const struct refs_observation *o, const struct wake_reflog *log, const char *name,
    const char *sought)
{
	struct wake_registry_place place = { .count = 0 };

	wake_registry_place_add(&place, sought);
	return wake_registry_place_find(log, &place, o->scene.identity->repository_id, name);
}

static int load_baseline(struct refs_observation *o, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	int ret = o->has_baseline ? WAKE_OK : wake_registry_dir(o->scene.worktree->common_dir, &dir, err);

	if (ret < 0 || o->has_baseline)
		return ret;
	o->has_baseline = true;
	return wake_registry_refs_read(dir, o->scene.identity->repository_id, &o->baseline, err);
}

/* Where the new lines begin in a log that is not simply longer than before. log is whole. */
static int find_next(struct refs_observation *o, const struct wake_reflog *log, const struct entry *entry,
    const char *name, size_t *ret_next, struct wake_error *err)
{
	const struct wake_registry_ref *ref;
	int ret;

	*ret_next = entry && entry->last_id[0] ? find_line(o, log, name, entry->last_id) : 0;
	if (*ret_next > 0)
		return WAKE_OK;
	ret = load_baseline(o, err);
	ref = ret == WAKE_OK ? wake_registry_refs_find(&o->baseline, name) : NULL;
	if (ref)
		*ret_next = find_line(o, log, name, ref->last_id);
	return ret;
}

static bool fits_entry(const struct refs_observation *o, const struct wake_reflog *log, size_t next,
    const struct entry *entry)
{
	char id[WAKE_ID_SIZE];

	if (!entry || next == SIZE_MAX)
		return false;
	if (next == 0)
		return !entry->last_id[0];
	id_of(o, log, next - 1, entry->name, id);
	return strcmp(id, entry->last_id) == 0;
}

static int append_events(struct refs_observation *o, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (o->events.count > 0)
		ret = wake_registry_confirm(
		    o->scene.worktree->common_dir, o->scene.identity->repository_id, err);
	if (o->events.count > 0 && ret == WAKE_OK)
		ret = wake_spool_append(o->paths->spool, &o->events, false, err);
	wake_events_release(&o->events);
	return ret;
}

static int add_lines(struct refs_observation *o, const struct wake_reflog *log, size_t next, const char *name,
    struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = next; ret == WAKE_OK && i < wake_reflog_count(log); i++) {
		ret = wake_observe_add_ref_moved(&o->events, &o->scene, name, wake_reflog_line(log, i), err);
		if (ret == WAKE_OK)
			o->lines++;
		if (ret == WAKE_OK && o->events.count >= BATCH)
			ret = append_events(o, err);
	}
	return ret;
}

static int read_changed(struct refs_observation *o, const struct wake_registry_ref *ref,
    const struct entry *entry, struct wake_error *err)
{
	struct entry after = { .name = ref->name, .changed = ref->changed, .size = ref->size };
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *path = NULL;
	size_t next = SIZE_MAX;
	int ret = wake_str_format(&path, err, "%s/logs/%s", o->scene.worktree->common_dir, ref->name);

	if (ret == WAKE_OK)
		ret = wake_reflog_read_on(path, entry ? &entry->mark : NULL, &log, &next, err);
	if (ret < 0)
		return ret;
	if (!fits_entry(o, log, next, entry)) {
		if (!wake_reflog_is_whole(log)) {
			wake_reflog_free(log);
			log = NULL;
			ret = wake_reflog_read(path, &log, err);
		}
		if (ret == WAKE_OK)
			ret = find_next(o, log, entry, ref->name, &next, err);
	}
	if (ret == WAKE_OK)
		ret = add_lines(o, log, next, ref->name, err);
	if (ret < 0)
		return ret;
	after.mark = wake_reflog_mark_of(log);
	if (wake_reflog_count(log) > 0)
		id_of(o, log, wake_reflog_count(log) - 1, ref->name, after.last_id);
	o->changed = true;
	return append_entry(o, &after, err);
}

static int observe_log(
    struct refs_observation *o, const struct wake_registry_ref *ref, struct wake_error *err)
{
	const struct entry *entry = find_entry(&o->before, ref->name);

	if (entry && entry->mark.inode == ref->inode && entry->size == ref->size &&
	    entry->changed == ref->changed)
		return append_entry(o, entry, err);
	return read_changed(o, ref, entry, err);
}

static int observe_logs(struct refs_observation *o, struct wake_error *err)
{
	int ret = wake_registry_refs_list(o->scene.worktree->common_dir, &o->logs, err);

	wake_str_appendf(&o->cursor, HEADER "%s\n", o->boot_id);
	for (size_t i = 0; ret == WAKE_OK && i < o->logs.count; i++)
		ret = observe_log(o, &o->logs.items[i], err);
	if (ret == WAKE_OK)
		ret = append_events(o, err);
	if (ret == WAKE_OK && (o->changed || o->logs.count != o->before.count))
		ret = wake_cursor_write(o->paths, o->cursor_name, &o->cursor, err);
	return ret;
}

static int name_cursor(const char *repository_id, char **ret_name, struct wake_error *err)
{
	return wake_str_format(ret_name, err, "%s.refs", repository_id);
}

int wake_observe_refs_again(const struct wake_paths *paths, const char *repository_id, struct wake_error *err)
{
	wake_auto_free char *name = NULL;
	int ret = name_cursor(repository_id, &name, err);

	if (ret == WAKE_OK)
		wake_cursor_remove(paths, name);
	return ret;
}

int wake_observe_refs(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, size_t *ret_lines, struct wake_error *err)
{
	WAKE_CLEANUP(refs_observation_release) struct refs_observation o = {
		.paths = paths, .cursor = WAKE_STR(CURSOR_MAX),
		.scene = { .worktree = worktree, .identity = identity, .at = wake_clock_now() },
	};
	int ret = name_cursor(identity->repository_id, &o.cursor_name, err);

	wake_process_boot_id(o.boot_id);
	if (ret == WAKE_OK)
		ret = load_entries(&o, err);
	if (ret == WAKE_OK)
		ret = observe_logs(&o, err);
	if (ret == WAKE_OK)
		*ret_lines = o.lines;
	return ret;
}
