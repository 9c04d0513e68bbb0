/* SPDX-License-Identifier: MIT */
/* Beside the tables of another system: what is asked of them, what happens where they refuse, and that they
 * stay as they are. */
#include "postgres_server.h"

#include "store/beside.h"
#include "store/record.h"

#define UPGRADED "tests/beside/upgraded.sql"
#define FRESH "tests/beside/fresh.sql"
#define NUMBERED "tests/beside/numbered.sql"
#define EMPTIED "delete from messages; delete from sessions; delete from users;"

/* A database with the tables of a file (NULL: none); free(3) its name. */
static char *existing_database(const char *file)
{
	char *name = new_database();

	if (file)
		tell_file(name, file);
	return name;
}

static struct wake_store *open_as(const char *database, const char *role)
{
	struct wake_store *store;
	char *url;

	assert_true(asprintf(&url, "postgresql:///%s?host=%s&user=%s", database, cluster, role) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	free(url);
	return store;
}

static char *ask_one(const char *database, const char *text)
{
	PGconn *conn = connect_plainly(database);
	PGresult *result = ask(conn, text);
	char *answer = PQntuples(result) > 0 ? strdup(PQgetvalue(result, 0, 0)) : NULL;

	PQclear(result);
	PQfinish(conn);
	return answer;
}

static void expect_answer(const char *database, const char *text, const char *expected)
{
	char *answer = ask_one(database, text);

	if (!answer || strcmp(answer, expected) != 0)
		fail_msg("%s: '%s', expected '%s'", text, answer ? answer : "no row", expected);
	free(answer);
}

static int append_problem(void *context, const char *problem, const char *mend, struct wake_error *error)
{
	wake_str_appendf(context, "%s; %s\n", problem, mend);
	return wake_str_check(context, error);
}

/* What the check says, a line each; free(3). */
static char *problems_of(struct wake_store *store)
{
	wake_auto_str struct wake_str out = WAKE_STR(65536);
	char *text;

	assert_ok(wake_beside_check(store, append_problem, &out, &err));
	assert_ok(wake_str_steal(&out, &text, &err));
	return text;
}

static void expect_problems(struct wake_store *store, const char *expected)
{
	char *problems = problems_of(store);

	assert_string_equal(problems, expected);
	free(problems);
}

/* One run of a session that is there, if the name says so. */
static int apply_run(struct wake_store *store, const char *session)
{
	wake_auto_events struct wake_events history = { 0 };

	started_in(&history, "run-1", T0, "implement", NULL, session);
	ended(&history, "run-1", T0 + 5, "completed", true, hash('1'));
	return wake_record_apply(store, &history, &err);
}

/* ---- the check -------------------------------------------------------------------------------- */

static void tables_that_fit_are_no_problem(void **state)
{
	static const char *const files[] = { NULL, UPGRADED, FRESH };

	(void)state;
	needs_server();
	for (size_t i = 0; i < WAKE_COUNT(files); i++) {
		char *name = existing_database(files[i]);
		struct wake_store *store = open_database(name);
		size_t applied = 0;

		expect_problems(store, "");
		assert_ok(wake_migrate(store, &applied, &err));
		expect_problems(store, "");
		assert_ok(wake_store_check_all(store, &err));
		assert_ok(wake_store_begin(store, &err));
		assert_ok(wake_beside_try(store, &err));
		wake_store_rollback(store);
		expect_answer(name, "select count(*) from sessions where platform = 'runwake'", "0");
		wake_store_close(store);
		free(name);
	}
}

static void a_file_has_tables_of_its_own(void **state)
{
	char *path = scratch_path(state, "own.db"), *url;
	struct wake_store *store;
	size_t applied;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	expect_problems(store, "");
	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_beside_try(store, &err));
	wake_store_rollback(store);
	wake_store_close(store);
	free(path);
	free(url);
}

