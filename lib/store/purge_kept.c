/* SPDX-License-Identifier: MIT */
/* Contents of purged runs' edits: what no other state needs goes from this machine. */
#include "store/purge.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "git/kept.h"

#define REPOSITORIES_MAX 100000
#define STATES_PAGE 1000
#define TREES_MAX ((size_t)64 * 1024 * 1024) /* bytes of ids */
#define NIL "00000000-0000-0000-0000-000000000000"

/* Trees of a repository's states, a line each. */
struct trees {
	struct wake_str needed, purged;
};

static void trees_release(struct trees *trees)
{
	wake_str_release(&trees->needed);
	wake_str_release(&trees->purged);
}

/* 1: there may be more. */
static int read_page(struct wake_store *store, const char *repository, char after[WAKE_ID_SIZE],
    struct trees *trees, struct wake_error *err)
{
	char from[WAKE_ID_SIZE];
	const struct wake_value values[] = { WAKE_TEXT(repository), WAKE_TEXT(from), WAKE_INT(STATES_PAGE) };
	wake_auto_rows struct wake_rows *rows = NULL;
	size_t count = 0;
	int status;

	memcpy(from, after, sizeof(from));
	status = wake_store_query(store, WAKE_SQL_PURGE_KEPT_TREES, values, WAKE_COUNT(values), &rows, err);
	while (status >= 0 && (status = wake_rows_next(rows, err)) == 1) {
		struct wake_str *list = wake_rows_int(rows, 3) ? &trees->purged : &trees->needed;

		for (size_t column = 1; column <= 2; column++) {
			const char *tree = wake_rows_text(rows, column);

			if (tree)
				wake_str_appendf(list, "%s\n", tree);
		}
		(void)snprintf(after, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
		count++;
	}
	if (status == 0)
		status = wake_str_check(&trees->needed, err);
	if (status == 0)
		status = wake_str_check(&trees->purged, err);
	return status < 0 ? status : count == STATES_PAGE;
}

static bool is_listed(const struct wake_str *trees, const char *tree)
{
	const char *found = wake_str_text(trees);
	size_t len = strlen(tree);

	while ((found = strstr(found, tree)) != NULL && found[len] != '\n')
		found += len;
	return found != NULL;
}

/* Is one of them here that nobody else needs? */
static bool is_any_here(struct wake_kept *kept, const struct trees *trees)
{
	const char *line = wake_str_text(&trees->purged);
	char tree[WAKE_HASH_SIZE];

	for (; *line; line += strcspn(line, "\n") + 1) {
		(void)snprintf(tree, sizeof(tree), "%.*s", (int)strcspn(line, "\n"), line);
		if (!is_listed(&trees->needed, tree) && wake_kept_has(kept, tree))
			return true;
	}
	return false;
}

static int purge_repository(struct wake_store *store, const struct wake_paths *paths, const char *repository,
    int64_t *repositories, struct wake_error *err)
{
	WAKE_CLEANUP(trees_release)
	struct trees trees = { WAKE_STR(TREES_MAX), WAKE_STR(TREES_MAX) };
	struct wake_kept *kept = NULL;
	char after[WAKE_ID_SIZE] = NIL;
	bool here;
	int status;

	do
		status = read_page(store, repository, after, &trees, err);
	while (status == 1);
	if (status != WAKE_OK || trees.purged.len == 0)
		return status;
	status = wake_kept_open(paths, repository, false, &kept, err);
	if (status != WAKE_OK)
		return status == WAKE_NOTFOUND ? WAKE_OK : status;
	here = wake_kept_is_half_trimmed(kept) || is_any_here(kept, &trees);
	wake_kept_close(kept); /* an open one remembers what it has seen */
	if (!here)
		return WAKE_OK;
	status = wake_kept_trim(paths, repository, wake_str_text(&trees.needed), err);
	*repositories += status == WAKE_OK;
	return status;
}

int wake_purge_is_any(struct wake_store *store, bool *ret_any, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_PURGE_ANY, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_any = status == 1;
	return status < 0 ? status : WAKE_OK;
}

int wake_purge_kept(struct wake_store *store, const struct wake_paths *paths, int64_t *ret_repositories,
    struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL;
	int64_t repositories = 0;
	bool any = false;
	int status = wake_purge_is_any(store, &any, err);

	if (status == WAKE_OK)
		status = wake_fs_join(paths->state, "kept", &dir, err);
	if (status == WAKE_OK && any && wake_fs_is_dir(dir))
		status = wake_fs_list(dir, REPOSITORIES_MAX, &names, err);
	for (size_t i = 0; i < names.count && status == WAKE_OK; i++) {
		char repository[WAKE_ID_SIZE];

		(void)snprintf(repository, sizeof(repository), "%s", names.items[i]);
		if (strcmp(names.items[i] + strlen(repository), ".git") == 0 && wake_id_is_uuid(repository))
			status = purge_repository(store, paths, repository, &repositories, err);
	}
	if (status == WAKE_OK)
		*ret_repositories = repositories;
	return status;
}
