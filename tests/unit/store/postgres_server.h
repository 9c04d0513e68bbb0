/* SPDX-License-Identifier: MIT */
/* A PostgreSQL server of a test program's own, and databases on it. */
#ifndef WAKE_TEST_POSTGRES_SERVER_H
#define WAKE_TEST_POSTGRES_SERVER_H

#include <libpq-fe.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "store_file.h"

static char *cluster; /* NULL: no server is installed */
static unsigned databases;

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
	const char *const values[] = { cluster, "postgres", database, "-c timezone=UTC -c client_min_messages=warning",
		NULL };
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

/* Runs what stands in a file. */
static inline void tell_file(const char *database, const char *path)
{
	size_t len;
	char *text;

	assert_ok(wake_fs_read(path, 1 << 20, WAKE_FS_PLAIN, &text, &len, &err));
	tell(database, text);
	free(text);
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
