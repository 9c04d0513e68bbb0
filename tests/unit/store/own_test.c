/* SPDX-License-Identifier: MIT */
/* store/own: what is ours is what the server's catalogue has after the migrations, neither more nor less. */
#include "postgres_server.h"

#include "store/own.h"

#define TABLES "from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public' "

/* As the catalogue has it: table, name, and which kind. */
static const char catalogue[] =
    "select c.relname, a.attname, case when a.attnotnull then 1 else 0 end " TABLES
    "join pg_attribute a on a.attrelid = c.oid where c.relkind in ('r', 'p') and not c.relispartition "
    "and c.relname like 'workflow\\_%' and a.attnum > 0 and not a.attisdropped "
    "union all select c.relname, k.conname, 2 " TABLES
    "join pg_constraint k on k.conrelid = c.oid where c.relname like 'workflow\\_%' and k.contype in ('c', "
    "'f', 'x') "
    "and not c.relispartition "
    "union all select c.relname, i.relname, 2 " TABLES
    "join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid "
    "where c.relname like 'workflow\\_%' and not c.relispartition";

static size_t count_own(void)
{
	size_t count = 0;

	while (wake_owns[count].table)
		count++;
	return count;
}

static bool is_own(const char *table, const char *name, int kind)
{
	if (kind == 2)
		return wake_own_has_rule(table, name);
	return wake_own_has_column(table, name) && wake_own_is_not_null(table, name) == (kind == 1);
}

static void it_is_what_the_migrations_make(void **state)
{
	PGconn *conn;
	PGresult *found;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	wake_store_close(open_migrated(name));
	conn = connect_plainly(name);
	found = ask(conn, catalogue);
	for (int i = 0; i < PQntuples(found); i++) {
		if (!is_own(PQgetvalue(found, i, 0), PQgetvalue(found, i, 1), atoi(PQgetvalue(found, i, 2))))
			fail_msg("%s of %s, kind %s", PQgetvalue(found, i, 1), PQgetvalue(found, i, 0),
			    PQgetvalue(found, i, 2));
	}
	assert_int_equal(PQntuples(found), count_own());
	PQclear(found);
	PQfinish(conn);
	free(name);
}

static void a_partition_is_the_ledger(void **state)
{
	(void)state;
	assert_true(wake_own_has_table("workflow_events_202611"));
	assert_true(wake_own_has_rule("workflow_events_202611", "workflow_events_202611_pkey"));
	assert_true(wake_own_has_rule("workflow_events_default", "workflow_events_pkey"));
	assert_false(wake_own_has_rule("workflow_events_202611", "workflow_events_202612_pkey"));
	assert_true(wake_own_is_not_null("workflow_events_202611", "host"));
	assert_false(wake_own_is_not_null("workflow_events_202611", "payload"));
}

static void the_rest_is_not_ours(void **state)
{
	(void)state;
	assert_false(wake_own_has_table("workflow_events_of_ours"));
	assert_false(wake_own_has_table("workflows"));
	assert_false(wake_own_has_column("workflow_runs", "team"));
	assert_false(wake_own_is_not_null("workflow_runs", "agent_type"));
	assert_true(wake_own_has_column("workflow_runs", "agent_type"));
	assert_false(wake_own_has_rule("workflow_runs", "workflow_runs_workflow_name_check"));
	assert_false(wake_own_has_rule("workflow_gaps", "workflow_runs_pkey"));
	assert_true(wake_own_has_rule("workflow_runs", "workflow_runs_status_check"));
	/* A column is no rule. */
	assert_false(wake_own_has_rule("workflow_runs", "run_id"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_the_migrations_make),
		cmocka_unit_test(a_partition_is_the_ledger),
		cmocka_unit_test(the_rest_is_not_ours),
	};

	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
