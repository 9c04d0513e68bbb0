/* SPDX-License-Identifier: MIT */
/* store/store: what a URL names, where a store may lie, many that open one, and backups. */
#include "things.h"

#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "store/store_sqlite.h"

/* ---- opening ---------------------------------------------------------------------------------- */

static void makes_a_private_file(void **state)
{
	wake_auto_free char *url = url_of(state, "a/b/store.db");
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;
	mode_t before = umask(0277);
	int status = wake_store_open(url, &store, &err);

	(void)umask(before);
	assert_int_equal(status, WAKE_OK);
	assert_string_equal(wake_store_driver(store), "sqlite");
	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_store_exec_script(store, schema, &err));
	assert_ok(wake_store_commit(store, &err));
	assert_mode(state, "a", 0700);
	assert_mode(state, "a/b", 0700);
	assert_mode(state, "a/b/store.db", 0600);
	assert_mode(state, "a/b/store.db-wal", 0600);
	assert_mode(state, "a/b/store.db-shm", 0600);
}

static void takes_a_name_as_it_is(void **state)
{
	static const char *const names[] = { "a?mode=ro.db", "50%25.db", "with space", "file:x", "é\n.db" };
	struct wake_error err;

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *path = scratch_path(state, names[i]);
		wake_auto_store struct wake_store *store = open_store(state, names[i]);

		assert_true(wake_fs_is_file(path));
		assert_ok(wake_store_begin(store, &err));
		assert_ok(wake_store_exec_script(store, schema, &err));
		assert_ok(wake_store_commit(store, &err));
	}
}

static void refuses_other_urls(void **state)
{
	static const char *const urls[] = { "", "store.db", "/tmp/store.db", "sqlite:", "sqlite:store.db",
		"sqlite:./x", "sqlite:/tmp/", "sqlite:/", "SQLITE:/tmp/x", "mysql://u:secret@h/d",
		"postgres://u:secret@h/d", "postgresql://u:secret@h/d" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(urls); i++) {
		struct wake_store *store = NULL;
		struct wake_error err;

		assert_int_equal(wake_store_open(urls[i], &store, &err), WAKE_INVALID);
		assert_null(store);
		assert_null(strstr(err.text, "secret"));
	}
}

static int open_status(void *const *state, const char *name, struct wake_error *err)
{
	wake_auto_free char *url = url_of(state, name);
	struct wake_store *store = NULL;
	int status = wake_store_open(url, &store, err);

	assert_true((status == WAKE_OK) == (store != NULL));
	wake_store_close(store);
	return status;
}

