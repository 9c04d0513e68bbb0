/* SPDX-License-Identifier: MIT */
/* Whose rule a statement broke, by what the server tells beside its message: the names of table, column and
 * constraint are not translated, and which of them are ours is known (store/own.h). */
#include "store/store_postgres_refusal.h"

#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "store/own.h"

static bool is_of_class(const char *state, const char *const *classes, size_t count)
{
	bool is = false;

	for (size_t i = 0; i < count; i++)
		is = is || strncmp(state, classes[i], strlen(classes[i])) == 0;
	return is;
}

/* sessions, messages and users are the surrounding system's, which may ask of them what we do not know: what
 * they refuse is no fault of the event. The server names the table of a broken constraint, but not of a bad
 * value. */
static bool is_beside(const PGresult *result, const char *state, const char *doing)
{
	/* A bad value, a broken constraint, no right or no such column, too long for an index. */
	static const char *const classes[] = { "22", "23", "42", "54" };
	static const char *const tables[] = { "sessions", "messages", "users" };
	static const char *const statements[] = { "fold_session", "fold_message", "fold_user" };
	const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
	bool is_theirs = false;

	for (size_t i = 0; i < WAKE_COUNT(tables); i++)
		is_theirs = is_theirs || (table ? strcmp(table, tables[i]) == 0
		                                : strncmp(doing, statements[i], strlen(statements[i])) == 0);
	return is_theirs && is_of_class(state, classes, WAKE_COUNT(classes));
}

/* A broken CHECK has a name, of a table or of a type; what has nowhere to go, because somebody took a
 * partition away, comes with the same SQLSTATE and none. */
static bool lacks_partition(const PGresult *result, const char *state)
{
	return strcmp(state, "23514") == 0 && !PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

/* Our tables have no function that could raise anything, and every language's name stands untranslated in the
 * context. Behind the line that tells a statement's parameters come our own values. */
static bool is_raised_by_theirs(const PGresult *result, const char *state, const char *doing)
{
	static const char *const classes[] = { "0A", "22", "23", "2F", "38", "39", "42", "54", "P0" };
	const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
	const char *language = context ? strstr(context, "PL/") : NULL,
	           *values = context ? strstr(context, "$1 = ") : NULL;

	/* A migration's script is in such a language itself. */
	return language && (!values || language < values) && strcmp(doing, "run a script") != 0 &&
	       is_of_class(state, classes, WAKE_COUNT(classes));
}

static void tell_raised(const PGresult *result, struct wake_postgres_refusal *refusal)
{
	const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);

	(void)snprintf(refusal->mend, sizeof(refusal->mend),
	    "; it was raised by %.*s, which is not Runwake's: let its trigger take what is recorded, or drop "
	    "it",
	    (int)strcspn(context, "\n") < 120 ? (int)strcspn(context, "\n") : 120, context);
}

static bool is_added(const PGresult *result, const char *state)
{
	static const char *const classes[] = { "23", "54" };
	const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
	const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
	const char *rule = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	if (!is_of_class(state, classes, WAKE_COUNT(classes)))
		return false;
	if (!table) /* none of our columns is of a type with rules of its own */
		return PQresultErrorField(result, PG_DIAG_DATATYPE_NAME) != NULL;
	if (strcmp(state, "23502") == 0)
		return column && !wake_own_is_not_null(table, column);
	return rule && !wake_own_has_rule(table, rule);
}

static void tell_added(const PGresult *result, const char *state, struct wake_postgres_refusal *refusal)
{
	const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
	const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
	const char *rule = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	if (!table)
		(void)snprintf(refusal->mend, sizeof(refusal->mend),
		    "; the type %s is not Runwake's: let it take what is recorded, or give the column its "
		    "own type back",
		    PQresultErrorField(result, PG_DIAG_DATATYPE_NAME));
	else if (!rule && wake_own_has_column(table, column))
		(void)snprintf(refusal->mend, sizeof(refusal->mend),
		    "; not every event has a value for it: alter table %s alter column %s drop not null",
		    table, column);
	else if (!rule)
		(void)snprintf(refusal->mend, sizeof(refusal->mend),
		    "; the column %s.%s is not Runwake's: give it a default, or let it be null", table,
		    column);
	else
		(void)snprintf(refusal->mend, sizeof(refusal->mend),
		    "; the %s %s of %s is not Runwake's: let it take what is recorded, or drop it",
		    strncmp(state, "54", 2) == 0 ? "index" : "constraint", rule, table);
}

/* Of a right that was not granted the source's place is another. A machine's role is held to its own name by
 * a policy of ours. */
static bool is_policy(const PGresult *result, const char *state, const char *doing)
{
	const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

	return strcmp(state, "42501") == 0 && function && strcmp(function, "ExecWithCheckOptions") == 0 &&
	       strcmp(doing, "feed_event") != 0;
}

bool wake_postgres_find_refusal(
    const PGresult *result, const char *doing, struct wake_postgres_refusal *ret_refusal)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (!state)
		return false;
	ret_refusal->code = WAKE_REFUSED;
	if (is_raised_by_theirs(result, state, doing)) {
		tell_raised(result, ret_refusal);
	} else if (is_beside(result, state, doing)) {
		ret_refusal->code = WAKE_UNAVAILABLE;
		(void)snprintf(ret_refusal->mend, sizeof(ret_refusal->mend),
		    "; the table is the surrounding system's, whose owner can mend this");
	} else if (lacks_partition(result, state)) {
		ret_refusal->code = WAKE_UNAVAILABLE;
		(void)snprintf(ret_refusal->mend, sizeof(ret_refusal->mend), "; add one, or a default");
	} else if (is_policy(result, state, doing)) {
		(void)snprintf(ret_refusal->mend, sizeof(ret_refusal->mend),
		    "; give the role a policy that takes every row (using (true) with check (true)), or the "
		    "attribute "
		    "bypassrls");
	} else if (is_added(result, state)) {
		tell_added(result, state, ret_refusal);
	} else {
		return false;
	}
	return true;
}
