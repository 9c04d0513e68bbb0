/* SPDX-License-Identifier: MIT */
/* The store when memory or disk fail at any one call, or at it and all later ones: a transaction is there as
 * a whole or not at all, what was reported as written is there, the store opens again, and nothing leaks. */
#include "store/store.h"

#include <errno.h>
#include <sqlite3.h>

#include "../unit/base/scratch.h"
#include "base/fs.h"
#include "store/migrate.h"
#include "wrap.h"

#define NTH_MAX 5000 /* a loop that has not ended by then never will */
#define ROWS 8
#define TEXT_SIZE 6000 /* bytes: more than a page, so that rows have overflow pages */

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

/* ---- what fails ------------------------------------------------------------------------------- */

enum kind {
	OUR_MEMORY, /* asked for by our own objects */
	SQLITE_MEMORY,
	DISK, /* SQLite's writing, syncing, truncating, and mapping of shared memory */
	KINDS
};

static const char *const kind_names[KINDS] = { "our memory", "SQLite's memory", "the disk" };

static struct {
	bool armed, always, fired;
	enum kind kind;
	unsigned long left; /* calls until the one that fails */
} fault;

static void arm(enum kind kind, unsigned long nth, bool always)
{
	fault.kind = kind;
	fault.left = nth;
	fault.always = always;
	fault.fired = false;
	fault.armed = true;
	if (kind == OUR_MEMORY && always)
		wrap_fail_on(WRAP_MEMORY, nth, ENOMEM);
	else if (kind == OUR_MEMORY)
		wrap_fail(WRAP_MEMORY, nth, ENOMEM);
}

static bool disarm(void)
{
	fault.armed = false;
	return fault.kind == OUR_MEMORY ? wrap_stop() : fault.fired;
}

static bool strikes(enum kind kind)
{
	if (!fault.armed || fault.kind != kind)
		return false;
	if (fault.left > 0 && --fault.left > 0)
		return false;
	if (fault.fired && !fault.always)
		return false;
	fault.fired = true;
	return true;
}

static sqlite3_mem_methods real_memory;

static void *get_memory(int size)
{
	return strikes(SQLITE_MEMORY) ? NULL : real_memory.xMalloc(size);
}

static void *resize_memory(void *pointer, int size)
{
	return strikes(SQLITE_MEMORY) ? NULL : real_memory.xRealloc(pointer, size);
}

/* ---- a file system between SQLite and the real one -------------------------------------------- */

struct shim_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct, in the same memory */
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct shim_file *)file)->real;
}

static int shim_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int shim_read(sqlite3_file *file, void *data, int len, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), data, len, at);
}

/* A failing write leaves its first half, as a disk that is full or loses its power does. */
static int shim_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	if (!strikes(DISK))
		return real_of(file)->pMethods->xWrite(real_of(file), data, len, at);
	(void)real_of(file)->pMethods->xWrite(real_of(file), data, len / 2, at);
	return SQLITE_FULL;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return strikes(DISK) ? SQLITE_IOERR_TRUNCATE
	                     : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

/* Nobody cuts the power here, so a sync that works need not be one. */
static int shim_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return strikes(DISK) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_check_lock(sqlite3_file *file, int *reserved)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

