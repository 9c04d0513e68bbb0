/* SPDX-License-Identifier: MIT */
/* runwake verify: is every movement that git's logs tell of in the store? */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "event/observe.h"
#include "event/registry.h"
#include "event/spool.h"
#include "store/record.h"
#include "store/verify.h"

#define LINE_MAX_BYTES ((size_t)256 * 1024)

static const struct wake_option options[] = {
	{ .name = "repair", .help = "record what is missing, then verify again" },
	{ .name = "quiet", .letter = 'q', .help = "print only the gaps and the last line" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

struct verifying {
	struct wake_command_context *context;
	struct wake_registered_list list;	/* what is to be verified */
	bool json, quiet;
	bool silent;				/* prints no movement: it was printed once */
	int64_t movements, recorded;
	json_t *gaps, *unknowable;		/* owned arrays */
	struct wake_events missing;		/* the gaps' events */
};

static void verifying_release(struct verifying *verifying)
{
	wake_registered_list_release(&verifying->list);
	json_decref(verifying->gaps);
	json_decref(verifying->unknowable);
	wake_events_release(&verifying->missing);
}

/* A REPO is any directory in a worktree, the worktree, or the repository itself. */
static int find_repository(struct verifying *verifying, const char *word, struct wake_registered *ret_item,
    struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_identity identity;
	int ret = wake_worktree_find(word, &worktree, err);

	if (ret == WAKE_OK)
		ret = wake_registry_identify(&verifying->context->paths, &worktree, &identity, err);
	if (ret == WAKE_NOTFOUND && worktree.common_dir)
		return wake_fail(err, WAKE_NOTFOUND,
		    "the repository '%s' is not recorded; `runwake install` in it begins that",
		    worktree.common_dir);
	if (ret < 0)
		return ret;
	memcpy(ret_item->repository_id, identity.repository_id, sizeof(identity.repository_id));
	return wake_str_copy(worktree.common_dir, &ret_item->common_dir, err);
}

static int find_repositories(struct verifying *verifying, struct wake_error *err)
{
	const struct wake_options *given = &verifying->context->options;
	struct wake_registered_list *list = &verifying->list;
	int ret = WAKE_OK;

	if (given->word_count == 0)
		return wake_registry_list(&verifying->context->paths, list, err);
	list->items = calloc(given->word_count, sizeof(*list->items));
	if (!list->items)
		return wake_fail_nomem(err);
	for (size_t i = 0; ret == WAKE_OK && i < given->word_count; i++) {
		ret = find_repository(verifying, given->words[i], &list->items[i], err);
		list->count += ret == WAKE_OK;
	}
	return ret;
}

static int add_gap(struct verifying *verifying, const struct wake_event *moved, struct wake_error *err)
{
	const json_t *data = moved->data;
	char at[WAKE_TIME_SIZE];
	json_t *gap;

	wake_time_format(wake_json_int(data, "time", 0) * WAKE_SECOND, at);
	gap = json_pack("{s:s?,s:s?,s:s?,s:s?,s:s,s:s?,s:s?,s:s?,s:s}", "repository",
	    wake_json_string(data, "common_dir"), "repository_id", wake_json_string(data, "repository_id"),
	    "worktree", wake_json_string(data, "root"), "worktree_id", wake_json_string(data, "worktree_id"),
	    "movement", moved->id, "old", wake_json_string(data, "old"), "new", wake_json_string(data, "new"),
	    "kind", wake_json_string(data, "kind"), "at", at);
	if (!gap || json_array_append_new(verifying->gaps, gap) < 0)
		return wake_fail_nomem(err);
	return WAKE_OK;
}

static int keep_missing(struct verifying *verifying, const struct wake_event *moved, struct wake_error *err)
{
	struct wake_event copy = *moved;
	int ret = wake_str_copy(moved->host, &copy.host, err);

	if (ret < 0)
		return ret;
	copy.data = json_incref(moved->data);
	return wake_events_add(&verifying->missing, &copy, err);
}

static int print_movement(const struct wake_event *moved, bool recorded, struct wake_error *err)
{
	const json_t *data = moved->data;
	const char *root = wake_json_string(data, "root"), *kind = wake_json_string(data, "kind");
	wake_auto_str struct wake_str out = WAKE_STR(LINE_MAX_BYTES);
	char from[WAKE_SHORT_HASH + 1], to[WAKE_SHORT_HASH + 1], rfc3339[WAKE_TIME_SIZE], at[32];

	wake_time_format(wake_json_int(data, "time", 0) * WAKE_SECOND, rfc3339);
	if (recorded)
		wake_print_append(&out, WAKE_STYLE_PLAIN, "recorded");
	else
		wake_print_append(&out, WAKE_STYLE_BAD, "GAP     ");
	wake_str_appendf(&out, "  %s  %s..%s  ", wake_reader_local_time(rfc3339, at),
	    wake_short_hash(wake_json_string(data, "old"), from),
	    wake_short_hash(wake_json_string(data, "new"), to));
	wake_print_append(&out, WAKE_STYLE_PLAIN, kind ? kind : "");
	wake_str_append(&out, "  ");
	wake_print_append(&out, WAKE_STYLE_FAINT, root ? root : wake_json_string(data, "git_dir"));
	wake_str_append_char(&out, '\n');
	return wake_print_text(&out, err);
}

static int take(void *context, const struct wake_event *moved, bool recorded, struct wake_error *err)
{
	struct verifying *verifying = context;
	int ret = WAKE_OK;

	verifying->movements++;
	verifying->recorded += recorded;
	if (!recorded)
		ret = add_gap(verifying, moved, err);
	if (ret == WAKE_OK && !recorded)
		ret = keep_missing(verifying, moved, err);
	if (ret == WAKE_OK && !verifying->json && !verifying->silent && (!recorded || !verifying->quiet))
		ret = print_movement(moved, recorded, err);
	return ret;
}

static int verify_one(struct verifying *verifying, struct wake_store *store,
    const struct wake_registered *item, struct wake_error *err)
{
	json_t *unknowable = NULL;
	int ret;

	if (!wake_fs_is_dir(item->common_dir)) {
		wake_print_note("the repository '%s' is gone; its record stays as it is", item->common_dir);
	} else {
		ret = wake_verify_repository(
		    &verifying->context->paths, store, item->common_dir, take, verifying, err);
		if (ret < 0)
			return wake_error_prefix(err, "'%s'", item->common_dir);
		ret = wake_verify_damaged(item->common_dir, item->repository_id, verifying->unknowable, err);
		if (ret < 0)
			return ret;
	}
	ret = wake_verify_unknowable(store, item->repository_id, &unknowable, err);
	if (ret == WAKE_OK && json_array_extend(verifying->unknowable, unknowable) < 0)
		ret = wake_fail_nomem(err);
	json_decref(unknowable);
	return ret;
}

static int verify_all(struct verifying *verifying, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int ret =
	    wake_reader_failed(verifying->context, wake_verify_open(&verifying->context->paths, &store, err));

	verifying->movements = verifying->recorded = 0;
	json_array_clear(verifying->gaps);
	json_array_clear(verifying->unknowable);
	wake_events_release(&verifying->missing);
	for (size_t i = 0; ret == WAKE_OK && i < verifying->list.count; i++)
		ret = verify_one(verifying, store, &verifying->list.items[i], err);
	return ret;
}

/* What the recorder's own way of looking did not bring in, because its cursor says that it is behind those
 * lines. */
static int append_missing(struct verifying *verifying, struct wake_error *err)
{
	const char *spool = verifying->context->paths.spool;

	return verifying->missing.count > 0 ? wake_spool_append(spool, &verifying->missing, true, err)
	                                    : WAKE_OK;
}

static int record(struct verifying *verifying, struct wake_error *err)
{
	const struct wake_record_options how = { .wait = true, .observe_all = true };
	struct wake_recorded recorded = { 0 };
	int ret = wake_record(&verifying->context->paths, &how, &recorded, err);

	if (ret == WAKE_OK && *recorded.problem)
		wake_print_note("%s", recorded.problem);
	return wake_reader_failed(verifying->context, ret);
}

/* Branches' logs, which tell what was pushed and which branch a movement was on, are not compared but read anew. */
static int read_refs_again(struct verifying *verifying, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < verifying->list.count; i++)
		ret = wake_observe_refs_again(
		    &verifying->context->paths, verifying->list.items[i].repository_id, err);
	return ret;
}

/* Observing comes first: it adds what the marker says of whose a movement is, which a bare log line does not
 * know. */
static int repair(struct verifying *verifying, struct wake_error *err)
{
	int ret = read_refs_again(verifying, err);

	if (ret == WAKE_OK)
		ret = record(verifying, err);
	verifying->silent = true;
	if (ret == WAKE_OK)
		ret = verify_all(verifying, err);
	if (ret < 0 || verifying->missing.count == 0)
		return ret;
	ret = append_missing(verifying, err);
	if (ret == WAKE_OK)
		ret = record(verifying, err);
	return ret == WAKE_OK ? verify_all(verifying, err) : ret;
}

static int print_document(const struct verifying *verifying, int64_t repaired, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	int ret = document ? wake_json_set_int(document, "movements", verifying->movements, err)
	                   : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "recorded", verifying->recorded, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "gaps", json_incref(verifying->gaps), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "unknowable", json_incref(verifying->unknowable), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "repaired", repaired, err);
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

static void append_unknowable(struct wake_str *out, const json_t *gap)
{
	const char *root = wake_json_string(gap, "root"), *detail = wake_json_string(gap, "detail");
	char at[32];

	wake_print_append(out, WAKE_STYLE_WARN, "unknowable");
	if (wake_json_string(gap, "at"))
		wake_str_appendf(out, "  %s", wake_reader_local_time(wake_json_string(gap, "at"), at));
	wake_str_append(out, "  ");
	wake_print_append(out, WAKE_STYLE_PLAIN, wake_json_string(gap, "reason"));
	if (detail) {
		wake_str_append(out, ": ");
		wake_print_append(out, WAKE_STYLE_PLAIN, detail);
	}
	if (root) {
		wake_str_append(out, "  ");
		wake_print_append(out, WAKE_STYLE_FAINT, root);
	}
	wake_str_append_char(out, '\n');
}

static int print_summary(const struct verifying *verifying, int64_t repaired, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR((size_t)64 * 1024 * 1024);
	size_t gaps = json_array_size(verifying->gaps), i;
	json_t *gap;

	json_array_foreach (verifying->unknowable, i, gap)
		append_unknowable(&out, gap);
	wake_str_appendf(&out, "%" PRId64 " movement%s, %" PRId64 " recorded, %zu gap%s",
	    verifying->movements, verifying->movements == 1 ? "" : "s", verifying->recorded, gaps,
	    gaps == 1 ? "" : "s");
	if (repaired > 0)
		wake_str_appendf(&out, ", %" PRId64 " repaired", repaired);
	else if (gaps > 0 && !wake_options_has(&verifying->context->options, "repair"))
		wake_str_append(&out, " (--repair records them)");
	wake_str_append_char(&out, '\n');
	return wake_print_text(&out, err);
}

static int verify(struct verifying *verifying, struct wake_error *err)
{
	size_t before;
	int64_t repaired = 0;
	int ret = find_repositories(verifying, err);

	if (ret == WAKE_OK)
		ret = verify_all(verifying, err);
	before = json_array_size(verifying->gaps);
	if (ret == WAKE_OK && wake_options_has(&verifying->context->options, "repair")) {
		ret = repair(verifying, err);
		repaired = (int64_t)before - (int64_t)json_array_size(verifying->gaps);
	}
	if (ret < 0)
		return ret;
	ret = verifying->json ? print_document(verifying, repaired, err)
	                      : print_summary(verifying, repaired, err);
	if (ret < 0)
		return ret;
	return json_array_size(verifying->gaps) > 0 ? WAKE_EXIT_NO : WAKE_EXIT_OK;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(verifying_release) struct verifying verifying = { .context = context,
		.json = wake_options_has(&context->options, "json"),
		.quiet = wake_options_has(&context->options, "quiet"),
		.gaps = json_array(),
		.unknowable = json_array() };

	if (!verifying.gaps || !verifying.unknowable)
		return wake_fail_nomem(err);
	return verify(&verifying, err);
}

static const struct wake_example examples[] = {
	{ "runwake verify", "Is anything missing, in any repository" },
	{ "runwake verify --repair .", "Records what is missing of this repository" },
	{ 0 },
};

const struct wake_command wake_command_verify = {
	.name = "verify",
	.group = "The record",
	.summary = "compare git's own logs with the record",
	.usage = (const char *const[]){ "[REPO...] [--repair] [--quiet] [--json]", NULL },
	.description = (const char *const[]){
	    "Reads the logs of every worktree of the repositories named, or of all that are recorded, "
	    "again from where their record begins, and prints each movement of HEAD as recorded or GAP. "
	    "Exits 1 if there is a gap.",
	    "A gap is nothing lost: a movement that no hook reported is recorded at the next one that a "
	    "hook does report, by runwake record --all, or by --repair. This also reads the logs of branches anew, so "
	    "that pushes come back, too, where the store was restored from a backup.",
	    "What nobody can know any more, because a log was deleted or damaged, or because the kernel's "
	    "queue of file events overflowed, is listed as unknowable.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_max = SIZE_MAX,
	.run = run,
};
