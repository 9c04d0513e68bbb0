/* SPDX-License-Identifier: MIT */
/* Which store a state directory works with, and that it stays the same one until it is told another. */
#include <string.h>

#include "base/config.h"
#include "base/fs.h"
#include "event/spool.h"
#include "store/migrate.h"
#include "store/record.h"

#define URL_MAX 4096 /* bytes */

static int read_bound(const struct wake_paths *paths, char **ret_url, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	char *url = NULL;
	size_t len = 0;
	int status = wake_fs_join(paths->state, "store", &path, err);

	if (status == WAKE_OK)
		status = wake_fs_read(path, URL_MAX, WAKE_FS_NOFOLLOW, &url, &len, err);
	if (status != WAKE_OK)
		return status; /* WAKE_NOTFOUND: none was used so far */
	url[strcspn(url, "\n")] = '\0';
	*ret_url = url;
	return WAKE_OK;
}

/* Named by a person: WAKE_NOTFOUND where none is. */
static int named_url(const struct wake_paths *paths, char **ret_url, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	const char *from_env = getenv("RUNWAKE_STORE"), *from_file;
	int status;

	if (from_env && *from_env)
		return wake_str_copy(from_env, ret_url, err);
	status = wake_config_load(paths->config, &config, err);
	if (status != WAKE_OK)
		return status;
	from_file = wake_config_text(&config, WAKE_SETTING_STORE);
	if (*from_file)
		return wake_str_copy(from_file, ret_url, err);
	return wake_fail(err, WAKE_NOTFOUND, "no setting names a store");
}

/* Where nobody names one, the one that was used before stays. */
static int configured_url(const struct wake_paths *paths, char **ret_url, struct wake_error *err)
{
	int status = named_url(paths, ret_url, err);

	if (status == WAKE_NOTFOUND)
		status = read_bound(paths, ret_url, err);
	if (status == WAKE_NOTFOUND)
		status = wake_str_format(ret_url, err, "sqlite:%s/runwake.db", paths->state);
	return status;
}

/* "scheme://user:password@host": a password in a URL ends up in logs and process lists. */
static bool holds_password(const char *url)
{
	const char *host = strstr(url, "://"), *at, *colon;

	if (!host)
		return false;
	host += strlen("://");
	at = host + strcspn(host, "/?#");
	while (at > host && *at != '@')
		at--;
	colon = memchr(host, ':', (size_t)(at - host));
	return (*at == '@' && colon) || strstr(url, "password=") != NULL;
}

static int check_url(const char *url, struct wake_error *err)
{
	if (strlen(url) >= URL_MAX || strpbrk(url, "\n\r"))
		return wake_fail(err, WAKE_INVALID,
		    "the store's URL is longer than %d bytes or holds a line break "
		    "(correct RUNWAKE_STORE or the setting runwake.store)",
		    URL_MAX);
	if (holds_password(url))
		return wake_fail(err, WAKE_INVALID,
		    "the store's URL holds a password (put it into a passfile, ~/.pgpass, "
		    "and leave it out of the URL)");
	return WAKE_OK;
}

/* STATE/store names the first store used: events of one spool must not end in two stores. */
static int check_bound(const struct wake_paths *paths, const char *url, struct wake_error *err)
{
	wake_auto_free char *bound = NULL;
	int status = read_bound(paths, &bound, err);

	if (status != WAKE_OK)
		return status;
	if (strcmp(bound, url) != 0)
		return wake_fail(err, WAKE_INVALID,
		    "the state directory '%s' belongs to the store '%s', not '%s' (set RUNWAKE_STORE or "
		    "runwake.store back, use another XDG_STATE_HOME, or move on with 'runwake db use URL')",
		    paths->state, bound, url);
	return WAKE_OK;
}

static int bind(const struct wake_paths *paths, const char *url, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int status = check_bound(paths, url, err);

	if (status != WAKE_NOTFOUND)
		return status;
	status = wake_fs_join(paths->state, "store", &path, err);
	if (status == WAKE_OK)
		status = wake_fs_make_dirs(paths->state, err);
	if (status == WAKE_OK)
		status = wake_fs_create(path, url, strlen(url), 0600, WAKE_FS_PLAIN, err);
	return status == WAKE_EXISTS ? check_bound(paths, url, err) : status;
}