static int shim_control(sqlite3_file *file, int operation, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int shim_sector_size(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_map(sqlite3_file *file, int region, int size, int extend, void volatile **data)
{
	if (strikes(DISK))
		return SQLITE_IOERR_SHMMAP;
	return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, data);
}

static int shim_shared_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void shim_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shim_unmap(sqlite3_file *file, int remove)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods shim_methods = {
	.iVersion = 2,
	.xClose = shim_close,
	.xRead = shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = shim_size,
	.xLock = shim_lock,
	.xUnlock = shim_unlock,
	.xCheckReservedLock = shim_check_lock,
	.xFileControl = shim_control,
	.xSectorSize = shim_sector_size,
	.xDeviceCharacteristics = shim_characteristics,
	.xShmMap = shim_map,
	.xShmLock = shim_shared_lock,
	.xShmBarrier = shim_barrier,
	.xShmUnmap = shim_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct shim_file *shim = (struct shim_file *)file;
	int result;

	(void)vfs;
	shim->real = (sqlite3_file *)(shim + 1);
	result = real_vfs->xOpen(real_vfs, name, shim->real, flags, ret_flags);
	shim->base.pMethods = shim->real->pMethods ? &shim_methods : NULL;
	return result;
}

/* Memory's methods can be changed only before SQLite is initialised. */
static int put_shims(void **state)
{
	static sqlite3_vfs shim_vfs;
	static sqlite3_mem_methods memory;

	(void)state;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK)
		return -1;
	memory = real_memory;
	memory.xMalloc = get_memory;
	memory.xRealloc = resize_memory;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK)
		return -1;
	real_vfs = sqlite3_vfs_find(NULL);
	shim_vfs = *real_vfs;
	shim_vfs.zName = "shim";
	shim_vfs.pNext = NULL;
	shim_vfs.szOsFile += (int)sizeof(struct shim_file);
	shim_vfs.xOpen = shim_open;
	return sqlite3_vfs_register(&shim_vfs, 1) == SQLITE_OK ? 0 : -1;
}

/* ---- what is done meanwhile ------------------------------------------------------------------- */

struct place {
	char *url;
	char *text;           /* TEXT_SIZE long */
	int64_t rows;         /* that are there */
	unsigned long number; /* of the next row: each has another name */
};

static int insert_rows(struct wake_store *store, struct place *place, struct wake_error *err)
{
	int status = WAKE_OK;

	for (int i = 0; status == WAKE_OK && i < ROWS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "row %lu", place->number++);
		{
			const struct wake_value row[] = { WAKE_TEXT(name), WAKE_TEXT(place->text),
				WAKE_TIME(i), WAKE_TEXT("1.0") };

			status =
			    wake_store_run(store, WAKE_SQL_MIGRATION_INSERT, row, WAKE_COUNT(row), NULL, err);
		}
	}
	return status;
}

static int add_rows(struct wake_store *store, struct place *place, struct wake_error *err)
{
	int status = wake_store_begin(store, err);

	if (status != WAKE_OK)
		return status;
	status = insert_rows(store, place, err);
	if (status == WAKE_OK)
		return wake_store_commit(store, err);
	wake_store_rollback(store);
	return status;
}

static int read_rows(struct wake_store *store, const char *text, int64_t *ret_count, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_MIGRATION_LIST, NULL, 0, &rows, err);
	int64_t count = 0;

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		assert_string_equal(wake_rows_text(rows, 1), text); /* a row that is told of is told whole */
		count++;
		status = WAKE_OK;
	}
	if (status == WAKE_OK)
		*ret_count = count;
	return status;
}

static int open_and_add(struct place *place, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int status = wake_store_open(place->url, &store, err);

	return status == WAKE_OK ? add_rows(store, place, err) : status;
}

static int open_and_read(struct place *place, int64_t *ret_count, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int status = wake_store_open(place->url, &store, err);

	return status == WAKE_OK ? read_rows(store, place->text, ret_count, err) : status;
}

static int64_t count_rows(struct place *place)
{
	struct wake_error err;
	int64_t count = -1;

	assert_ok(open_and_read(place, &count, &err));
	return count;
}

static void place_init(struct place *place, void *const *state)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;

	*place = (struct place){ .text = malloc(TEXT_SIZE + 1) };
	assert_non_null(place->text);
	memset(place->text, 'x', TEXT_SIZE);
	place->text[TEXT_SIZE] = '\0';
	assert_true(asprintf(&place->url, "sqlite:%s/store.db", (const char *)*state) > 0);
	assert_ok(wake_store_open(place->url, &store, &err));
	assert_ok(wake_store_run(store, WAKE_SQL_MIGRATION_TABLE, NULL, 0, NULL, &err));
}