static void refuses_what_is_no_file(void **state)
{
	wake_auto_free char *target = scratch_path(state, "target.db"),
	                    *name = scratch_path(state, "link.db");
	wake_auto_free char *dir = scratch_path(state, "dir"), *fifo = scratch_path(state, "fifo");
	wake_auto_free char *file = scratch_path(state, "file");
	struct wake_error err;

	assert_int_equal(symlink(target, name), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	scratch_write(file, "");
	assert_int_equal(open_status(state, "link.db", &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_false(wake_fs_is_file(target));
	assert_int_equal(open_status(state, "dir", &err), WAKE_INVALID);
	assert_int_equal(open_status(state, "fifo", &err), WAKE_INVALID);
	assert_int_equal(open_status(state, "file/store.db", &err), WAKE_UNAVAILABLE);
}

static void leaves_another_file_as_it_is(void **state)
{
	static const char words[] =
	    "These are words and no database, and they are longer than a header is: a header has "
	    "a hundred bytes, and this text has some more than that.\n";
	wake_auto_free char *path = scratch_path(state, "words"), *data = NULL;
	struct wake_error err;
	size_t len;

	scratch_write(path, words);
	assert_int_equal(open_status(state, "words", &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, path));
	assert_ok(wake_fs_read(path, 4096, WAKE_FS_PLAIN, &data, &len, &err));
	assert_string_equal(data, words);
}

/* ---- where it may lie ------------------------------------------------------------------------- */

static void knows_network_file_systems(void **state)
{
	static const uint32_t remote[] = { 0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x00c36400 };
	static const uint32_t local[] = { 0xef53, 0x01021994, 0x9123683e, 0x58465342, 0x794c7630,
		0x65735546 };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(remote); i++)
		assert_non_null(wake_store_network_name(remote[i]));
	for (size_t i = 0; i < WAKE_COUNT(local); i++)
		assert_null(wake_store_network_name(local[i]));
	assert_true(wake_store_fuse_is_local("fuseblk"));
	assert_true(wake_store_fuse_is_local("fuse.fuse-overlayfs"));
	assert_false(wake_store_fuse_is_local("fuse.sshfs"));
	assert_false(wake_store_fuse_is_local("fuse"));
	assert_false(wake_store_fuse_is_local(""));
}

static void reads_the_mounts(void **state)
{
	static const char mounts[] =
	    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	    "not a line\n"
	    "90 22 0:77 / /mnt/a\\040-\\040b rw master:2 propagate_from:3 - fuse.sshfs you@host:/ rw\n"
	    "91 22 0:78 / /mnt/last rw - nfs4 host:/x";
	static const struct {
		unsigned device_minor;
		const char *type;
	} cases[] = { { 77, "fuse.sshfs" }, { 78, "nfs4" }, { 7, "" }, { 79, "" } };
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str type = WAKE_STR(64);

		assert_ok(wake_store_mount_type(mounts, 0, cases[i].device_minor, &type, &err));
		assert_string_equal(wake_str_text(&type), cases[i].type);
	}
}

static void finds_a_mount_of_this_machine(void **state)
{
	wake_auto_str struct wake_str type = WAKE_STR(64);
	wake_auto_free char *mounts = NULL;
	struct wake_error err;
	struct stat st;
	size_t len;

	(void)state;
	assert_int_equal(stat("/proc", &st), 0);
	assert_ok(wake_fs_read("/proc/self/mountinfo", 4 << 20, WAKE_FS_PLAIN, &mounts, &len, &err));
	assert_ok(wake_store_mount_type(mounts, major(st.st_dev), minor(st.st_dev), &type, &err));
	assert_string_equal(wake_str_text(&type), "proc");
}

/* ---- several at once -------------------------------------------------------------------------- */

static int wait_for(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define CROWD 8
#define EACH 25
#define ROUNDS 20

static int create_things(struct wake_store *store, struct wake_error *err)
{
	return wake_store_exec_script(store,
	    "create table if not exists things (id text primary key, n, flag, words, doc, at, money)", err);
}

static int write_things(struct wake_store *store, int number, struct wake_error *err)
{
	int status = WAKE_OK;

	for (int i = 0; status == WAKE_OK && i < EACH; i++) {
		char id[32];

		snprintf(id, sizeof(id), "%d of %d", i, number);
		status = wake_store_begin(store, err);
		if (status == WAKE_OK && i == 0)
			status = create_things(store, err);
		if (status == WAKE_OK)
			status = insert(store, INSERT, id, i, err);
		if (status == WAKE_OK)
			status = wake_store_commit(store, err);
	}
	return status;
}

/* In a child: opens after the fork, as it must be. */
static int join_crowd(const char *url, int gate, int number, bool writes)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;
	char byte;
	int status = read(gate, &byte, 1) == 0 ? WAKE_OK : WAKE_SYSTEM;

	if (status == WAKE_OK)
		status = wake_store_open(url, &store, &err);
	if (status == WAKE_OK && writes)
		status = write_things(store, number, &err);
	return status == WAKE_OK ? 0 : 1;
}

/* All start in the same moment: when the gate's writing end is closed. */
static void run_crowd(const char *url, bool writes)
{
	pid_t children[CROWD];
	int gate[2];

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < CROWD; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)close(gate[1]);
			_exit(join_crowd(url, gate[0], i, writes));
		}
		assert_true(children[i] > 0);
	}
	assert_int_equal(close(gate[1]), 0);
	assert_int_equal(close(gate[0]), 0);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(wait_for(children[i]), 0);
}

static void many_write_a_new_store(void **state)
{
	wake_auto_free char *url = url_of(state, "new/store.db");
	wake_auto_store struct wake_store *store = NULL;

	run_crowd(url, true);
	store = open_store(state, "new/store.db");
	assert_int_equal(count_things(store), CROWD * EACH);
}

/* Two in a hundred of these meet while the file is turned to a write-ahead log. */
static void many_open_a_new_store(void **state)
{
	for (int i = 0; i < ROUNDS; i++) {
		wake_auto_free char *url = NULL;
		char name[32];

		snprintf(name, sizeof(name), "%d/store.db", i);
		url = url_of(state, name);
		run_crowd(url, false);
	}
}

