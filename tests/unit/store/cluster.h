/* SPDX-License-Identifier: MIT */
/* A PostgreSQL server of a test program's own, and databases on it. For one file a program, which calls
 * start_cluster and stop_cluster around its tests, and needs_server in each that needs it. */
#ifndef WAKE_TEST_CLUSTER_H
#define WAKE_TEST_CLUSTER_H

#include "../base/scratch.h"

#include <libpq-fe.h>
#include <sys/wait.h>

#include "store/migrate.h"
#include "store/store.h"

static struct wake_error err;
static char *cluster; /* NULL: no server is installed */
static unsigned databases;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static inline int tool(const char *verb)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		(void)execl("tests/postgres_cluster.sh", "postgres_cluster.sh", verb, cluster, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static inline int start_cluster(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *dir;

	(void)state;
	if (tool("is-there") != 0)
		return 0;
	assert_true(asprintf(&dir, "%s/pg%ld", tmp ? tmp : "/tmp", (long)getpid()) > 0);
	cluster = dir;
	return tool("make");
}

static inline int stop_cluster(void **state)
{
	int status = cluster ? tool("stop") : 0;
	struct stat st;

	(void)state;
	if (cluster && lstat(cluster, &st) == 0)
		(void)nftw(cluster, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(cluster);
	return status;
}

static inline void needs_server(void)
{
	if (!cluster)
		skip();
}

static inline PGconn *connect_plainly(const char *database)
{
	const char *const keywords[] = { "host", "user", "dbname", "options", NULL };
	const char *const values[] = { cluster, "postgres", database, "-c timezone=UTC", NULL };
	PGconn *conn = PQconnectdbParams(keywords, values, 0);

	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(conn));
	return conn;
}

static inline PGresult *ask(PGconn *conn, const char *text)
{
	PGresult *result = PQexec(conn, text);

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", text, PQerrorMessage(conn));
	return result;
}

static inline void tell(const char *database, const char *text)
{
	PGconn *conn = connect_plainly(database);

	PQclear(ask(conn, text));
	PQfinish(conn);
}

/* An empty one; free(3) its name. */
static inline char *new_database(void)
{
	char *name, *text;

	assert_true(asprintf(&name, "d%u", databases++) > 0);
	assert_true(asprintf(&text, "create database %s", name) > 0);
	tell("postgres", text);
	free(text);
	return name;
}

static inline struct wake_store *open_database(const char *name)
{
	struct wake_store *store;
	char *url;

	assert_true(asprintf(&url, "postgresql:///%s?host=%s&user=postgres", name, cluster) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	free(url);
	return store;
}

static inline struct wake_store *open_migrated(const char *name)
{
	struct wake_store *store = open_database(name);
	size_t applied = 0;

	assert_ok(wake_migrate(store, &applied, &err));
	return store;
}

#endif
