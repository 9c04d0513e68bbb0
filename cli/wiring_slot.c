/* SPDX-License-Identifier: MIT */
/* What lies in a hook's place, and changing it without ever losing what was there. */
#include "cli/wiring_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/wiring_shim.h"
#include "hooks/contract.h"

#define LINK_MAX_BYTES (64 * 1024)
#define HOOKS_BELOW_PREFIX "/libexec/runwake/hooks/"
#define COMPARED_MAX (64 * 1024 * 1024) /* bytes: old hooks that are larger are never held for equal */
#define ASIDE_MAX 1000

static bool ends(const char *text, const char *with)
{
	size_t len = strlen(text), tail = strlen(with);

	return len >= tail && strcmp(text + len - tail, with) == 0;
}

static char *read_link(const char *path)
{
	wake_auto_free char *target = malloc(LINK_MAX_BYTES);
	ssize_t len = target ? readlink(path, target, LINK_MAX_BYTES - 1) : -1;

	if (len < 0)
		return NULL;
	target[len] = '\0';
	return strdup(target);
}

/* Ours points into the hooks directory of some installation, this one or an earlier one. */
static bool is_our_link(const char *target, const char *name)
{
	wake_auto_free char *tail = NULL;
	struct wake_error err = { 0 };

	return target && target[0] == '/' &&
	       wake_str_format(&tail, &err, HOOKS_BELOW_PREFIX "%s", name) == WAKE_OK && ends(target, tail);
}

static void look_at_link(struct wake_slot *slot)
{
	wake_auto_free char *target = read_link(slot->path);

	slot->state = WAKE_SLOT_FOREIGN;
	if (!is_our_link(target, slot->name))
		return;
	slot->state = WAKE_SLOT_LINK;
	slot->program = target;
	target = NULL; /* the slot's now */
}