/* Where opening drops the locks that this process has on the file, the last of another process takes itself
 * for the last of all when it closes, and removes the log. */
static void opening_again_keeps_the_locks(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_free char *wal = scratch_path(state, "store.db-wal"), *url = url_of(state, "store.db");
	pid_t child;

	wake_store_close(open_store(state, "store.db"));
	child = fork();
	if (child == 0) {
		char *const argv[] = { (char *)"sqlite-store-test", (char *)"--open-and-close", url, NULL };

		execv("/proc/self/exe", argv);
		_exit(1);
	}
	assert_true(child > 0);
	assert_int_equal(wait_for(child), 0);
	assert_true(wake_fs_is_file(wal));
	assert_int_equal(count_things(store), 0);
}

/* ---- backups ---------------------------------------------------------------------------------- */

static size_t count_names(void *const *state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_ok(wake_fs_list(*state, 100, &names, &err));
	return names.count;
}

static void backs_up_while_others_write(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_store struct wake_store *writer = open_store(state, "store.db");
	wake_auto_store struct wake_store *copy = NULL;
	wake_auto_free char *path = scratch_path(state, "copy.db");
	struct wake_error err;
	size_t names;

	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_ok(wake_store_begin(writer, &err));
	assert_ok(insert(writer, INSERT, "b", 1, &err));
	names = count_names(state);
	assert_ok(wake_store_backup(store, path, &err));
	assert_int_equal(count_names(state), names + 1);
	assert_mode(state, "copy.db", 0600);
	assert_ok(wake_store_commit(writer, &err));
	copy = open_store(state, "copy.db");
	assert_int_equal(count_things(copy), 1);
	assert_int_equal(count_things(store), 2);
}

static void a_backup_replaces_nothing(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_free char *there = scratch_path(state, "there"),
	                    *nowhere = scratch_path(state, "no/copy.db");
	wake_auto_free char *own = scratch_path(state, "store.db"),
	                    *dangling = scratch_path(state, "dangling");
	wake_auto_free char *data = NULL, *inside = scratch_path(state, "inside.db");
	struct wake_error err;
	size_t names, len;

	scratch_write(there, "mine");
	assert_int_equal(symlink("elsewhere", dangling), 0);
	names = count_names(state);
	assert_int_equal(wake_store_backup(store, there, &err), WAKE_EXISTS);
	assert_int_equal(wake_store_backup(store, own, &err), WAKE_EXISTS);
	assert_int_equal(wake_store_backup(store, dangling, &err), WAKE_EXISTS);
	assert_int_equal(wake_store_backup(store, nowhere, &err), WAKE_NOTFOUND);
	assert_ok(wake_store_begin(store, &err));
	assert_int_equal(wake_store_backup(store, inside, &err), WAKE_INVALID);
	wake_store_rollback(store);
	assert_int_equal(count_names(state), names);
	assert_ok(wake_fs_read(there, 100, WAKE_FS_PLAIN, &data, &len, &err));
	assert_string_equal(data, "mine");
}

/* The other process of opening_again_keeps_the_locks: a fork would share what SQLite knows of this one's
 * locks. */
static int open_and_close(const char *url)
{
	struct wake_store *store = NULL;
	struct wake_error err;
	int status = wake_store_open(url, &store, &err);

	wake_store_close(store);
	return status == WAKE_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		scratch_test(makes_a_private_file),
		scratch_test(takes_a_name_as_it_is),
		cmocka_unit_test(refuses_other_urls),
		scratch_test(refuses_what_is_no_file),
		scratch_test(leaves_another_file_as_it_is),
		cmocka_unit_test(knows_network_file_systems),
		cmocka_unit_test(reads_the_mounts),
		cmocka_unit_test(finds_a_mount_of_this_machine),
		scratch_test(many_write_a_new_store),
		scratch_test(many_open_a_new_store),
		scratch_test(opening_again_keeps_the_locks),
		scratch_test(backs_up_while_others_write),
		scratch_test(a_backup_replaces_nothing),
	};

	if (argc == 3 && strcmp(argv[1], "--open-and-close") == 0)
		return open_and_close(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
