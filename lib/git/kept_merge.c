/* SPDX-License-Identifier: MIT */
/* Small packs become one, so that they do not collect: each look for an object goes through all of them. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "git/kept_inside.h"

/* A pack costs each diff 35 us: 32 of them 1 ms, 512 of them 18 ms. */
#define SMALL_PACKS_MAX 32
#define SMALL_MAX                                                                                            \
	((off_t)8 * 1024 * 1024) /* bytes; a larger one is left as it is, lest all be copied often */

/* "pack-HASH.pack\n" each, with a NUL in the end. */
#define NAME_LEN (5 + GIT_OID_HEXSZ + 5)
#define NAMES_MAX ((size_t)1024 * 1024)

static bool is_small_pack(int packs, const char *name)
{
	struct stat status;

	return strlen(name) == NAME_LEN && strncmp(name, "pack-", 5) == 0 &&
	       strcmp(name + NAME_LEN - 5, ".pack") == 0 &&
	       fstatat(packs, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_size < SMALL_MAX;
}

static int list_small(
    const char *dir, int packs, struct wake_str *names, size_t *ret_count, struct wake_error *err)
{
	wake_auto_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;

	if (!stream)
		return wake_fail_errno(err, "open '%s'", dir);
	while ((entry = readdir(stream))) {
		if (!is_small_pack(packs, entry->d_name))
			continue;
		wake_str_appendf(names, "%s\n", entry->d_name);
		++*ret_count;
	}
	return wake_str_check(names, err);
}

/* The pack first: an index alone is known as a leftover, a pack alone might be one that somebody makes just
 * now. Who has them open reads on; who looks for them finds the merged one. */
static void remove_packs(int packs, char *names, const char *merged)
{
	for (char *name = names; *name; name += NAME_LEN + 1) {
		char *suffix = name + NAME_LEN - 5;

		if (strncmp(name + 5, merged, GIT_OID_HEXSZ) == 0)
			continue;
		name[NAME_LEN] = '\0';
		(void)unlinkat(packs, name, 0);
		memcpy(suffix, ".idx", 5);
		(void)unlinkat(packs, name, 0);
	}
}

/* No failure is told: what is kept stays kept, and is only found more slowly. */
void wake_kept_merge_packs(struct wake_kept *kept, const char *dir, int packs)
{
	wake_auto_str struct wake_str names = WAKE_STR(NAMES_MAX);
	/* All that is in them, whether anything refers to it or not: nothing does here. */
	static const char *const how[] = { "--stdin-packs", NULL };
	char merged[WAKE_HASH_SIZE] = "";
	struct wake_error ignored = { 0 };
	size_t count = 0;
	int ret = list_small(dir, packs, &names, &count, &ignored);

	if (ret < 0 || count <= SMALL_PACKS_MAX)
		return;
	ret = wake_kept_pack_objects(kept, dir, how, &names, merged, &ignored);
	if (ret == WAKE_OK)
		ret = wake_kept_flush_pack(packs, merged, &ignored);
	if (ret == WAKE_OK)
		remove_packs(packs, names.data, merged);
}