static void what_does_not_fit_is_told(void **state)
{
	static const struct {
		const char *change, *problem;
	} cases[] = {
		{ "alter table sessions alter column user_id set not null",
		    "the column sessions.user_id may not be null and has no default, and nothing is known "
		    "here that "
		    "belongs there; alter table sessions alter column user_id drop not null, or give it a "
		    "default\n" },
		{ "alter table messages add column origin text not null",
		    "the column messages.origin may not be null and has no default, and nothing is known "
		    "here that "
		    "belongs there; alter table messages alter column origin drop not null, or give it a "
		    "default\n" },
		{ "alter table sessions alter column name set not null, alter column name set default ''",
		    "the column sessions.name may not be null, and not every run has something for it; alter "
		    "table "
		    "sessions alter column name drop not null\n" },
		{ "alter table sessions rename column name to title",
		    "the table sessions has no column name; alter table sessions add column name text\n" },
		{ "alter table sessions drop column run_finished_at",
		    "the table sessions has no column run_finished_at; alter table sessions add column "
		    "run_finished_at timestamptz\n" },
		{ "alter table messages alter column created_at type timestamp",
		    "the column messages.created_at is of type timestamp, not timestamptz; change the type "
		    "of "
		    "messages.created_at, or name another database or schema for the record\n" },
		{ "alter table sessions alter column name type varchar(100)",
		    "the column sessions.name takes only 100 characters; alter table sessions alter column "
		    "name type "
		    "text\n" },
		{ "alter table messages alter column text_content type varchar(1000)",
		    "the column messages.text_content takes only 1000 characters; alter table messages alter "
		    "column "
		    "text_content type text\n" },
		{ "alter table sessions drop constraint sessions_pkey cascade",
		    "the table sessions has no unique index over id; alter table sessions add primary key "
		    "(id)\n" },
		{ "alter table users drop column email",
		    "the table users has no column email; alter table users add column email text\n" },
		{ "alter table users rename to people; create view users as select * from people",
		    "users is no table; name another database or schema for the record\n" },
		{ "create schema postgres",
		    "the table messages is in the schema public, and new ones would be made in postgres; put "
		    "its schema "
		    "first: add options=-csearch_path%3Dpublic to the store's URL\n" },
		/* No problems. */
		{ "alter table sessions add column kind text not null default 'chat'", "" },
		{ "alter table sessions add column place integer not null generated always as identity", "" },
		{ "alter table users alter column email set not null, add column nick text not null", "" },
		{ "alter table sessions add column agent_name varchar(100), add column message_count bigint",
		    "" },
	};

	(void)state;
	needs_server();
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		char *name = existing_database(UPGRADED), *problems;
		struct wake_store *store;

		tell(name, EMPTIED);
		tell(name, cases[i].change);
		store = open_database(name);
		problems = problems_of(store);
		if (strncmp(problems, cases[i].problem, strlen(cases[i].problem)) != 0 ||
		    (!*cases[i].problem && *problems))
			fail_msg("%s: %s", cases[i].change, problems);
		free(problems);
		wake_store_close(store);
		free(name);
	}
}

static void rights_that_lack_are_told(void **state)
{
	char *name;
	struct wake_store *store;

	(void)state;
	needs_server();
	name = existing_database(FRESH);
	tell(name, "create role \"ann b\" login; grant select, insert on sessions, messages to \"ann b\"; "
	           "grant usage, create on schema public to \"ann b\"");
	store = open_as(name, "ann%20b");
	expect_problems(store,
	    "the role ann b lacks rights on the table messages: update, delete; grant update, delete on "
	    "messages to "
	    "\"ann b\"\n"
	    "the table messages belongs to the role postgres, and migrating as ann b makes an index on it; "
	    "migrate once "
	    "as postgres, or as a member of it: grant \"postgres\" to \"ann b\"\n"
	    "the role ann b lacks rights on the table sessions: update; grant update on sessions to \"ann "
	    "b\"\n"
	    "the table sessions belongs to the role postgres, and migrating as ann b makes an index on it; "
	    "migrate once "
	    "as postgres, or as a member of it: grant \"postgres\" to \"ann b\"\n"
	    "the role ann b lacks rights on the table users: select; grant select on users to \"ann b\"\n"
	    "the table users belongs to the role postgres, and migrating as ann b makes a foreign key to it; "
	    "migrate "
	    "once as postgres, or as a member of it: grant \"postgres\" to \"ann b\"\n");
	wake_store_close(store);
	wake_store_close(open_migrated(name));
	store = open_as(name, "ann%20b");
	tell(name, "grant update, delete on messages, sessions to \"ann b\"; grant select (id, email) on "
	           "users to \"ann b\"");
	expect_problems(store, "");
	wake_store_close(store);
	free(name);
}

static void a_table_that_is_gone_is_told(void **state)
{
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = existing_database(NULL);
	store = open_migrated(name);
	tell(name, "drop table messages");
	expect_problems(
	    store, "the table messages is not there any more; bring it back from a copy of the database\n");
	assert_int_equal(apply_run(store, "sprint"), WAKE_UNAVAILABLE);
	wake_store_close(store);
	free(name);
}

/* ---- at work ---------------------------------------------------------------------------------- */

