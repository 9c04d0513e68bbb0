/* SPDX-License-Identifier: MIT */
/* event/registry: who a worktree is, whatever becomes of its directory; and where recording begins. */
#include "event/registry.h"

#include <sys/wait.h>

#include "event/cursor.h"
#include "event/registry_place.h"
#include "event/registry_refs.h"
#include "fake_repo.h"

#define LINE_1 HASH_0 " " HASH_A " " WHO " 1700000000 +0000\tcommit (initial): one\n"
#define LINE_2 HASH_A " " HASH_B " " WHO " 1700000001 +0000\tcommit: two\n"
#define LINE_3 HASH_B " " HASH_C " " WHO " 1700000002 +0000\tcommit: three\n"

static struct wake_paths paths_in(void *const *state)
{
	return (struct wake_paths){ .state = scratch_path(state, "state"), .spool = scratch_path(state, "state/spool") };
}

static void find(void *const *state, const char *name, struct wake_worktree *ret_worktree)
{
	wake_auto_free char *start = scratch_path(state, name);
	struct wake_error err = { 0 };

	if (wake_worktree_find(start, ret_worktree, &err) < 0)
		fail_msg("%s", err.text);
}

static void add(void *const *state, const char *name)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err = { 0 };

	find(state, name, &worktree);
	if (wake_registry_add(&paths, &worktree, &err) < 0)
		fail_msg("%s", err.text);
}

static struct wake_identity identify(void *const *state, const char *name)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_identity identity;
	struct wake_error err = { 0 };

	find(state, name, &worktree);
	if (wake_registry_identify(&paths, &worktree, &identity, &err) < 0)
		fail_msg("%s", err.text);
	return identity;
}

/* How many lines of the log are older than the worktree's baseline; -1: it has none. */
static int old_lines(void *const *state, const char *name)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *dir = NULL;
	wake_auto_free char *path = NULL;
	struct wake_identity identity = identify(state, name);
	struct wake_registry_place place;
	struct wake_error err;

	find(state, name, &worktree);
	assert_true(asprintf(&dir, "%s/runwake", worktree.git_dir) > 0);
	assert_true(asprintf(&path, "%s/logs/HEAD", worktree.git_dir) > 0);
	if (wake_registry_place_read(dir, WAKE_REGISTRY_BASELINE, identity.worktree_id, &place, &err) == WAKE_NOTFOUND)
		return -1;
	assert_int_equal(wake_reflog_read(path, &log, &err), WAKE_OK);
	return (int)wake_registry_place_find(log, &place, identity.worktree_id, "HEAD");
}

