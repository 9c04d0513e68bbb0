/* SPDX-License-Identifier: MIT */
/* One commit: who made it, what it replaced, and what replaced it. */
#include "store/query.h"

#include <string.h>

#define LINEAGE_MAX 10000 /* commits followed; a history of rewrites that is longer is cut there */

/* After the columns of a commit in read_commit.sql. */
enum { C_VERDICT = 17, C_RUN, C_RUN_ID };

static bool is_hex(const char *word)
{
	return word[strspn(word, "0123456789abcdef")] == '\0';
}

int wake_query_find_commit(struct wake_store *store, const char *word, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err)
{
	char end[WAKE_HASH_SIZE + 1], found[WAKE_HASH_SIZE] = "";
	const struct wake_value values[] = { WAKE_TEXT(word), WAKE_TEXT(end) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_str struct wake_str names = WAKE_STR(8 * WAKE_HASH_SIZE);
	size_t count = 0, len = strlen(word);
	int ret;

	if (len < WAKE_QUERY_ABBREVIATION || len >= WAKE_HASH_SIZE || !is_hex(word))
		return wake_fail(err, WAKE_NOTFOUND,
		    "'%s' is no commit: give at least %d hex digits of its hash", word,
		    WAKE_QUERY_ABBREVIATION);
	(void)snprintf(end, sizeof(end), "%sg", word); /* beyond every hex digit */
	ret = wake_store_query(store, WAKE_SQL_READ_COMMIT_HASHES, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		const char *hash = wake_rows_text(rows, 0);

		ret = WAKE_OK;
		if (wake_hash_is_zero(hash))
			continue;
		(void)snprintf(found, sizeof(found), "%s", hash);
		wake_str_appendf(&names, "%s%s", count++ ? ", " : "", hash);
	}
	if (ret < 0)
		return ret;
	if (count == 0)
		return wake_fail(err, WAKE_NOTFOUND, "no movement led to a commit '%s'", word);
	if (count > 1)
		return wake_fail(
		    err, WAKE_INVALID, "'%s' could be the commits %s", word, wake_str_text(&names));
	memcpy(ret_hash, found, sizeof(found));
	return WAKE_OK;
}

/* What the walk over one commit and its kin gathers. */
struct kin {
	struct wake_store *store;
	json_t *commit;		/* the commit asked for; NULL until it is read */
	json_t *lineage;	/* array, in the order found */
	json_t *seen;		/* hashes */
	json_t *runs; /* ids of runs by relation: {"self":[…],"predecessor":[…],"successor":[…]} */
};

static void kin_release(struct kin *kin)
{
	json_decref(kin->commit);
	json_decref(kin->lineage);
	json_decref(kin->seen);
	json_decref(kin->runs);
}

static int add_run(struct kin *kin, const char *relation, const char *id, struct wake_error *err)
{
	json_t *ids = json_object_get(kin->runs, relation), *known;
	size_t i;

	json_array_foreach (ids, i, known) {
		if (strcmp(json_string_value(known), id) == 0)
			return WAKE_OK;
	}
	return json_array_append_new(ids, json_string(id)) < 0 ? wake_fail_nomem(err) : WAKE_OK;
}

/* run_id: NULL where nobody is known to have made it; commit: NULL for one that only an edge names. */
static int add_entry(struct kin *kin, const char *hash, const char *relation, const char *run_id,
    const json_t *commit, struct wake_error *err)
{
	static const char *const shared[] = { "kind", "subject", "branch", "evidence", "superseded_by",
		"moved_at" };
	json_t *entry = json_object();
	int ret = wake_json_set(entry, "commit_hash", json_string(hash), err);

	if (ret == WAKE_OK)
		ret = wake_json_set(entry, "relation", json_string(relation), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(entry, "run_id", run_id ? json_string(run_id) : json_null(), err);
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(shared); i++) {
		json_t *value = json_object_get(commit, shared[i]);

		ret = wake_json_set(entry, shared[i], value ? json_incref(value) : json_null(), err);
	}
	if (ret < 0) {
		json_decref(entry);
		return ret;
	}
	return json_array_append_new(kin->lineage, entry) < 0 ? wake_fail_nomem(err) : WAKE_OK;
}

/* One row of read_commit.sql: made rows each give an entry; a brought-in one only if it is all there is. */
static int add_row(struct kin *kin, const struct wake_rows *rows, const char *hash, const char *relation,
    bool first, struct wake_error *err)
{
	bool made = strcmp(wake_rows_text(rows, C_VERDICT), "made") == 0;
	const char *run = made ? wake_rows_text(rows, C_RUN) : NULL;
	wake_auto_json json_t *commit = NULL;
	int ret;

	if (!made && !first)
		return WAKE_OK;
	ret = wake_query_commit_object(rows, &commit, err);
	if (ret == WAKE_OK)
		ret =
		    add_entry(kin, hash, relation, run ? wake_rows_text(rows, C_RUN_ID) : NULL, commit, err);
	if (ret == WAKE_OK && run)
		ret = add_run(kin, relation, run, err);
	if (ret == WAKE_OK && first && strcmp(relation, "self") == 0) {
		kin->commit = commit;
		commit = NULL; /* kin's now */
	}
	return ret;
}

static int add_commit(struct kin *kin, const char *hash, const char *relation, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(hash) };
	wake_auto_rows struct wake_rows *rows = NULL;
	bool first = true;
	int ret = wake_store_query(kin->store, WAKE_SQL_READ_COMMIT, values, WAKE_COUNT(values), &rows, err);

	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		ret = add_row(kin, rows, hash, relation, first, err);
		first = false;
	}
	return ret == WAKE_OK && first ? add_entry(kin, hash, relation, NULL, NULL, err) : ret;
}