/* What the tables refuse is not the event's fault: it waits until they take it. */
static void a_refusal_lets_events_wait(void **state)
{
	static const struct {
		const char *change, *undo, *named;
	} cases[] = {
		{ "alter table sessions alter column user_id set not null",
		    "alter table sessions alter column user_id drop not null", "user_id" },
		{ "alter table messages add constraint only_users check (role = 'user')",
		    "alter table messages drop constraint only_users", "only_users" },
		{ "alter table messages alter column message_type type varchar(10)",
		    "alter table messages alter column message_type type text", "varying(10)" },
		{ "alter table messages rename column text_content to words",
		    "alter table messages rename column words to text_content", "text_content" },
		{ "create table roles (name varchar(20) primary key); alter table messages add constraint "
		  "a_role "
		  "foreign key (role) references roles",
		    "alter table messages drop constraint a_role", "a_role" },
	};

	(void)state;
	needs_server();
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		char *name = existing_database(UPGRADED);
		struct wake_store *store = open_migrated(name);

		tell(name, EMPTIED);
		tell(name, cases[i].change);
		for (int with_run = 0; with_run < 2; with_run++) {
			int status = wake_store_begin(store, &err);

			if (with_run) {
				wake_store_rollback(store);
				status = apply_run(store, "sprint");
			} else if (status == WAKE_OK) {
				status = wake_beside_try(store, &err);
				wake_store_rollback(store);
			}
			assert_int_equal(status, WAKE_UNAVAILABLE);
			if (!strstr(err.text, cases[i].named) || !strstr(err.text, "surrounding system"))
				fail_msg("%s: %s", cases[i].change, err.text);
		}
		tell(name, cases[i].undo);
		assert_ok(apply_run(store, "sprint"));
		expect_answer(name, "select count(*) from messages", "2");
		wake_store_close(store);
		free(name);
	}
}

/* A conversation or a user that is deleted while its run is written: the same again finds it gone. */
static void what_was_removed_meanwhile_is_tried_again(void **state)
{
	const struct wake_value gone[] = { WAKE_TEXT(TREE_A), WAKE_TEXT("path"), WAKE_INT(1), WAKE_INT(1),
		WAKE_INT(1), WAKE_BOOL(false) };
	struct wake_store *store;
	int64_t changed = 0;
	char *name;

	(void)state;
	needs_server();
	name = existing_database(UPGRADED);
	store = open_migrated(name);
	assert_ok(wake_store_begin(store, &err));
	assert_int_equal(
	    wake_store_run(store, WAKE_SQL_FOLD_RUN_FILE, gone, WAKE_COUNT(gone), &changed, &err), WAKE_BUSY);
	assert_true(wake_store_may_retry(store));
	wake_store_rollback(store);
	wake_store_close(store);
	free(name);
}

/* One that comes or goes while we are connected. */
static void optional_columns_may_change(void **state)
{
	struct wake_store *store;
	bool has = true;
	char *name;

	(void)state;
	needs_server();
	name = existing_database(FRESH);
	store = open_migrated(name);
	assert_ok(wake_store_has(store, WAKE_SQL_FOLD_SESSION_MESSAGE_COUNT, &has, &err));
	assert_true(has);
	tell(name, "alter table sessions drop column message_count");
	assert_int_equal(apply_run(store, "sprint"), WAKE_UNAVAILABLE);
	assert_ok(apply_run(store, "sprint"));
	assert_ok(wake_store_has(store, WAKE_SQL_FOLD_SESSION_MESSAGE_COUNT, &has, &err));
	assert_false(has);
	assert_ok(wake_store_check_all(store, &err));
	assert_ok(wake_store_has(store, WAKE_SQL_FOLD_SESSION_UPDATED, &has, &err));
	assert_true(has);
	wake_store_close(store);
	free(name);
}

/* Our index over names takes part of the name, and is used. */
static void names_may_be_of_any_length(void **state)
{
	char *name, *plan;

	(void)state;
	needs_server();
	name = existing_database(FRESH);
	wake_store_close(open_migrated(name));
	tell(name, "insert into sessions (name) select string_agg(md5(cast(n as text)), '') from "
	           "generate_series(1, 400) n");
	expect_answer(name, "select max(length(name)) from sessions", "12800");
	tell(name, "insert into sessions (name) select 'session ' || n from generate_series(1, 5000) n; "
	           "analyze sessions");
	plan = ask_one(name,
	    "explain (format json) select id from sessions where left(name, 255) = 'session 7' and "
	    "name = 'session 7' order by updated_at desc nulls last, id limit 1");
	if (!plan || !strstr(plan, "sessions_by_name"))
		fail_msg("%s", plan);
	free(plan);
	free(name);
}