static void copy_tree(void *const *state, const char *from, const char *to)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (chdir(*state) == 0)
			(void)execlp("cp", "cp", "-r", from, to, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void registers_all_worktrees(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *linked __attribute__((unused)) = repo_add_worktree(state, "w1");
	wake_auto_free char *log = scratch_path(state, "r/.git/worktrees/w1/logs/HEAD");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_identity main_one, linked_one, again;

	repo_write(root, ".git/logs/HEAD", LINE_1 LINE_2);
	find(state, "r", &worktree);
	assert_false(wake_registry_has(&worktree));
	add(state, "w1"); /* from any of them */
	assert_true(wake_registry_has(&worktree));
	main_one = identify(state, "r");
	linked_one = identify(state, "w1");
	assert_string_equal(main_one.repository_id, main_one.worktree_id);
	assert_string_equal(linked_one.repository_id, main_one.repository_id);
	assert_string_not_equal(linked_one.worktree_id, main_one.worktree_id);
	assert_true(wake_fs_is_file(log)); /* git will append to it now, whatever its settings */
	assert_int_equal(old_lines(state, "r"), 2);
	assert_int_equal(old_lines(state, "w1"), 0);
	repo_append(root, ".git/logs/HEAD", LINE_3);
	add(state, "r"); /* once more: nothing changes, above all not the baseline */
	again = identify(state, "r");
	assert_string_equal(again.worktree_id, main_one.worktree_id);
	assert_int_equal(old_lines(state, "r"), 2);
}

static void sweeps_up_what_was_left_behind(void **state)
{
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	/* A draft of 2020, one of the year 2100, and what is not ours. */
	wake_auto_free char *old_draft = scratch_path(state, "r/.git/runwake.016f5e66-e800-7000-8000-000000000001");
	wake_auto_free char *young_draft = scratch_path(state, "r/.git/runwake.03bb2cc3-d800-7000-8000-000000000001");
	wake_auto_free char *foreign = scratch_path(state, "r/.git/runwake.backup");
	struct wake_error err = { 0 };

	assert_int_equal(wake_fs_make_dirs(old_draft, &err), WAKE_OK);
	assert_int_equal(wake_fs_make_dirs(young_draft, &err), WAKE_OK);
	assert_int_equal(wake_fs_make_dirs(foreign, &err), WAKE_OK);
	repo_write(old_draft, "baseline", "x");
	add(state, "r");
	assert_false(wake_fs_is_dir(old_draft));
	assert_true(wake_fs_is_dir(young_draft));
	assert_true(wake_fs_is_dir(foreign));
}

static void says_that_it_is_not_registered(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *dir = scratch_path(state, "r/.git/runwake");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_identity identity;
	struct wake_error err;

	find(state, "r", &worktree);
	assert_int_equal(wake_registry_identify(&paths, &worktree, &identity, &err), WAKE_NOTFOUND);
	assert_false(wake_fs_is_dir(dir)); /* and makes nothing */
}

/* A clone made from a template that carries an empty runwake/. */
static void a_template_registers(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *log = scratch_path(state, "r/.git/logs/HEAD");

	repo_mkdir(root, ".git/runwake");
	assert_string_not_equal(identify(state, "r").worktree_id, "");
	assert_int_equal(old_lines(state, "r"), -1); /* its whole log counts */
	assert_true(wake_fs_is_file(log));
}

static void a_new_worktree_counts_whole(void **state)
{
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *linked = NULL;
	wake_auto_free char *git_dir = scratch_path(state, "r/.git/worktrees/w1");
	struct wake_identity first, second;
	void *dir = strdup(git_dir);

	add(state, "r");
	linked = repo_add_worktree(state, "w1");
	repo_write(git_dir, "logs/HEAD", LINE_1);
	first = identify(state, "w1");
	assert_int_equal(old_lines(state, "w1"), -1);
	assert_int_equal(scratch_remove(&dir), 0); /* removed, and added again under the same name */
	free(linked);
	linked = repo_add_worktree(state, "w1");
	repo_write(git_dir, "logs/HEAD", LINE_1);
	second = identify(state, "w1");
	assert_string_not_equal(first.worktree_id, second.worktree_id);
	assert_string_equal(first.repository_id, second.repository_id);
	assert_int_equal(old_lines(state, "w1"), -1);
}

static void a_moved_repository_stays_itself(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *elsewhere = scratch_path(state, "moved");
	struct wake_identity before, after;

	add(state, "r");
	before = identify(state, "r");
	assert_int_equal(rename(root, elsewhere), 0);
	after = identify(state, "moved");
	assert_string_equal(before.worktree_id, after.worktree_id);
}

static void save_cursor(void *const *state, const char *name, size_t index)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *path = NULL;
	struct wake_identity identity = identify(state, name);
	struct wake_cursor cursor = { .at = 1 };
	struct wake_error err;

	find(state, name, &worktree);
	assert_true(asprintf(&path, "%s/logs/HEAD", worktree.git_dir) > 0);
	assert_int_equal(wake_reflog_read(path, &log, &err), WAKE_OK);
	wake_reflog_line_id(wake_reflog_line(log, index), identity.worktree_id, "HEAD", cursor.last_id);
	assert_int_equal(wake_cursor_save(&paths, identity.worktree_id, &cursor, NULL, &err), WAKE_OK);
}

static void a_copy_inherits_what_was_recorded(void **state)
{
	wake_auto_free char *root = repo_make(state);
	struct wake_identity original, copy, copy_of_copy;

	repo_write(root, ".git/logs/HEAD", LINE_1);
	add(state, "r");
	original = identify(state, "r");
	repo_append(root, ".git/logs/HEAD", LINE_2 LINE_3);
	copy_tree(state, "r", "copy0"); /* nobody has looked yet: only the baseline is known */
	assert_int_equal(old_lines(state, "copy0"), 1);
	save_cursor(state, "r", 1);
	copy_tree(state, "r", "copy1");
	copy = identify(state, "copy1");
	assert_string_not_equal(copy.worktree_id, original.worktree_id);
	assert_string_not_equal(copy.repository_id, original.repository_id);
	assert_int_equal(old_lines(state, "copy1"), 2);
	copy_tree(state, "copy1", "copy2"); /* of two foreign nonces the later one counts */
	save_cursor(state, "copy1", 2);
	copy_of_copy = identify(state, "copy2");
	assert_string_not_equal(copy_of_copy.worktree_id, copy.worktree_id);
	assert_int_equal(old_lines(state, "copy2"), 3);
	assert_string_equal(identify(state, "r").worktree_id, original.worktree_id);
	assert_string_equal(identify(state, "copy1").worktree_id, copy.worktree_id);
}