int wake_store_locate(const struct wake_paths *paths, char **ret_url, struct wake_error *err)
{
	wake_auto_free char *url = NULL;
	int status = configured_url(paths, &url, err);

	if (status == WAKE_OK)
		status = check_url(url, err);
	if (status == WAKE_OK)
		status = check_bound(paths, url, err);
	if (status != WAKE_OK && status != WAKE_NOTFOUND)
		return status;
	*ret_url = url;
	url = NULL; /* now the caller's */
	return WAKE_OK;
}

int wake_store_locate_file(const struct wake_paths *paths, char **ret_path, struct wake_error *err)
{
	static const char scheme[] = "sqlite:";
	wake_auto_free char *url = NULL;
	wake_auto_free char *path = NULL;
	int status = wake_store_locate(paths, &url, err);

	if (status == WAKE_OK && strncmp(url, scheme, sizeof(scheme) - 1) == 0)
		status = wake_str_copy(url + sizeof(scheme) - 1, &path, err);
	if (status == WAKE_OK) {
		*ret_path = path;
		path = NULL; /* now the caller's */
	}
	return status;
}

/* What a team shares is migrated only when somebody says so. */
static bool migrates_itself(const struct wake_store *store)
{
	return strcmp(wake_store_driver(store), "sqlite") == 0;
}

static int bring_up_to_date(struct wake_store *store, const char *url, struct wake_error *err)
{
	struct wake_migration_status state = { 0 };
	size_t applied;
	int status;

	if (migrates_itself(store))
		return wake_migrate(store, &applied, err);
	status = wake_migrate_status(store, &state, err);
	if (status == WAKE_OK && state.pending > 0)
		return wake_fail(err, WAKE_UNAVAILABLE,
		    "the store '%s' waits for %zu migration%s: run 'runwake db migrate'; until then what "
		    "happens "
		    "waits in the spool",
		    url, state.pending, state.pending == 1 ? "" : "s");
	return status;
}

int wake_store_open_located(
    const struct wake_paths *paths, struct wake_store **ret_store, struct wake_error *err)
{
	wake_auto_free char *url = NULL;
	wake_auto_store struct wake_store *store = NULL;
	int status = wake_store_locate(paths, &url, err);

	if (status == WAKE_OK)
		status = wake_store_open(url, &store, err);
	if (status == WAKE_OK)
		status = bring_up_to_date(store, url, err);
	/* Only now: a mistyped URL must not bind anything. */
	if (status == WAKE_OK)
		status = bind(paths, url, err);
	if (status == WAKE_OK) {
		*ret_store = store;
		store = NULL; /* now the caller's */
	}
	return status;
}

/* A person who names another store by hand, and not only here, must take that back first. */
static int check_named(const struct wake_paths *paths, const char *url, struct wake_error *err)
{
	wake_auto_free char *named = NULL;
	int status = named_url(paths, &named, err);

	if (status == WAKE_NOTFOUND)
		return WAKE_OK;
	if (status == WAKE_OK && strcmp(named, url) != 0)
		return wake_fail(err, WAKE_INVALID,
		    "RUNWAKE_STORE or the setting runwake.store names the store '%s'; change it to '%s' "
		    "first, "
		    "or take it out",
		    named, url);
	return status;
}

int wake_store_check_use(const struct wake_paths *paths, const char *url, struct wake_error *err)
{
	int status = check_url(url, err);

	return status == WAKE_OK ? check_named(paths, url, err) : status;
}

int wake_store_rebind(const struct wake_paths *paths, const char *url, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int status = wake_fs_join(paths->state, "store", &path, err);

	if (status == WAKE_OK)
		status = wake_fs_make_dirs(paths->state, err);
	return status == WAKE_OK ? wake_fs_replace(path, url, strlen(url), 0600, WAKE_FS_PLAIN, err) : status;
}

int wake_store_use(const struct wake_paths *paths, const char *url, struct wake_migration_status *ret_state,
    struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_close int lock = -1;
	struct wake_migration_status state = { 0 };
	size_t applied;
	int status = wake_store_check_use(paths, url, err);

	if (status == WAKE_OK)
		status = wake_store_open(url, &store, err);
	if (status == WAKE_OK && migrates_itself(store))
		status = wake_migrate(store, &applied, err);
	if (status == WAKE_OK)
		status = wake_migrate_status(store, &state, err);
	/* No recorder is in the middle of a batch for the old one. */
	if (status == WAKE_OK)
		status = wake_spool_lock(paths->spool, true, &lock, err);
	if (status == WAKE_OK)
		status = wake_store_rebind(paths, url, err);
	if (status == WAKE_OK)
		*ret_state = state;
	return status;
}
