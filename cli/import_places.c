/* SPDX-License-Identifier: MIT */
/* The directories that agents were started in, each looked at once. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/import.h"

#define AGENT "claude"    /* as such a process calls itself */
#define PLACES_MAX 100000 /* directories that are remembered; behind them each is looked at each time */
#define LIVE_MAX 10000
#define COMM_MAX 64

static void place_release(struct wake_import_place *place)
{
	free(place->directory);
	free(place->root);
	free(place->git_repo);
	*place = (struct wake_import_place){ 0 };
}

void wake_import_places_release(struct wake_import_places *places)
{
	for (size_t i = 0; i < places->count; i++)
		place_release(&places->items[i]);
	for (size_t i = 0; i < places->live_count; i++)
		free(places->live[i]);
	free(places->items);
	free(places->live);
	*places = (struct wake_import_places){ 0 };
}

/* Where process pid works, if it is an agent; NULL: not, or not for us to know. owned: free(3). */
static char *directory_of(const char *pid)
{
	char path[64], directory[4096];
	wake_auto_free char *comm = NULL;
	struct wake_error ignored;
	size_t len = 0;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	if (wake_fs_read(path, COMM_MAX, WAKE_FS_PLAIN, &comm, &len, &ignored) != WAKE_OK ||
	    strcmp(comm, AGENT "\n") != 0)
		return NULL;
	(void)snprintf(path, sizeof(path), "/proc/%.20s/cwd", pid);
	got = readlink(path, directory, sizeof(directory) - 1);
	if (got <= 0)
		return NULL;
	directory[got] = '\0';
	return strdup(directory);
}

static int find_live(struct wake_import_places *places, struct wake_error *err)
{
	wake_auto_closedir DIR *processes = opendir("/proc");
	const struct dirent *entry;

	places->live = calloc(LIVE_MAX, sizeof(*places->live));
	if (!places->live)
		return wake_fail_nomem(err);
	while (processes && places->live_count < LIVE_MAX && (entry = readdir(processes))) {
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name))
			continue;
		places->live[places->live_count] = directory_of(entry->d_name);
		places->live_count += places->live[places->live_count] != NULL;
	}
	return WAKE_OK;
}

static bool is_live(const struct wake_import_places *places, const char *directory)
{
	for (size_t i = 0; i < places->live_count; i++) {
		if (strcmp(places->live[i], directory) == 0)
			return true;
	}
	return false;
}

/* A repository that cannot be opened has no name, and nothing else is wrong with that. */
static int look(struct wake_import_place *place, const struct wake_paths *paths, struct wake_error *err)
{
	wake_auto_workspace struct wake_workspace workspace = { 0 };
	wake_auto_facts struct wake_git_facts facts = { 0 };
	struct wake_error ignored;
	int ret = wake_fs_is_dir(place->directory)
	              ? wake_workspace_find(paths, place->directory, &workspace, &ignored)
	              : WAKE_NOTFOUND;

	if (ret != WAKE_OK) {
		wake_id_v5(place->directory, strlen(place->directory), place->workspace_id);
		return wake_str_copy(place->directory, &place->root, err);
	}
	if (wake_git_facts_read(&workspace, &facts, &ignored) == WAKE_OK) {
		place->git_repo = facts.name;
		facts.name = NULL; /* the place's now */
	}
	if (workspace.registered) {
		memcpy(place->repository_id, workspace.identity.repository_id, WAKE_ID_SIZE);
		memcpy(place->worktree_id, workspace.identity.worktree_id, WAKE_ID_SIZE);
		memcpy(place->workspace_id, workspace.id, WAKE_ID_SIZE);
	} else {
		wake_id_v5(workspace.root, strlen(workspace.root), place->workspace_id);
	}
	place->root = workspace.root;
	workspace.root = NULL; /* the place's now */
	return WAKE_OK;
}

static int make_room(struct wake_import_places *places, struct wake_error *err)
{
	size_t room = places->room ? places->room * 2 : 16;
	struct wake_import_place *items;

	if (places->count == PLACES_MAX)
		place_release(&places->items[--places->count]);
	if (places->count < places->room)
		return WAKE_OK;
	items = reallocarray(places->items, room, sizeof(*items));
	if (!items)
		return wake_fail_nomem(err);
	places->items = items;
	places->room = room;
	return WAKE_OK;
}

int wake_import_place_of(struct wake_import_places *places, const struct wake_paths *paths,
    const char *directory, const struct wake_import_place **ret_place, struct wake_error *err)
{
	struct wake_import_place place = { 0 };
	int ret = places->live ? WAKE_OK : find_live(places, err);

	for (size_t i = places->count; ret == WAKE_OK && i-- > 0;) {
		if (strcmp(places->items[i].directory, directory) == 0) {
			*ret_place = &places->items[i];
			return WAKE_OK;
		}
	}
	if (ret == WAKE_OK)
		ret = make_room(places, err);
	if (ret == WAKE_OK)
		ret = wake_str_copy(directory, &place.directory, err);
	if (ret == WAKE_OK)
		ret = look(&place, paths, err);
	if (ret != WAKE_OK) {
		place_release(&place);
		return ret;
	}
	place.is_live = is_live(places, directory);
	places->items[places->count] = place;
	*ret_place = &places->items[places->count++];
	return WAKE_OK;
}