/* Original and copy make the same line in the same second; the original's cursor has passed it already. */
static void a_copy_knows_its_own_line_from_its_twin(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *copy = scratch_path(state, "copy");
	wake_auto_free char *dir = scratch_path(state, "r/.git/runwake");
	struct wake_registry_place place = { .count = 0 };
	struct wake_identity original;
	struct wake_error err;

	repo_write(root, ".git/logs/HEAD", LINE_1);
	add(state, "r");
	original = identify(state, "r");
	assert_int_equal(wake_registry_place_read(dir, WAKE_REGISTRY_BASELINE, original.worktree_id, &place, &err), WAKE_OK);
	assert_int_equal(wake_registry_place_write(dir, WAKE_REGISTRY_SEEN, original.worktree_id, &place, &err), WAKE_OK);
	copy_tree(state, "r", "copy");
	repo_append(root, ".git/logs/HEAD", LINE_2);
	repo_append(copy, ".git/logs/HEAD", LINE_2);
	save_cursor(state, "r", 1);
	assert_int_equal(old_lines(state, "copy"), 1);
}

static void forgets_without_a_trace(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *linked __attribute__((unused)) = repo_add_worktree(state, "w1");
	wake_auto_free char *linked_dir = scratch_path(state, "r/.git/worktrees/w1/runwake");
	wake_auto_free char *git_dir = scratch_path(state, "r/.git");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	WAKE_CLEANUP(wake_registered_list_release) struct wake_registered_list list = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_identity before;
	struct wake_cursor cursor;
	struct wake_error err;

	repo_write(root, ".git/logs/HEAD", LINE_1);
	add(state, "r");
	before = identify(state, "r");
	repo_write(root, ".git/runwake/deep/er/file", "of somebody");
	save_cursor(state, "r", 0);
	find(state, "r", &worktree);
	assert_int_equal(wake_registry_remove(&paths, &worktree, &err), WAKE_OK);
	assert_false(wake_registry_has(&worktree));
	assert_false(wake_fs_is_dir(linked_dir));
	assert_int_equal(wake_cursor_load(&paths, before.worktree_id, &cursor, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_registry_list(&paths, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(wake_fs_list(git_dir, 100, &names, &err), WAKE_OK);
	for (size_t i = 0; i < names.count; i++)
		assert_null(strstr(names.items[i], "runwake"));
	assert_int_equal(wake_registry_remove(&paths, &worktree, &err), WAKE_OK); /* again: fine */
	add(state, "r"); /* and later anew */
	assert_string_not_equal(identify(state, "r").worktree_id, before.worktree_id);
}

/* Links in runwake/ are removed, never followed. */
static void forgetting_follows_no_link(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *precious = scratch_path(state, "precious");
	wake_auto_free char *link_path = scratch_path(state, "r/.git/runwake/link");
	wake_auto_free char *file = scratch_path(state, "precious/file");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err;

	add(state, "r");
	repo_write(precious, "file", "stays");
	assert_int_equal(symlink(precious, link_path), 0);
	find(state, "r", &worktree);
	assert_int_equal(wake_registry_remove(&paths, &worktree, &err), WAKE_OK);
	assert_true(wake_fs_is_file(file));
}

static void lists_what_is_registered(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *odd = scratch_path(state, "odd\xff\nname");
	wake_auto_worktree struct wake_worktree moved = { 0 };
	WAKE_CLEANUP(wake_registered_list_release) struct wake_registered_list none = { 0 }, list = { 0 };
	struct wake_identity identity;
	struct wake_error err;

	assert_int_equal(wake_registry_list(&paths, &none, &err), WAKE_OK);
	assert_int_equal(none.count, 0);
	add(state, "r");
	identity = identify(state, "r");
	repo_write(*state, "state/repositories/broken.json", "{");
	repo_write(*state, "state/repositories/other.json", "{\"repository_id\":\"x\",\"common_dir\":\"/\"}");
	assert_int_equal(rename(root, odd), 0); /* bytes that are no UTF-8 come back as they were */
	find(state, "odd\xff\nname", &moved);
	assert_int_equal(wake_registry_note(&paths, &moved, &identity, &err), WAKE_OK);
	assert_int_equal(wake_registry_list(&paths, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].repository_id, identity.repository_id);
	assert_string_equal(list.items[0].common_dir, moved.common_dir);
	wake_registry_unnote(&paths, identity.repository_id);
	wake_registered_list_release(&list);
	assert_int_equal(wake_registry_list(&paths, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 0);
}

static mode_t mode_of(void *const *state, const char *name)
{
	wake_auto_free char *path = scratch_path(state, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void files_get_gits_own_permissions(void **state)
{
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *git_dir = scratch_path(state, "r/.git");
	wake_auto_free char *dir = scratch_path(state, "r/.git/runwake");
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(chmod(git_dir, 02775), 0); /* as core.sharedRepository=group makes it */
	add(state, "r");
	assert_int_equal(mode_of(state, "r/.git/runwake"), 02775);
	assert_int_equal(wake_fs_list(dir, 100, &names, &err), WAKE_OK);
	assert_true(names.count >= 3);
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *name = NULL;

		assert_true(asprintf(&name, "r/.git/runwake/%s", names.items[i]) > 0);
		assert_int_equal(mode_of(state, name), 0664);
	}
}

static void what_root_makes_belongs_to_the_repositorys_owner(void **state)
{
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *git_dir = scratch_path(state, "r/.git");
	wake_auto_free char *logs = scratch_path(state, "r/.git/logs");
	wake_auto_free char *dir = scratch_path(state, "r/.git/runwake");
	wake_auto_free char *log = scratch_path(state, "r/.git/logs/HEAD");
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(git_dir, 12345, 12346), 0);
	assert_int_equal(chown(logs, 12345, 12346), 0);
	add(state, "r");
	assert_int_equal(wake_fs_list(dir, 100, &names, &err), WAKE_OK);
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *path = NULL;

		assert_true(asprintf(&path, "%s/%s", dir, names.items[i]) > 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, 12345);
		assert_int_equal(st.st_gid, 12346);
	}
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_uid, 12345);
}

/* Many hooks of a new worktree at once agree on one nonce. */
static void all_agree_on_one_nonce(void **state)
{
	wake_auto_free char *root = repo_make(state);
	char ids[8][WAKE_ID_SIZE];
	int ends[2];

	repo_mkdir(root, ".git/runwake");
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 8; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct wake_identity identity = identify(state, "r");

			_exit(write(ends[1], identity.worktree_id, WAKE_ID_SIZE) == WAKE_ID_SIZE ? 0 : 1);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		assert_int_equal(read(ends[0], ids[i], WAKE_ID_SIZE), WAKE_ID_SIZE);
		assert_string_equal(ids[i], ids[0]);
	}
	close(ends[0]);
	close(ends[1]);
}

static void a_damaged_nonce_is_named(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *dir = scratch_path(state, "r/.git/runwake");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_identity identity;
	struct wake_error err;

	add(state, "r");
	find(state, "r", &worktree);
	assert_int_equal(wake_fs_list(dir, 100, &names, &err), WAKE_OK);
	for (size_t i = 0; i < names.count; i++) {
		if (strncmp(names.items[i], "nonce-", 6) == 0)
			repo_write(dir, names.items[i], "");
	}
	assert_int_equal(wake_registry_identify(&paths, &worktree, &identity, &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, "nonce-"));
}

/* ---- places --------------------------------------------------------------------------------------- */

#define NONCE "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

static struct wake_reflog *log_of(void *const *state, int from, int to)
{
	wake_auto_free char *path = scratch_path(state, "log");
	wake_auto_str struct wake_str text = WAKE_STR(1024 * 1024);
	struct wake_reflog *log = NULL;
	struct wake_error err;

	for (int i = from; i < to; i++)
		wake_str_appendf(&text, HASH_A " " HASH_B " " WHO " %d +0000\tcommit: %d\n", 1700000000 + i % 7, i);
	scratch_write(path, wake_str_text(&text));
	assert_int_equal(wake_reflog_read(path, &log, &err), WAKE_OK);
	return log;
}

/* Whatever expires from the front, or is deleted behind it, the place stays where it was. */
static void a_place_survives_expiry(void **state)
{
	wake_auto_reflog struct wake_reflog *before = log_of(state, 0, 30);
	struct wake_registry_place place = wake_registry_place_before(before, 20, NONCE, "HEAD");

	assert_int_equal(place.count, WAKE_REGISTRY_PLACE_LINES);
	for (int expired = 0; expired <= 25; expired++) {
		wake_auto_reflog struct wake_reflog *log = log_of(state, expired, 30);

		assert_int_equal(wake_registry_place_find(log, &place, NONCE, "HEAD"), expired < 20 ? 20 - expired : 0);
		assert_int_equal(wake_registry_place_find(log, &place, NONCE, "refs/heads/x"), 0);
	}
	for (int deleted = 1; deleted < WAKE_REGISTRY_PLACE_LINES; deleted++) { /* the last ones before the place */
		wake_auto_reflog struct wake_reflog *log = log_of(state, 0, 20 - deleted);

		assert_int_equal(wake_registry_place_find(log, &place, NONCE, "HEAD"), 20 - deleted);
	}
}

static void places_are_kept(void **state)
{
	wake_auto_reflog struct wake_reflog *log = log_of(state, 0, 30);
	struct wake_registry_place place = wake_registry_place_before(log, 3, NONCE, "HEAD"), again = { .count = 0 };
	wake_auto_free char *path = scratch_path(state, "baseline-" NONCE);
	struct wake_error err;

	assert_int_equal(place.count, 3);
	assert_int_equal(wake_registry_place_read(*state, WAKE_REGISTRY_BASELINE, NONCE, &again, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_registry_place_write(*state, WAKE_REGISTRY_BASELINE, NONCE, &place, &err), WAKE_OK);
	assert_int_equal(wake_registry_place_read(*state, WAKE_REGISTRY_BASELINE, NONCE, &again, &err), WAKE_OK);
	assert_int_equal(again.count, 3);
	assert_memory_equal(again.ids, place.ids, 3 * sizeof(place.ids[0]));
	scratch_write(path, "not ids\n");
	assert_int_equal(wake_registry_place_read(*state, WAKE_REGISTRY_BASELINE, NONCE, &again, &err), WAKE_CORRUPT);
	assert_int_equal(truncate(path, 0), 0); /* an empty log's */
	assert_int_equal(wake_registry_place_read(*state, WAKE_REGISTRY_BASELINE, NONCE, &again, &err), WAKE_OK);
	assert_int_equal(again.count, 0);
}

static void lists_the_logs_of_refs(void **state)
{
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *git_dir = scratch_path(state, "r/.git");
	wake_auto_refs struct wake_registry_refs refs = { 0 }, baseline = { 0 }, nothing = { 0 };
	const struct wake_registry_ref *ref;
	struct wake_error err;

	repo_write(git_dir, "logs/refs/heads/b", LINE_1);
	repo_write(git_dir, "logs/refs/heads/a/deep/one", LINE_1 LINE_2);
	repo_write(git_dir, "logs/refs/heads/a.lock", LINE_1);
	repo_write(git_dir, "logs/refs/heads/odd\nname", LINE_1);
	repo_write(git_dir, "logs/refs/heads/empty", "");
	repo_write(git_dir, "logs/refs/remotes/origin/main", LINE_1);
	repo_write(git_dir, "logs/refs/stash", LINE_1);
	assert_int_equal(wake_registry_refs_list(git_dir, &refs, &err), WAKE_OK);
	assert_int_equal(refs.count, 4);
	assert_string_equal(refs.items[0].name, "refs/heads/a/deep/one");
	assert_string_equal(refs.items[3].name, "refs/remotes/origin/main");
	assert_true(wake_registry_refs_find(&refs, "refs/heads/b")->size == strlen(LINE_1));
	assert_null(wake_registry_refs_find(&refs, "refs/heads/c"));
	assert_int_equal(wake_registry_refs_write(*state, NONCE, git_dir, &err), WAKE_OK);
	assert_int_equal(wake_registry_refs_read(*state, NONCE, &baseline, &err), WAKE_OK);
	assert_int_equal(baseline.count, 3); /* an empty log has no last line */
	ref = wake_registry_refs_find(&baseline, "refs/heads/a/deep/one");
	assert_non_null(ref);
	assert_true(wake_id_is_uuid(ref->last_id));
	assert_int_equal(wake_registry_refs_read(*state, "another", &nothing, &err), WAKE_OK);
	assert_int_equal(nothing.count, 0);
	repo_write(*state, "refs-" NONCE, "damaged\n");
	assert_int_equal(wake_registry_refs_read(*state, NONCE, &nothing, &err), WAKE_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(registers_all_worktrees),
		scratch_test(sweeps_up_what_was_left_behind),
		scratch_test(says_that_it_is_not_registered),
		scratch_test(a_template_registers),
		scratch_test(a_new_worktree_counts_whole),
		scratch_test(a_moved_repository_stays_itself),
		scratch_test(a_copy_inherits_what_was_recorded),
		scratch_test(a_copy_knows_its_own_line_from_its_twin),
		scratch_test(forgets_without_a_trace),
		scratch_test(forgetting_follows_no_link),
		scratch_test(lists_what_is_registered),
		scratch_test(files_get_gits_own_permissions),
		scratch_test(what_root_makes_belongs_to_the_repositorys_owner),
		scratch_test(all_agree_on_one_nonce),
		scratch_test(a_damaged_nonce_is_named),
		scratch_test(a_place_survives_expiry),
		scratch_test(places_are_kept),
		scratch_test(lists_the_logs_of_refs),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