static void place_release(struct place *place)
{
	free(place->url);
	free(place->text);
}

/* Of memory that is out, and of a disk that is, a caller hears as such. */
static void assert_told(enum kind kind, int status, const struct wake_error *err)
{
	int expected = kind == DISK ? WAKE_UNAVAILABLE : WAKE_NOMEM;

	if (status != expected || err->code != (enum wake_code)expected)
		fail_msg("%s failed, and was told as %d: %s", kind_names[kind], status, err->text);
}

/* ---- transactions ----------------------------------------------------------------------------- */

/* What a disk could not confirm may be there all the same; then it is there as a whole. */
static void check_rows(struct place *place, enum kind kind, int status)
{
	int64_t rows = count_rows(place);

	if (status == WAKE_OK)
		assert_int_equal(rows, place->rows + ROWS);
	else if (kind != DISK || rows != place->rows + ROWS)
		assert_int_equal(rows, place->rows);
	place->rows = rows;
}

static void fail_each_in_turn(void **state, enum kind kind, bool always)
{
	WAKE_CLEANUP(place_release) struct place place;
	bool fired = true;
	sqlite3_int64 used;

	place_init(&place, state);
	used = sqlite3_memory_used();
	for (unsigned long nth = 1; fired; nth++) {
		struct wake_error err;
		int status;

		arm(kind, nth, always);
		status = open_and_add(&place, &err);
		fired = disarm();
		assert_int_equal(sqlite3_memory_used(), used);
		if (status != WAKE_OK)
			assert_told(kind, status, &err);
		check_rows(&place, kind, status);
		assert_true(fired || status == WAKE_OK);
		assert_true(nth < NTH_MAX);
	}
}

static void a_transaction_is_whole_or_not_at_all(void **state)
{
	for (int kind = 0; kind < KINDS; kind++) {
		wake_auto_free char *dir = scratch_path(state, kind_names[kind]);

		assert_int_equal(mkdir(dir, 0700), 0);
		fail_each_in_turn((void **)&dir, kind, false);
	}
}

static void it_is_so_when_everything_fails_from_then_on(void **state)
{
	for (int kind = 0; kind < KINDS; kind++) {
		wake_auto_free char *dir = scratch_path(state, kind_names[kind]);

		assert_int_equal(mkdir(dir, 0700), 0);
		fail_each_in_turn((void **)&dir, kind, true);
	}
}

/* The same connection goes on after a failure has passed. */
static void fail_and_go_on(void *const *state, enum kind kind)
{
	WAKE_CLEANUP(place_release) struct place place;
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;
	bool fired = true;

	place_init(&place, state);
	assert_ok(wake_store_open(place.url, &store, &err));
	for (unsigned long nth = 1; fired; nth++) {
		int status;

		arm(kind, nth, false);
		status = add_rows(store, &place, &err);
		fired = disarm();
		check_rows(&place, kind, status);
		assert_ok(add_rows(store, &place, &err));
		check_rows(&place, kind, WAKE_OK);
		assert_true(nth < NTH_MAX);
	}
}

static void a_connection_goes_on_afterwards(void **state)
{
	for (int kind = 0; kind < KINDS; kind++) {
		wake_auto_free char *dir = scratch_path(state, kind_names[kind]);

		assert_int_equal(mkdir(dir, 0700), 0);
		fail_and_go_on((void **)&dir, kind);
	}
}

/* ---- reading ---------------------------------------------------------------------------------- */

static void a_reader_gets_all_or_is_told(void **state)
{
	WAKE_CLEANUP(place_release) struct place place;
	struct wake_error err;

	place_init(&place, state);
	assert_ok(open_and_add(&place, &err));
	for (int kind = 0; kind < KINDS; kind++) {
		bool fired = true;

		for (unsigned long nth = 1; fired; nth++) {
			int64_t count = -1;
			int status;

			arm(kind, nth, false);
			status = open_and_read(&place, &count, &err);
			fired = disarm();
			if (status == WAKE_OK)
				assert_int_equal(count, ROWS);
			else
				assert_told(kind, status, &err);
			assert_true(nth < NTH_MAX);
		}
	}
}

