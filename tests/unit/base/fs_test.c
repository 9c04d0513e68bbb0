/* SPDX-License-Identifier: MIT */
/* base/fs: joining, directories, bounded reading, identity, listing. */
#include "base/fs.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "scratch.h"

static void joins(void **state)
{
	static const char *const cases[][3] = {
		{ "a", "b", "a/b" },
		{ "a/", "b", "a/b" },
		{ "/", "b", "/b" },
		{ "", "b", "b" },
		{ "a", "b/c", "a/b/c" },
		{ "a", "/b", "/b" },
		{ "a", "", "a/" },
	};
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_free char *path = NULL;

		assert_int_equal(wake_fs_join(cases[i][0], cases[i][1], &path, &err), WAKE_OK);
		assert_string_equal(path, cases[i][2]);
	}
}

static void assert_mode(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void makes_directories(void **state)
{
	wake_auto_free char *top = scratch_path(state, "a");
	wake_auto_free char *deep = scratch_path(state, "a//b/c/");
	wake_auto_free char *middle = scratch_path(state, "a/b");
	struct wake_error err;
	mode_t before = umask(0777); /* the worst there is */
	int first = wake_fs_make_dirs(deep, &err);

	(void)umask(before);
	assert_int_equal(first, WAKE_OK);
	assert_mode(top, 0700);
	assert_mode(middle, 0700);
	assert_true(wake_fs_is_dir(deep));
	assert_int_equal(chmod(top, 0755), 0);
	assert_int_equal(wake_fs_make_dirs(deep, &err), WAKE_OK);
	assert_mode(top, 0755); /* an existing one is left as it is */
	assert_int_equal(wake_fs_make_dirs("/", &err), WAKE_OK);
}

static void a_file_in_the_way_is_named(void **state)
{
	wake_auto_free char *file = scratch_path(state, "f");
	wake_auto_free char *below = scratch_path(state, "f/g");
	wake_auto_free char *dangling = scratch_path(state, "l");
	struct wake_error err;

	scratch_write(file, "x");
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(wake_fs_make_dirs(file, &err), WAKE_EXISTS);
	assert_int_equal(wake_fs_make_dirs(below, &err), WAKE_EXISTS);
	assert_non_null(strstr(err.text, file));
	assert_int_equal(wake_fs_make_dirs(dangling, &err), WAKE_EXISTS);
	assert_int_equal(wake_fs_make_dirs("", &err), WAKE_NOTFOUND);
}

static void tells_files_from_directories(void **state)
{
	wake_auto_free char *file = scratch_path(state, "f");
	wake_auto_free char *link_path = scratch_path(state, "l");

	scratch_write(file, "x");
	assert_int_equal(symlink("f", link_path), 0);
	assert_true(wake_fs_is_file(file));
	assert_true(wake_fs_is_file(link_path));
	assert_false(wake_fs_is_dir(file));
	assert_true(wake_fs_is_dir(*state));
	assert_false(wake_fs_is_file(*state));
	assert_false(wake_fs_is_file("/dev/null"));
}

static void assert_read(const char *path, size_t max, unsigned flags, const char *expected)
{
	wake_auto_free char *data = NULL;
	struct wake_error err;
	size_t len = 0;

	assert_int_equal(wake_fs_read(path, max, flags, &data, &len, &err), WAKE_OK);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(data, expected);
}

static void assert_unread(const char *path, size_t max, unsigned flags, int code)
{
	struct wake_error err;
	char *data = NULL;
	size_t len = 77;

	(void)alarm(20); /* a read that blocks would hang the suite */
	assert_int_equal(wake_fs_read(path, max, flags, &data, &len, &err), code);
	(void)alarm(0);
	assert_null(data);
	assert_int_equal(len, 77);
	assert_non_null(strstr(err.text, path));
}

static void reads_up_to_its_maximum(void **state)
{
	wake_auto_free char *path = scratch_path(state, "f");

	scratch_write(path, "");
	assert_read(path, 0, WAKE_FS_PLAIN, "");
	assert_read(path, SIZE_MAX, WAKE_FS_PLAIN, "");
	scratch_write(path, "hello");
	assert_read(path, 5, WAKE_FS_PLAIN, "hello");
	assert_read(path, SIZE_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, "hello");
	assert_unread(path, 4, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread(path, 0, WAKE_FS_PLAIN, WAKE_INVALID);
}

/* Files in /proc say that they are empty, and so look like files that grow while they are read. This one stays
 * the same whoever mounts something meanwhile. */
static void reads_past_the_size_it_was_told(void **state)
{
	wake_auto_free char *data = NULL;
	struct wake_error err;
	struct stat st;
	size_t len = 0;

	(void)state;
	assert_int_equal(stat("/proc/version", &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(wake_fs_read("/proc/version", 1 << 20, WAKE_FS_PLAIN, &data, &len, &err), WAKE_OK);
	assert_true(len > 10);
	assert_int_equal(strlen(data), len);
	assert_unread("/proc/version", len - 1, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread("/proc/self/status", 10, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread("/proc/self/environ-not", 10, WAKE_FS_PLAIN, WAKE_NOTFOUND);
}

static void large_files_of_unknown_size(void **state)
{
	wake_auto_free char *data = NULL;
	struct wake_error err;
	size_t len = 0;

	(void)state;
	/* Over the first read's 4 KiB several times; kallsyms would be larger but is not everywhere. */
	assert_int_equal(
	    wake_fs_read("/proc/self/smaps", 16 << 20, WAKE_FS_PLAIN, &data, &len, &err), WAKE_OK);
	assert_true(len > 8192);
	assert_int_equal(data[len], '\0');
	assert_int_equal(data[len - 1], '\n');
}

static void special_files_never_block(void **state)
{
	wake_auto_free char *fifo = scratch_path(state, "fifo");
	wake_auto_free char *sock = scratch_path(state, "sock");
	wake_auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_true(strlen(sock) < sizeof(address.sun_path));
	memcpy(address.sun_path, sock, strlen(sock) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_unread(fifo, 100, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread(sock, 100, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread("/dev/null", 100, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread("/dev/zero", 100, WAKE_FS_PLAIN, WAKE_INVALID);
	assert_unread(*state, 100, WAKE_FS_PLAIN, WAKE_INVALID);
}

static void links_are_followed_unless_forbidden(void **state)
{
	wake_auto_free char *file = scratch_path(state, "f");
	wake_auto_free char *link_path = scratch_path(state, "l");
	wake_auto_free char *dangling = scratch_path(state, "d");

	scratch_write(file, "hello");
	assert_int_equal(symlink("f", link_path), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_read(link_path, 100, WAKE_FS_PLAIN, "hello");
	assert_unread(link_path, 100, WAKE_FS_NOFOLLOW, WAKE_INVALID);
	assert_unread(dangling, 100, WAKE_FS_NOFOLLOW, WAKE_INVALID);
	assert_unread(dangling, 100, WAKE_FS_PLAIN, WAKE_NOTFOUND);
}

static void refuses_the_files_of_others(void **state)
{
	wake_auto_free char *file = scratch_path(state, "f");

	if (geteuid() != 0) {
		assert_unread("/etc/passwd", 1 << 20, WAKE_FS_OWN, WAKE_INVALID);
		return;
	}
	scratch_write(file, "x");
	assert_int_equal(chown(file, 12345, (gid_t)-1), 0);
	assert_unread(file, 100, WAKE_FS_OWN, WAKE_INVALID);
	assert_read(file, 100, WAKE_FS_PLAIN, "x");
}

static void resolves(void **state)
{
	wake_auto_free char *file = scratch_path(state, "f");
	wake_auto_free char *link_path = scratch_path(state, "l");
	wake_auto_free char *direct = NULL;
	wake_auto_free char *linked = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_resolve(file, &direct, &err), WAKE_NOTFOUND);
	scratch_write(file, "x");
	assert_int_equal(symlink("./f", link_path), 0);
	assert_int_equal(wake_fs_resolve(file, &direct, &err), WAKE_OK);
	assert_int_equal(wake_fs_resolve(link_path, &linked, &err), WAKE_OK);
	assert_string_equal(direct, linked);
}

static void identifies(void **state)
{
	wake_auto_free char *one = scratch_path(state, "1");
	wake_auto_free char *two = scratch_path(state, "2");
	wake_auto_free char *moved = scratch_path(state, "3");
	struct wake_fs_identity first, second, after;
	struct wake_error err;
	struct stat st;

	scratch_write(one, "x");
	scratch_write(two, "x");
	assert_int_equal(wake_fs_identify(one, &first, &err), WAKE_OK);
	assert_int_equal(wake_fs_identify(two, &second, &err), WAKE_OK);
	assert_int_equal(stat(one, &st), 0);
	assert_int_equal(first.inode, st.st_ino);
	assert_int_not_equal(first.inode, second.inode);
	assert_int_equal(rename(one, moved), 0);
	scratch_write(moved, "changed");
	assert_int_equal(wake_fs_identify(moved, &after, &err), WAKE_OK);
	assert_int_equal(after.inode, first.inode);
	assert_int_equal(after.born, first.born);
	assert_int_equal(wake_fs_identify(one, &after, &err), WAKE_NOTFOUND);
}

static void lists_sorted_and_bounded(void **state)
{
	static const char *const names[] = { "b", ".hidden", "a", "\xff", "Z", "a b" };
	static const char *const sorted[] = { ".hidden", "Z", "a", "a b", "b", "\xff" };
	wake_auto_names struct wake_fs_names list = { 0 };
	struct wake_fs_names none = { 0 };
	struct wake_error err;

	assert_int_equal(wake_fs_list(*state, 0, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 0);
	wake_fs_names_release(&list);
	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *path = scratch_path(state, names[i]);

		scratch_write(path, "");
	}
	assert_int_equal(wake_fs_list(*state, 5, &none, &err), WAKE_INVALID);
	assert_null(none.items);
	assert_int_equal(wake_fs_list(*state, 6, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 6);
	for (size_t i = 0; i < list.count; i++)
		assert_string_equal(list.items[i], sorted[i]);
	assert_int_equal(wake_fs_list("/nonexistent-runwake", 6, &none, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_fs_list("/etc/passwd", 6, &none, &err), WAKE_NOTFOUND);
}

static void lists_many(void **state)
{
	wake_auto_names struct wake_fs_names list = { 0 };
	struct wake_error err;

	for (int i = 0; i < 100; i++) {
		char name[16];
		wake_auto_free char *path = NULL;

		(void)snprintf(name, sizeof(name), "%03d", 99 - i);
		path = scratch_path(state, name);
		scratch_write(path, "");
	}
	assert_int_equal(wake_fs_list(*state, 100, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 100);
	assert_string_equal(list.items[0], "000");
	assert_string_equal(list.items[99], "099");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),
		scratch_test(makes_directories),
		scratch_test(a_file_in_the_way_is_named),
		scratch_test(tells_files_from_directories),
		scratch_test(reads_up_to_its_maximum),
		cmocka_unit_test(reads_past_the_size_it_was_told),
		cmocka_unit_test(large_files_of_unknown_size),
		scratch_test(special_files_never_block),
		scratch_test(links_are_followed_unless_forbidden),
		scratch_test(refuses_the_files_of_others),
		scratch_test(resolves),
		scratch_test(identifies),
		scratch_test(lists_sorted_and_bounded),
		scratch_test(lists_many),
	};

	return cmocka_run_group_tests_name("base/fs", tests, NULL, NULL);
}
