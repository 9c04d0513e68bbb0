/* SPDX-License-Identifier: MIT */
/* Two trees side by side: git's entry order, by name, where a directory counts as if it ended in a slash. */
#include "git/treewalk.h"

#include <string.h>
#include <sys/stat.h>

#include "git/diffstat.h"

#define DEPTH_MAX 2048 /* directories within each other; git's own limit */
#define PATH_BYTES_MAX ((size_t)1 << 20)
#define MODE_SUBMODULE 0160000U

static const char attributes_name[] = ".gitattributes";

/* One entry of a raw tree: "MODE NAME\0" and the 20 bytes of an id. name NULL: the tree is at its end. */
struct entry {
	const char *name; /* borrowed from the tree */
	size_t len;
	unsigned mode;
	git_oid id;
};

struct cursor {
	const char *at, *end;
	struct entry entry;
};

struct walk {
	struct wake_repo *repo;
	struct wake_changes *changes;
	struct wake_str path; /* of the directory being compared, with a slash behind each name */
};

/* A walk goes either side by side, or down one side alone, where the other has nothing. */
static int compare_trees(
    struct walk *walk, const git_oid *old_id, const git_oid *new_id, int depth, struct wake_error *err);

/* Old gits wrote modes such as 0100664; git reads them as one of these, and so compares. */
static unsigned reduce_mode(unsigned mode)
{
	if (S_ISREG(mode))
		return S_IFREG | (mode & 0100 ? 0755 : 0644);
	if (S_ISLNK(mode))
		return S_IFLNK;
	return S_ISDIR(mode) ? S_IFDIR : MODE_SUBMODULE;
}

static int order(const struct entry *left, const struct entry *right)
{
	size_t len = left->len < right->len ? left->len : right->len;
	int diff = memcmp(left->name, right->name, len);
	unsigned char a, b;

	if (diff != 0)
		return diff;
	a = (unsigned char)(left->len > len ? left->name[len] : left->mode == S_IFDIR ? '/' : '\0');
	b = (unsigned char)(right->len > len ? right->name[len] : right->mode == S_IFDIR ? '/' : '\0');
	return a - b;
}

static int fail_tree(struct wake_error *err, const struct walk *walk)
{
	return wake_fail(err, WAKE_CORRUPT, "the tree of '%.200s' is malformed", wake_str_text(&walk->path));
}

static int parse_entry(struct cursor *cursor, struct entry *entry)
{
	unsigned mode = 0;
	const char *end;

	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '7')
		mode = (mode << 3 | (unsigned)(*cursor->at++ - '0')) & 0xffffff;
	if (cursor->at == cursor->end || *cursor->at++ != ' ')
		return -1;
	end = memchr(cursor->at, '\0', (size_t)(cursor->end - cursor->at));
	if (!end || end == cursor->at || cursor->end - end <= GIT_OID_RAWSZ)
		return -1;
	entry->name = cursor->at;
	entry->len = (size_t)(end - cursor->at);
	entry->mode = reduce_mode(mode);
	git_oid_fromraw(&entry->id, (const unsigned char *)end + 1);
	cursor->at = end + 1 + GIT_OID_RAWSZ;
	return 0;
}

/* Entries out of order are refused: two walkers would not agree on what they mean. */
static int next_entry(const struct walk *walk, struct cursor *cursor, struct wake_error *err)
{
	struct entry entry = { 0 };

	if (cursor->at < cursor->end && parse_entry(cursor, &entry) < 0)
		return fail_tree(err, walk);
	if (entry.name && cursor->entry.name && order(&cursor->entry, &entry) >= 0)
		return fail_tree(err, walk);
	cursor->entry = entry;
	return WAKE_OK;
}

static int grow(void **items, size_t *room, size_t count, size_t size, struct wake_error *err)
{
	size_t more = *room ? *room * 2 : 16;
	void *bigger;

	if (count < *room)
		return WAKE_OK;
	bigger = realloc(*items, more * size);
	if (!bigger)
		return wake_fail_nomem(err);
	*items = bigger;
	*room = more;
	return WAKE_OK;
}