static void look_at_file(struct wake_slot *slot)
{
	wake_auto_free char *text = NULL;
	struct wake_error err = { 0 };
	size_t len = 0;

	slot->state = WAKE_SLOT_FOREIGN;
	if (wake_fs_read(slot->path, WAKE_SHIM_MAX, WAKE_FS_NOFOLLOW, &text, &len, &err) < 0 ||
	    !wake_shim_is_one(text, len))
		return;
	slot->state = wake_shim_is_unchanged(text, len) ? WAKE_SLOT_SHIM : WAKE_SLOT_CHANGED;
	slot->program = wake_shim_program(text);
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int look(const char *directory, struct wake_slot *slot, struct wake_error *err)
{
	struct stat st;
	int ret = wake_fs_join(directory, slot->name, &slot->path, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(&slot->chained, err, "%s" WAKE_HOOK_CHAINED_SUFFIX, slot->path);
	if (ret < 0)
		return ret;
	slot->has_chained = is_there(slot->chained);
	if (lstat(slot->path, &st) < 0) {
		slot->state = WAKE_SLOT_EMPTY;
		return errno == ENOENT ? WAKE_OK : wake_fail_errno(err, "look at '%s'", slot->path);
	}
	if (S_ISLNK(st.st_mode))
		look_at_link(slot);
	else if (S_ISREG(st.st_mode))
		look_at_file(slot);
	else
		slot->state = WAKE_SLOT_ODD;
	return WAKE_OK;
}

int wake_slot_look(
    const char *directory, const char *name, struct wake_slot *ret_slot, struct wake_error *err)
{
	struct wake_slot slot = { .name = name };
	int ret = look(directory, &slot, err);

	if (ret < 0)
		wake_slot_release(&slot);
	else
		*ret_slot = slot;
	return ret;
}

void wake_slot_release(struct wake_slot *slot)
{
	free(slot->path);
	free(slot->chained);
	free(slot->program);
	*slot = (struct wake_slot){ 0 };
}

/* What is to come into the slot is made under this name first. The directory is locked: one that is there
 * already was left by an installation that was killed. owned: free(3) */
static int clear_beside(const struct wake_slot *slot, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *beside = NULL;
	int ret = wake_str_format(&beside, err, "%s.runwake-new", slot->path);

	if (ret < 0)
		return ret;
	if (unlink(beside) < 0 && errno != ENOENT)
		return wake_fail_errno(err, "remove '%s'", beside);
	*ret_path = beside;
	beside = NULL; /* the caller's now */
	return WAKE_OK;
}

static int rename_over(const char *from, const char *to, struct wake_error *err)
{
	if (rename(from, to) == 0)
		return WAKE_OK;
	(void)wake_fail_errno(err, "put '%s' in its place", to);
	(void)unlink(from);
	return err->code;
}

/* A link is made beside and renamed: where a hook is, there is always one. */
static int put_link(const struct wake_slot *slot, const char *program, struct wake_error *err)
{
	wake_auto_free char *beside = NULL;
	int ret = clear_beside(slot, &beside, err);

	if (ret < 0)
		return ret;
	if (symlink(program, beside) < 0)
		return wake_fail_errno(err, "make the link '%s'", slot->path);
	return rename_over(beside, slot->path, err);
}

static bool same_file(const char *one, const char *other)
{
	struct stat a, b;

	return lstat(one, &a) == 0 && lstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool same_content(const char *one, const char *other)
{
	wake_auto_free char *a = NULL;
	wake_auto_free char *b = NULL;
	struct wake_error err = { 0 };
	size_t a_len = 0, b_len = 0;

	return wake_fs_read(one, COMPARED_MAX, WAKE_FS_NOFOLLOW, &a, &a_len, &err) == WAKE_OK &&
	       wake_fs_read(other, COMPARED_MAX, WAKE_FS_NOFOLLOW, &b, &b_len, &err) == WAKE_OK &&
	       a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* A hook that we chained once, then somebody overwrote our shim with another (`lefthook install`, husky). The
 * stale one is kept under a number: nothing that is not ours is ever deleted. */
static int set_aside(const struct wake_slot *slot, struct wake_error *err)
{
	for (int n = 1; n < ASIDE_MAX; n++) {
		wake_auto_free char *aside = NULL;
		int ret = wake_str_format(&aside, err, "%s.%d", slot->chained, n);

		if (ret < 0)
			return ret;
		if (is_there(aside))
			continue;
		if (rename(slot->chained, aside) < 0)
			return wake_fail_errno(err, "set '%s' aside", slot->chained);
		return WAKE_OK;
	}
	return wake_fail(
	    err, WAKE_EXISTS, "too many old hooks beside '%s': remove those that are not needed", slot->path);
}

/* Gives the old hook its second name; the first one is overwritten by the shim afterwards. */
static int keep_old(const struct wake_slot *slot, struct wake_error *err)
{
	wake_auto_free char *beside = NULL;
	int ret = WAKE_OK;

	if (slot->has_chained && same_file(slot->path, slot->chained))
		return WAKE_OK; /* a killed installation came this far */
	if (slot->has_chained && !same_content(slot->path, slot->chained))
		ret = set_aside(slot, err);
	if (ret == WAKE_OK)
		ret = clear_beside(slot, &beside, err);
	if (ret < 0)
		return ret;
	/* Not every file system links, and not every file may be linked (proc(5), protected_hardlinks). */
	if (link(slot->path, beside) == 0)
		return rename_over(beside, slot->chained, err);
	if (rename(slot->path, slot->chained) < 0)
		return wake_fail_errno(err, "keep the hook '%s'", slot->path);
	return WAKE_OK;
}

static int write_shim(const char *path, const char *text, size_t len, struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);

	if (fd < 0)
		return wake_fail_errno(err, "make '%s'", path);
	if (wake_fs_write_all(fd, text, len, err) < 0)
		return err->code;
	return fchmod(fd, 0755) == 0 ? WAKE_OK : wake_fail_errno(err, "set the mode of '%s'", path);
}

static int put_shim(const struct wake_slot *slot, const char *text, size_t len, struct wake_error *err)
{
	wake_auto_free char *beside = NULL;
	int ret = slot->state == WAKE_SLOT_FOREIGN ? keep_old(slot, err) : WAKE_OK;

	if (ret == WAKE_OK)
		ret = clear_beside(slot, &beside, err);
	if (ret < 0)
		return ret;
	ret = write_shim(beside, text, len, err);
	if (ret == WAKE_OK)
		return rename_over(beside, slot->path, err);
	(void)unlink(beside);
	return ret;
}

static bool has_text(const char *path, const struct wake_str *text)
{
	wake_auto_free char *data = NULL;
	struct wake_error err = { 0 };
	size_t len = 0;

	return wake_fs_read(path, WAKE_SHIM_MAX, WAKE_FS_NOFOLLOW, &data, &len, &err) == WAKE_OK &&
	       len == text->len && memcmp(data, text->data, len) == 0;
}

static int wire_shim(const struct wake_slot *slot, const char *program, bool dry,
    enum wake_slot_change *ret_change, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_SHIM_MAX);
	bool foreign = slot->state == WAKE_SLOT_FOREIGN;
	const char *old = foreign ? slot->path : slot->has_chained ? slot->chained : NULL;
	int ret = wake_shim_make(slot->name, program, old, &text, err);

	if (ret < 0)
		return ret;
	if (slot->state == WAKE_SLOT_SHIM && has_text(slot->path, &text)) {
		*ret_change = WAKE_SLOT_KEPT;
		return WAKE_OK;
	}
	ret = dry ? WAKE_OK : put_shim(slot, text.data, text.len, err);
	if (ret == WAKE_OK)
		*ret_change = wake_slot_is_ours(slot) ? WAKE_SLOT_RENEWED
		              : old                   ? WAKE_SLOT_CHAINED
		                                      : WAKE_SLOT_PUT;
	return ret;
}

static int wire_link(const struct wake_slot *slot, const char *program, bool dry,
    enum wake_slot_change *ret_change, struct wake_error *err)
{
	int ret;

	if (slot->program && strcmp(slot->program, program) == 0) {
		*ret_change = WAKE_SLOT_KEPT;
		return WAKE_OK;
	}
	ret = dry ? WAKE_OK : put_link(slot, program, err);
	if (ret == WAKE_OK)
		*ret_change = slot->state == WAKE_SLOT_LINK ? WAKE_SLOT_RENEWED : WAKE_SLOT_PUT;
	return ret;
}

static int leave(
    const struct wake_slot *slot, enum wake_slot_change *ret_change, struct wake_error *err, const char *why)
{
	*ret_change = WAKE_SLOT_LEFT;
	(void)wake_fail(err, WAKE_INVALID, "'%s' %s", slot->path, why);
	return WAKE_OK;
}

/* Two are always shims, since their exit code is git's: a link to a program that cannot start would keep git
 * from pushing, and would make every checkout fail. */
static bool needs_shim(const char *name)
{
	return strcmp(name, "pre-push") == 0 || strcmp(name, "post-checkout") == 0;
}

int wake_slot_wire(const struct wake_slot *slot, const char *program, bool dry,
    enum wake_slot_change *ret_change, struct wake_error *err)
{
	if (slot->state == WAKE_SLOT_ODD)
		return leave(slot, ret_change, err, "is no file: move it away and install again");
	if (slot->state == WAKE_SLOT_CHANGED)
		return leave(slot, ret_change, err,
		    "is a Runwake shim that was changed since: move it away and install again");
	if (slot->state == WAKE_SLOT_SHIM || slot->state == WAKE_SLOT_FOREIGN || slot->has_chained ||
	    needs_shim(slot->name))
		return wire_shim(slot, program, dry, ret_change, err);
	return wire_link(slot, program, dry, ret_change, err);
}

int wake_slot_unwire(
    const struct wake_slot *slot, bool dry, enum wake_slot_change *ret_change, struct wake_error *err)
{
	wake_auto_free char *beside = NULL;

	if (!dry && clear_beside(slot, &beside, err) < 0)
		return err->code;
	if (slot->state == WAKE_SLOT_CHANGED)
		return leave(slot, ret_change, err, "was changed since Runwake wrote it, and is left alone");
	if (slot->state == WAKE_SLOT_FOREIGN && same_file(slot->path, slot->chained)) {
		/* A killed installation came this far: two names for one hook. */
		*ret_change = WAKE_SLOT_RESTORED;
		return dry || unlink(slot->chained) == 0 ? WAKE_OK
		                                         : wake_fail_errno(err, "remove '%s'", slot->chained);
	}
	if (!wake_slot_is_ours(slot)) {
		if (slot->has_chained)
			return leave(slot, ret_change, err,
			    "is not Runwake's any more; the hook that was there before is kept beside it");
		*ret_change = WAKE_SLOT_KEPT;
		return WAKE_OK;
	}
	if (!dry && (slot->has_chained ? rename(slot->chained, slot->path) : unlink(slot->path)) < 0)
		return wake_fail_errno(err, "take '%s' away", slot->path);
	*ret_change = slot->has_chained ? WAKE_SLOT_RESTORED : WAKE_SLOT_REMOVED;
	return WAKE_OK;
}