/* Direct kin of hash in one direction, put into the queue unless they were seen. */
static int add_nearest(
    struct kin *kin, const char *hash, const char *relation, json_t *queue, struct wake_error *err)
{
	static const struct wake_query_column columns[] = { { "hash", WAKE_VALUE_TEXT },
		{ "relation", WAKE_VALUE_TEXT } };
	wake_auto_json json_t *edges = NULL;
	size_t i;
	json_t *edge;
	int ret = wake_query_array(
	    kin->store, WAKE_SQL_READ_REWRITES, hash, columns, WAKE_COUNT(columns), &edges, err);

	json_array_foreach (edges, i, edge) {
		const char *other = wake_json_string(edge, "hash");

		if (ret < 0 || json_object_size(kin->seen) >= LINEAGE_MAX)
			break;
		if (strcmp(wake_json_string(edge, "relation"), relation) != 0 ||
		    json_object_get(kin->seen, other))
			continue;
		ret = wake_json_set(kin->seen, other, json_true(), err);
		if (ret == WAKE_OK && json_array_append(queue, json_object_get(edge, "hash")) < 0)
			ret = wake_fail_nomem(err);
	}
	return ret;
}

/* Breadth first, so that the nearest come first. Only one direction: what else became of a predecessor is
 * not kin. */
static int walk(struct kin *kin, const char *hash, const char *relation, struct wake_error *err)
{
	wake_auto_json json_t *queue = json_array();
	int ret = queue ? add_nearest(kin, hash, relation, queue, err) : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < json_array_size(queue); i++) {
		const char *other = json_string_value(json_array_get(queue, i));

		ret = add_commit(kin, other, relation, err);
		if (ret == WAKE_OK)
			ret = add_nearest(kin, other, relation, queue, err);
	}
	return ret;
}

static int gather(struct kin *kin, const char *hash, struct wake_error *err)
{
	int ret;

	kin->lineage = json_array();
	kin->seen = json_object();
	kin->runs = json_pack("{s:[],s:[],s:[]}", "self", "predecessor", "successor");
	if (!kin->lineage || !kin->seen || !kin->runs)
		return wake_fail_nomem(err);
	ret = wake_json_set(kin->seen, hash, json_true(), err);
	if (ret == WAKE_OK)
		ret = add_commit(kin, hash, "self", err);
	if (ret == WAKE_OK)
		ret = walk(kin, hash, "predecessor", err);
	return ret == WAKE_OK ? walk(kin, hash, "successor", err) : ret;
}