static int add_change(
    struct walk *walk, const struct entry *old_entry, const struct entry *new_entry, struct wake_error *err)
{
	struct wake_changes *changes = walk->changes;
	const struct entry *any = old_entry ? old_entry : new_entry;
	struct wake_change *change;
	int ret;

	if (changes->count >= WAKE_DIFF_FILES_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d files differ", WAKE_DIFF_FILES_MAX);
	ret = grow((void **)&changes->items, &changes->room, changes->count, sizeof(*changes->items), err);
	if (ret < 0)
		return ret;
	change = &changes->items[changes->count];
	*change = (struct wake_change){ .path = malloc(walk->path.len + any->len + 1) };
	if (!change->path)
		return wake_fail_nomem(err);
	memcpy(change->path, wake_str_text(&walk->path), walk->path.len);
	memcpy(change->path + walk->path.len, any->name, any->len);
	change->path[walk->path.len + any->len] = '\0';
	changes->count++;
	if (old_entry) {
		change->old_id = old_entry->id;
		change->old_mode = old_entry->mode;
	}
	if (new_entry) {
		change->new_id = new_entry->id;
		change->new_mode = new_entry->mode;
	}
	changes->has_submodule |= change->old_mode == MODE_SUBMODULE || change->new_mode == MODE_SUBMODULE;
	return WAKE_OK;
}

static int note_directory(struct walk *walk, struct wake_error *err)
{
	struct wake_changes *changes = walk->changes;
	int ret = grow((void **)&changes->directories, &changes->directory_room, changes->directory_count,
	    sizeof(*changes->directories), err);

	if (ret == WAKE_OK)
		ret = wake_str_copy(
		    wake_str_text(&walk->path), &changes->directories[changes->directory_count], err);
	if (ret == WAKE_OK)
		changes->directory_count++;
	return ret;
}

static int note_attributes(struct walk *walk, const struct entry *entry, struct wake_error *err)
{
	struct wake_changes *changes = walk->changes;
	int ret;

	if (!entry->name || entry->len != sizeof(attributes_name) - 1 ||
	    memcmp(entry->name, attributes_name, entry->len) != 0 || !S_ISREG(entry->mode))
		return WAKE_OK;
	ret = grow((void **)&changes->attributes, &changes->attribute_room, changes->attribute_count,
	    sizeof(*changes->attributes), err);
	if (ret == WAKE_OK)
		changes->attributes[changes->attribute_count++] = entry->id;
	return ret;
}

static int enter(struct walk *walk, const struct entry *old_entry, const struct entry *new_entry, int depth,
    struct wake_error *err)
{
	const struct entry *any = old_entry ? old_entry : new_entry;
	size_t len = walk->path.len;
	int ret;

	if (depth >= DEPTH_MAX)
		return wake_fail(err, WAKE_CORRUPT, "more than %d directories within each other", DEPTH_MAX);
	wake_str_append_bytes(&walk->path, any->name, any->len);
	wake_str_append_char(&walk->path, '/');
	ret = wake_str_check(&walk->path, err);
	if (ret == WAKE_OK)
		ret = compare_trees(walk, old_entry ? &old_entry->id : NULL,
		    new_entry ? &new_entry->id : NULL, depth + 1, err);
	if (ret == WAKE_OK) {
		walk->path.len = len;
		walk->path.data[len] = '\0';
	}
	return ret;
}

/* Either may be NULL: not there. */
static int visit(struct walk *walk, const struct entry *old_entry, const struct entry *new_entry, int depth,
    struct wake_error *err)
{
	const struct entry *any = old_entry ? old_entry : new_entry;

	if (old_entry && new_entry && old_entry->mode == new_entry->mode &&
	    git_oid_equal(&old_entry->id, &new_entry->id))
		return WAKE_OK;
	if (any->mode == S_IFDIR)
		return enter(walk, old_entry, new_entry, depth, err);
	return add_change(walk, old_entry, new_entry, err);
}

/* Below 0: the old side's entry comes first and stands alone. Above 0: the new side's. */
static int which_first(const struct cursor *old_side, const struct cursor *new_side)
{
	if (!old_side->entry.name)
		return 1;
	if (!new_side->entry.name)
		return -1;
	return order(&old_side->entry, &new_side->entry);
}

static int compare_entries(
    struct walk *walk, struct cursor *old_side, struct cursor *new_side, int depth, struct wake_error *err)
{
	int ret = next_entry(walk, old_side, err);

