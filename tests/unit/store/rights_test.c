/* SPDX-License-Identifier: MIT */
/* store/rights and store/optional: roles as the optional script makes them, and as they are told. */
#include "postgres_server.h"

#include "base/clock.h"
#include "store/optional.h"
#include "store/rights.h"

static void apply(const char *database, const char *name)
{
	const struct wake_optional *optional = NULL;
	struct wake_store *store = open_migrated(database);

	assert_ok(wake_optional_find(name, &optional, &err));
	assert_ok(wake_optional_apply(store, optional, &err));
	assert_ok(wake_optional_apply(store, optional, &err)); /* as often as one likes */
	wake_store_close(store);
}

static struct wake_rights rights_of(const char *database, const char *role)
{
	struct wake_rights rights = { 0 };
	wake_auto_store struct wake_store *store = NULL;
	char *url;

	assert_true(asprintf(&url, "postgresql:///%s?host=%s&user=%s", database, cluster, role) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_rights_read(store, &rights, &err));
	free(url);
	return rights;
}

static void a_file_is_its_owners(void **state)
{
	wake_auto_store struct wake_store *store = NULL;
	const struct wake_optional *optional = NULL;
	struct wake_partitions partitions = { 0 };
	struct wake_rights rights = { 0 };
	char *path = scratch_path(state, "store.db"), *url;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_rights_read(store, &rights, &err));
	assert_int_equal(rights.role, WAKE_ROLE_FULL);
	assert_string_equal(rights.lacks, "");
	assert_ok(wake_optional_find("roles", &optional, &err));
	assert_int_equal(wake_optional_apply(store, optional, &err), WAKE_INVALID);
	assert_ok(wake_partitions_read(store, &partitions, &err));
	assert_true(partitions.until == WAKE_TIME_NONE);
	assert_false(partitions.overdue);
	assert_int_equal(wake_optional_find("nonsense", &optional, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "roles or partitions"));
	free(url);
	free(path);
}

static void each_role_is_told_for_what_it_is(void **state)
{
	static const struct {
		const char *name, *make;
		enum wake_role role;
	} cases[] = {
		{ "one_machine", "create role one_machine login in role runwake_machine", WAKE_ROLE_MACHINE },
		{ "one_folder", "create role one_folder login in role runwake_folder", WAKE_ROLE_FOLDER },
		{ "one_reader", "create role one_reader login in role runwake_reader", WAKE_ROLE_READER },
		{ "one_stranger", "create role one_stranger login", WAKE_ROLE_NONE },
		{ "one_of_all", "create role one_of_all login in role runwake_folder, runwake_machine", WAKE_ROLE_FULL },
		{ "postgres", "select 1", WAKE_ROLE_FULL },
	};
	struct wake_rights rights;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	assert_int_equal(rights_of(name, "postgres").role, WAKE_ROLE_FULL); /* before there is any table */
	apply(name, "roles");
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		tell(name, cases[i].make);
		rights = rights_of(name, cases[i].name);
		if (rights.role != cases[i].role)
			fail_msg("%s is %s, lacks %s", cases[i].name, wake_role_name(rights.role), rights.lacks);
		assert_string_equal(rights.name, cases[i].name);
		assert_int_equal(*rights.lacks == '\0', cases[i].role == WAKE_ROLE_FULL);
	}
	assert_string_equal(rights_of(name, "one_folder").lacks, "insert on workflow_events");
	assert_non_null(strstr(rights_of(name, "one_stranger").lacks, ", …"));
	tell(name, "drop owned by one_machine, one_folder, one_reader, one_of_all; "
	           "drop role one_machine, one_folder, one_reader, one_stranger, one_of_all");
	free(name);
}

static void partitions_are_told(void **state)
{
	struct wake_partitions partitions = { 0 };
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	assert_ok(wake_partitions_read(store, &partitions, &err));
	assert_true(partitions.until == WAKE_TIME_NONE);
	apply(name, "partitions");
	assert_ok(wake_partitions_read(store, &partitions, &err));
	assert_true(partitions.until > wake_clock_now() + INT64_C(365) * 24 * 3600 * WAKE_SECOND);
	assert_false(partitions.overdue);
	assert_ok(wake_store_check_all(store, &err));
	wake_store_close(store);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_file_is_its_owners),
		cmocka_unit_test(each_role_is_told_for_what_it_is),
		cmocka_unit_test(partitions_are_told),
	};

	return cmocka_run_group_tests_name("store/rights", tests, start_cluster, stop_cluster);
}