static int append_runs(
    struct kin *kin, const char *relation, json_t *seen, json_t *runs, struct wake_error *err)
{
	json_t *ids = json_object_get(kin->runs, relation), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		json_t *run = NULL;
		int ret = WAKE_OK;

		if (json_object_get(seen, json_string_value(id)))
			continue;
		ret = wake_json_set(seen, json_string_value(id), json_true(), err);
		if (ret == WAKE_OK)
			ret = wake_query_run(kin->store, json_string_value(id), &run, err);
		if (ret < 0)
			return ret;
		if (json_array_append_new(runs, run) < 0)
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

static int collect_runs(struct kin *kin, json_t **ret_runs, struct wake_error *err)
{
	wake_auto_json json_t *seen = json_object();
	wake_auto_json json_t *runs = json_array();
	int ret = seen && runs ? append_runs(kin, "self", seen, runs, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = append_runs(kin, "predecessor", seen, runs, err);
	if (ret == WAKE_OK && json_array_size(runs) == 0)
		ret = append_runs(kin, "successor", seen, runs, err);
	if (ret < 0)
		return ret;
	*ret_runs = runs;
	runs = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_query_commit(
    struct wake_store *store, const char *hash, json_t **ret_document, struct wake_error *err)
{
	WAKE_CLEANUP(kin_release) struct kin kin = { .store = store };
	wake_auto_json json_t *document = json_object();
	json_t *runs = NULL;
	int ret = gather(&kin, hash, err);

	if (ret == WAKE_OK && !kin.commit && json_array_size(kin.lineage) < 2)
		return wake_fail(err, WAKE_NOTFOUND, "no movement led to a commit '%s'", hash);
	/* A commit from before the record, known only because something replaced it. */
	if (ret == WAKE_OK && !kin.commit)
		kin.commit = json_pack("{s:s,s:[]}", "commit_hash", hash, "files");
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "commit", json_incref(kin.commit), err);
	if (ret == WAKE_OK)
		ret = collect_runs(&kin, &runs, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "runs", runs, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "lineage", json_incref(kin.lineage), err);
	if (ret < 0)
		return ret;
	*ret_document = document;
	document = NULL; /* the caller's now */
	return WAKE_OK;
}

static const struct wake_query_column meant_columns[] = {
	{ "id", WAKE_VALUE_TEXT },
	{ "new_hash", WAKE_VALUE_TEXT },
	{ "verdict", WAKE_VALUE_TEXT },
	{ "workflow_run_id", WAKE_VALUE_TEXT },
	{ "run_id", WAKE_VALUE_TEXT },
};

/* Leaves those that made the commit, if any did. */
static int prefer_made(json_t *movements, json_t **ret_movements, struct wake_error *err)
{
	json_t *made = json_array(), *movement;
	size_t i;

	if (!made)
		return wake_fail_nomem(err);
	json_array_foreach (movements, i, movement) {
		if (strcmp(wake_json_string(movement, "verdict"), "made") == 0 &&
		    json_array_append(made, movement) < 0) {
			json_decref(made);
			return wake_fail_nomem(err);
		}
	}
	if (json_array_size(made) == 0) {
		json_decref(made);
		made = json_incref(movements);
	}
	*ret_movements = made;
	return WAKE_OK;
}

int wake_query_meant(
    struct wake_store *store, const char *word, json_t **ret_movements, struct wake_error *err)
{
	wake_auto_json json_t *movements = NULL;
	char hash[WAKE_HASH_SIZE];
	int ret;

	if (wake_id_is_uuid(word)) {
		ret = wake_query_array(store, WAKE_SQL_READ_MOVEMENT, word, meant_columns,
		    WAKE_COUNT(meant_columns), &movements, err);
	} else {
		ret = wake_query_find_commit(store, word, hash, err);
		if (ret == WAKE_OK)
			ret = wake_query_array(store, WAKE_SQL_READ_MOVEMENTS_TO, hash, meant_columns,
			    WAKE_COUNT(meant_columns), &movements, err);
	}
	if (ret == WAKE_OK && json_array_size(movements) == 0)
		return wake_fail(err, WAKE_NOTFOUND, "no movement is known as '%s'", word);
	return ret == WAKE_OK ? prefer_made(movements, ret_movements, err) : ret;
}