/* ---- migrations and backups ------------------------------------------------------------------- */

static const struct wake_migration migrations[] = {
	{ "20260101_000000_first", "sqlite", "create table a (x); create index a_by_x on a (x);",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "20260102_000000_second", "sqlite", "create table b (y); insert into a (x) values (1);",
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" },
	{ NULL, NULL, NULL, NULL },
};

static int open_and_migrate(const char *url, size_t *ret_applied, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int status = wake_store_open(url, &store, err);

	return status == WAKE_OK ? wake_migrate_to(store, migrations, ret_applied, err) : status;
}

static void fail_migrating(void *const *state, enum kind kind)
{
	bool fired = true;

	for (unsigned long nth = 1; fired; nth++) {
		wake_auto_free char *url = NULL;
		struct wake_error err;
		size_t first = 0, later = 0;
		int status;

		assert_true(
		    asprintf(&url, "sqlite:%s/%s/%lu.db", (const char *)*state, kind_names[kind], nth) > 0);
		arm(kind, nth, true);
		status = open_and_migrate(url, &first, &err);
		fired = disarm();
		if (status != WAKE_OK)
			assert_told(kind, status, &err);
		assert_ok(open_and_migrate(url, &later, &err)); /* half a migration would be in its own way */
		assert_ok(open_and_migrate(url, &later, &err));
		assert_int_equal(later, 0);
		assert_true(nth < NTH_MAX);
	}
}

static void a_migration_is_whole_or_not_at_all(void **state)
{
	for (int kind = 0; kind < KINDS; kind++)
		fail_migrating(state, kind);
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static size_t count_names(void *const *state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_ok(wake_fs_list(*state, 100, &names, &err));
	return names.count;
}

static void check_backup(void *const *state, struct place *source, int status, size_t names)
{
	wake_auto_free char *path = scratch_path(state, "copy.db"), *url = NULL;
	struct place copy = { .text = source->text };

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	copy.url = url;
	assert_true(is_there(path) || status != WAKE_OK);
	assert_int_equal(count_names(state), names + is_there(path)); /* no draft is left */
	if (!is_there(path))
		return;
	assert_int_equal(count_rows(&copy), ROWS);
	assert_int_equal(unlink(path), 0);
}

static void fail_backing_up(void *const *state, enum kind kind)
{
	WAKE_CLEANUP(place_release) struct place place;
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_free char *path = scratch_path(state, "copy.db");
	struct wake_error err;
	bool fired = true;
	size_t names;

	place_init(&place, state);
	assert_ok(open_and_add(&place, &err));
	assert_ok(wake_store_open(place.url, &store, &err));
	names = count_names(state);
	for (unsigned long nth = 1; fired; nth++) {
		int status;

		arm(kind, nth, true);
		status = wake_store_backup(store, path, &err);
		fired = disarm();
		if (status != WAKE_OK)
			assert_told(kind, status, &err);
		check_backup(state, &place, status, names);
		assert_true(nth < NTH_MAX);
	}
	assert_int_equal(count_rows(&place), ROWS);
}

static void a_backup_is_whole_or_not_there(void **state)
{
	for (int kind = 0; kind < KINDS; kind++) {
		wake_auto_free char *dir = scratch_path(state, kind_names[kind]);

		assert_int_equal(mkdir(dir, 0700), 0);
		fail_backing_up((void **)&dir, kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_transaction_is_whole_or_not_at_all),
		scratch_test(it_is_so_when_everything_fails_from_then_on),
		scratch_test(a_connection_goes_on_afterwards),
		scratch_test(a_reader_gets_all_or_is_told),
		scratch_test(a_migration_is_whole_or_not_at_all),
		scratch_test(a_backup_is_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, put_shims, NULL);
}
