/* SPDX-License-Identifier: MIT */
/* Naming drafts, and removing those that a killed process left behind. */
#include "event/registry_draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "event/registry_file.h"

#define NAMES_MAX 100000 /* in a git directory */
#define PREFIX "runwake."

int wake_registry_draft_name(const char *common_dir, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	char unique[WAKE_ID_SIZE];
	int ret = wake_registry_dir(common_dir, &dir, err);

	wake_id_v7(unique);
	return ret == WAKE_OK ? wake_str_format(ret_path, err, "%s.%s", dir, unique) : ret;
}

/* The first 48 bits of a version 7 are its time in milliseconds: 8 digits, a hyphen, 4 digits. */
static bool is_left_behind(const char *name)
{
	const char *id = name + strlen(PREFIX);
	char digits[13];
	int64_t made;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || !wake_id_is_v7(id))
		return false;
	memcpy(digits, id, 8);
	memcpy(digits + 8, id + 9, 4);
	digits[12] = '\0';
	made = (int64_t)strtoull(digits, NULL, 16) * 1000;
	return wake_clock_now() - made > WAKE_REGISTRY_DRAFT_AGE * WAKE_SECOND;
}

void wake_registry_draft_sweep(const char *common_dir)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error ignored;

	if (wake_fs_list(common_dir, NAMES_MAX, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *path = NULL;

		if (is_left_behind(names.items[i]) &&
		    wake_fs_join(common_dir, names.items[i], &path, &ignored) == WAKE_OK &&
		    wake_fs_is_dir(path))
			(void)!wake_registry_remove_dir(path, &ignored);
	}
}
