/* SPDX-License-Identifier: MIT */
/* session_meta: whose rollout it is, where it was begun, what it is a fork of. */
#include "agent/transcript_codex.h"

#include <stdlib.h>
#include <string.h>

#define HEADS_MAX 64 /* session_meta lines at a file's beginning: of a fork of a fork … */

enum { ID, FORKED_FROM, CWD, VERSION, SOURCE, GIT, BASE, MEMBERS };

static const char *const names[MEMBERS] = { [ID] = "id",
	[FORKED_FROM] = "forked_from_id",
	[CWD] = "cwd",
	[VERSION] = "cli_version",
	[SOURCE] = "source",
	[GIT] = "git",
	[BASE] = "history_base" };

/* What comes behind a fork's own: of the thread that it copies. */
static int take_copied(struct wake_codex *codex, struct wake_scan id, struct wake_error *err)
{
	char thread[WAKE_CODEX_ID_MAX + 1];

	if (!*wake_scan_copy(id, thread, sizeof(thread)) || strcmp(thread, codex->thread) == 0)
		return WAKE_OK;
	codex->copies = true;
	if (!codex->forked_from && wake_str_copy(thread, &codex->forked_from, err) != WAKE_OK)
		return err->code;
	return wake_transcript_set(&codex->root, id, WAKE_CODEX_ID_MAX, err);
}

static int take_own(struct wake_codex *codex, const struct wake_scan *views, struct wake_error *err)
{
	const struct {
		char **text;
		struct wake_scan value;
		size_t max;
	} texts[] = { { &codex->thread, views[ID], WAKE_CODEX_ID_MAX },
		{ &codex->root, views[ID], WAKE_CODEX_ID_MAX },
		{ &codex->forked_from, views[FORKED_FROM], WAKE_CODEX_ID_MAX },
		{ &codex->directory, views[CWD], 4096 },
		{ &codex->branch, wake_scan_member(views[GIT], "branch"), WAKE_TRANSCRIPT_NAME_MAX },
		{ &codex->version, views[VERSION], WAKE_TRANSCRIPT_NAME_MAX },
		{ &codex->source, views[SOURCE], WAKE_TRANSCRIPT_NAME_MAX } };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_transcript_set(texts[i].text, texts[i].value, texts[i].max, err);
	codex->is_exec = wake_scan_equals(views[SOURCE], "exec");
	codex->has_records = wake_scan_is_object(views[BASE]);
	if (ret == WAKE_OK && wake_scan_is_object(views[SOURCE]))
		ret = wake_str_copy("subagent", &codex->source, err);
	return ret;
}

int wake_codex_take_meta(struct wake_codex *codex, struct wake_scan payload, struct wake_error *err)
{
	struct wake_scan views[MEMBERS];

	if (!wake_scan_pick(payload, names, MEMBERS, views) || !wake_scan_is_string(views[ID]))
		return WAKE_INVALID;
	return codex->thread ? take_copied(codex, views[ID], err) : take_own(codex, views, err);
}

int wake_codex_read_head(struct wake_codex *codex, struct wake_error *err)
{
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line where;
	struct wake_codex_line line;
	int ret = wake_transcript_lines_open(codex->reading->path, 0, &lines, err);

	for (int i = 0; ret == WAKE_OK && i < HEADS_MAX; i++) {
		ret = wake_transcript_lines_next(lines, &where, err);
		if (ret != 1 || !wake_codex_line_read(&where, &line) ||
		    !wake_scan_equals(line.type, "session_meta"))
			return ret < 0 ? ret : WAKE_OK;
		ret = wake_codex_take_meta(codex, line.payload, err);
		ret = ret == WAKE_INVALID ? WAKE_OK : ret;
	}
	return ret;
}
