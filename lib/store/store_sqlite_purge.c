/* SPDX-License-Identifier: MIT */
/* A store's file without what its rows once held. secure_delete would not do: whatever a row left behind when
 * it was moved, or when it was changed before, lies in pages that nobody writes again. */
#include <sqlite3.h>

#include "store/purge.h"

#define PATIENCE 30000 /* milliseconds for another program's transaction */

static void close_database(sqlite3 **db)
{
	(void)sqlite3_close(*db);
}

static int exec_on(sqlite3 *db, const char *path, const char *text, struct wake_error *err)
{
	int result = sqlite3_exec(db, text, NULL, NULL, NULL);

	if (result == SQLITE_OK)
		return WAKE_OK;
	return wake_fail(err,
	    result == SQLITE_NOMEM                             ? WAKE_NOMEM
	    : result == SQLITE_BUSY || result == SQLITE_LOCKED ? WAKE_BUSY
	                                                       : WAKE_UNAVAILABLE,
	    "write '%s' anew: %s; the texts are out of its tables, but may be left in the file until this is "
	    "done",
	    path, sqlite3_errmsg(db));
}

int wake_purge_file(const char *path, struct wake_error *err)
{
	WAKE_CLEANUP(close_database) sqlite3 *db = NULL;
	int status;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return wake_fail(
		    err, WAKE_UNAVAILABLE, "open '%s': %s", path, db ? sqlite3_errmsg(db) : "out of memory");
	(void)sqlite3_busy_timeout(db, PATIENCE);
	status = exec_on(db, path, "pragma secure_delete = on; vacuum", err);
	if (status != WAKE_OK)
		return status;
	if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		return wake_fail(err, WAKE_BUSY,
		    "another program reads '%s', so its write-ahead log cannot be emptied; the texts are out "
		    "of its tables, "
		    "but may be left in '%s-wal' until the last program closes it, or you purge again",
		    path, path);
	return WAKE_OK;
}