	if (ret == WAKE_OK)
		ret = next_entry(walk, new_side, err);
	while (ret == WAKE_OK && (old_side->entry.name || new_side->entry.name)) {
		int first = which_first(old_side, new_side);

		ret = visit(walk, first <= 0 ? &old_side->entry : NULL, first >= 0 ? &new_side->entry : NULL,
		    depth, err);
		if (ret == WAKE_OK && first <= 0) {
			ret = note_attributes(walk, &old_side->entry, err);
			if (ret == WAKE_OK)
				ret = next_entry(walk, old_side, err);
		}
		if (ret == WAKE_OK && first >= 0) {
			ret = note_attributes(walk, &new_side->entry, err);
			if (ret == WAKE_OK)
				ret = next_entry(walk, new_side, err);
		}
	}
	return ret;
}

static void release_held(git_odb_object **held)
{
	git_odb_object_free(*held);
}

/* id NULL: an empty tree. */
static int read_tree(struct walk *walk, const git_oid *id, git_odb_object **held, struct cursor *cursor,
    struct wake_error *err)
{
	char name[WAKE_HASH_SIZE];
	int code;

	*cursor = (struct cursor){ 0 };
	if (!id)
		return WAKE_OK;
	code = git_odb_read(held, walk->repo->odb, id);
	if (code < 0)
		return wake_fail_git2(err, code, "read tree", git_oid_tostr(name, sizeof(name), id));
	if (git_odb_object_type(*held) != GIT_OBJECT_TREE)
		return fail_tree(err, walk);
	cursor->at = git_odb_object_data(*held);
	cursor->end = cursor->at + git_odb_object_size(*held);
	return WAKE_OK;
}

static int compare_trees(
    struct walk *walk, const git_oid *old_id, const git_oid *new_id, int depth, struct wake_error *err)
{
	WAKE_CLEANUP(release_held) git_odb_object *old_held = NULL;
	WAKE_CLEANUP(release_held) git_odb_object *new_held = NULL;
	struct cursor old_side, new_side;
	int ret = read_tree(walk, old_id, &old_held, &old_side, err);

	if (ret == WAKE_OK)
		ret = read_tree(walk, new_id, &new_held, &new_side, err);
	if (ret == WAKE_OK)
		ret = note_directory(walk, err);
	if (ret == WAKE_OK)
		ret = compare_entries(walk, &old_side, &new_side, depth, err);
	return ret;
}

int wake_treewalk(struct wake_repo *repo, const char *old_tree, const char *new_tree,
    struct wake_changes *ret_changes, struct wake_error *err)
{
	wake_auto_changes struct wake_changes changes = { 0 };
	struct walk walk = { .repo = repo, .changes = &changes, .path = WAKE_STR(PATH_BYTES_MAX) };
	git_oid old_id, new_id;
	int ret = WAKE_OK;

	if ((*old_tree && git_oid_fromstr(&old_id, old_tree) < 0) ||
	    (*new_tree && git_oid_fromstr(&new_id, new_tree) < 0))
		return wake_fail(
		    err, WAKE_INVALID, "'%.64s' or '%.64s' is no tree's name", old_tree, new_tree);
	if (strcmp(old_tree, new_tree) != 0)
		ret = compare_trees(&walk, *old_tree ? &old_id : NULL, *new_tree ? &new_id : NULL, 0, err);
	wake_str_release(&walk.path);
	if (ret < 0)
		return ret;
	*ret_changes = changes;
	changes = (struct wake_changes){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_changes_release(struct wake_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		free(changes->items[i].path);
	for (size_t i = 0; i < changes->directory_count; i++)
		free(changes->directories[i]);
	free(changes->items);
	free(changes->directories);
	free(changes->attributes);
	*changes = (struct wake_changes){ 0 };
}