static void users_by_number_stay(void **state)
{
	static const char shape[] =
	    "select string_agg(c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod), "
	    "', ' "
	    "order by c.relname, a.attnum) || (select string_agg(conrelid::regclass || ' ' || "
	    "pg_get_constraintdef(oid), ', ' order by conrelid::regclass::text, conname) from pg_constraint "
	    "where "
	    "conrelid in ('users'::regclass, 'sessions'::regclass, 'messages'::regclass)) || (select "
	    "string_agg(email, ', ' order by id) from users) from pg_attribute a join pg_class c on c.oid = "
	    "a.attrelid "
	    "where c.oid in ('users'::regclass, 'sessions'::regclass, 'messages'::regclass) and a.attnum > 0";
	struct wake_store *store;
	char *name, *before;

	(void)state;
	needs_server();
	name = existing_database(NUMBERED);
	before = ask_one(name, shape);
	store = open_migrated(name);
	expect_answer(name, shape, before);
	expect_answer(name, "select count(*) from pg_class where relname like 'runwake_users%'", "0");
	expect_problems(store,
	    "the column messages.user_id may not be null and has no default, and nothing is known here that "
	    "belongs "
	    "there; alter table messages alter column user_id drop not null, or give it a default\n"
	    "the column sessions.user_id may not be null and has no default, and nothing is known here that "
	    "belongs "
	    "there; alter table sessions alter column user_id drop not null, or give it a default\n");
	assert_int_equal(apply_run(store, "new"), WAKE_UNAVAILABLE);
	tell(name, "alter table sessions alter column user_id set default 1; alter table messages alter "
	           "column user_id "
	           "drop not null; update users set email = 'a@x'");
	assert_ok(apply_run(store, "new"));
	expect_answer(
	    name, "select count(*) from workflow_runs where user_id is null and status = 'completed'", "1");
	expect_answer(name, "select count(*) from users", "2");
	assert_ok(wake_store_check_all(store, &err));
	wake_store_close(store);
	free(before);
	free(name);
}

/* Only the table that the script itself made goes again. */
static void other_users_are_never_dropped(void **state)
{
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = existing_database(NUMBERED);
	tell(name, "create schema other; create table other.users (id uuid primary key)");
	tell("postgres", "alter role postgres set search_path = public, other");
	store = open_database(name);
	tell("postgres", "alter role postgres reset search_path");
	assert_ok(wake_store_prepare_migration(store, &err));
	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_beside_exec_script(store, "create table later (id uuid references users (id))", &err));
	assert_ok(wake_store_commit(store, &err));
	wake_store_close(store);
	expect_answer(name, "select count(*) from public.users", "2");
	expect_answer(name, "select to_regclass('other.users') is not null", "t");
	free(name);
}

/* Its table has to stand aside, which only its owner may let it do. */
static void users_by_number_need_their_owner(void **state)
{
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = existing_database(NUMBERED);
	tell(name, "create role carl login; grant select, references on users to carl; "
	           "alter table sessions owner to carl; alter table messages owner to carl; "
	           "alter table sessions drop column user_id; alter table messages drop column user_id");
	store = open_as(name, "carl");
	expect_problems(store,
	    "the table users belongs to the role postgres, and migrating as carl makes a foreign key to it; "
	    "migrate once as postgres, or as a member of it: grant \"postgres\" to \"carl\"\n");
	wake_store_close(store);
	free(name);
}

/* Of several with the same e-mail it is always the same one. */
static void a_user_is_found_by_mail(void **state)
{
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = existing_database(UPGRADED);
	tell(name, "update users set email = 'a@x' where email like 'ann%'");
	store = open_migrated(name);
	assert_ok(apply_run(store, "sprint"));
	expect_answer(name, "select user_id from workflow_runs", "aaaaaaaa-0000-4000-8000-000000000001");
	expect_answer(name, "select session_id from workflow_runs", "bbbbbbbb-0000-4000-8000-000000000002");
	wake_store_close(store);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_that_fit_are_no_problem),
		cmocka_unit_test_setup_teardown(a_file_has_tables_of_its_own, scratch_make, scratch_remove),
		cmocka_unit_test(what_does_not_fit_is_told),
		cmocka_unit_test(rights_that_lack_are_told),
		cmocka_unit_test(a_table_that_is_gone_is_told),
		cmocka_unit_test(a_refusal_lets_events_wait),
		cmocka_unit_test(what_was_removed_meanwhile_is_tried_again),
		cmocka_unit_test(optional_columns_may_change),
		cmocka_unit_test(names_may_be_of_any_length),
		cmocka_unit_test(users_by_number_stay),
		cmocka_unit_test(other_users_are_never_dropped),
		cmocka_unit_test(users_by_number_need_their_owner),
		cmocka_unit_test(a_user_is_found_by_mail),
	};

	return cmocka_run_group_tests_name("beside", tests, start_cluster, stop_cluster);
}
