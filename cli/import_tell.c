/* SPDX-License-Identifier: MIT */
/* Whose an opening of a session is, and telling it as that run's. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/import_parts.h"

#define IDLE (3600 * WAKE_SECOND) /* a session that nothing was written to for so long has ended */
#define SLACK (5 * WAKE_SECOND)   /* between the clock of an agent and that of who started it */

/* Is it one of the session's own openings? Those that began later are of no interest here. */
static bool is_own(const struct wake_import *import, const char *run_id, const char *session, unsigned ordinal)
{
	char own[WAKE_ID_SIZE];

	for (; ordinal > 0; ordinal--) {
		wake_agent_run_id(import->source->agent, session, ordinal, own);
		if (strcmp(run_id, own) == 0)
			return true;
	}
	return false;
}

/* How far outside of a run an opening began; by clocks of two, that may be some seconds. */
static int64_t distance_of(const struct wake_agent_run *run, const struct wake_transcript_opening *opening)
{
	if (run->started == WAKE_TIME_NONE)
		return INT64_MAX;
	if (opening->first < run->started)
		return run->started - opening->first;
	return run->completed != WAKE_TIME_NONE && opening->first > run->completed ? opening->first - run->completed
	                                                                           : 0;
}

/* A run of another name that the session was recorded as, while it was at work: `runwake run` names its
 * runs itself. Of several, which may follow each other closely, the one it began in; else the nearest. */
static const char *find_other(
    const struct wake_import *import, const char *session, const struct wake_transcript_opening *opening)
{
	const struct wake_agent_run *found = NULL;
	int64_t nearest = SLACK;

	for (size_t i = 0; i < import->known.count; i++) {
		const struct wake_agent_run *run = &import->known.items[i];
		int64_t distance = distance_of(run, opening);

		if (distance > nearest || (found && distance == nearest) ||
		    is_own(import, run->run_id, session, opening->ordinal))
			continue;
		found = run;
		nearest = distance;
	}
	if (found)
		return found->run_id;
	/* A run may be of several sessions, and the store knows it by one of them. */
	return *import->was_told && !is_own(import, import->was_told, session, opening->ordinal) ? import->was_told
	                                                                                         : NULL;
}

static const struct wake_agent_run *find_named(const struct wake_import *import, const char *run_id)
{
	for (size_t i = 0; i < import->known.count; i++) {
		if (strcmp(import->known.items[i].run_id, run_id) == 0)
			return &import->known.items[i];
	}
	return NULL;
}

static int set_place(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, bool *ret_live, struct wake_error *err)
{
	const struct wake_import_place *place = NULL;
	int ret;

	*ret_live = false;
	if (!opening->directory || opening->directory[0] != '/')
		return WAKE_OK;
	ret = wake_import_place_of(&import->places, import->paths, opening->directory, &place, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_live = place->is_live;
	telling->workspace_path = place->root;
	telling->workspace_id = place->workspace_id;
	telling->git_repo = place->git_repo;
	telling->repository_id = *place->repository_id ? place->repository_id : NULL;
	telling->worktree_id = *place->worktree_id ? place->worktree_id : NULL;
	return WAKE_OK;
}

/* Is it what the session's entry speaks of? Of a session that joined a run everything since then is that
 * run's; else its hook counted the openings as we do. */
static bool is_of_entry(
    const struct wake_import_session *session, const struct wake_transcript_opening *opening)
{
	const struct wake_agent_session *entry = session->entry;

	if (!entry)
		return false;
	if (!entry->is_joined)
		return opening->ordinal == entry->ordinal;
	return opening->first >= entry->begun_at - WAKE_SECOND || opening->last >= entry->begun_at;
}

/* The start was told by the hook, or by who wrapped it. What its agent wrote down as its end, or left without
 * one, is told here, but of a run that somebody else began. That waits for its hook, or until it is gone, and is
 * dated by its hook: a sum that is written is no end yet, and what was done behind the last line is the run's. */
static void name_by_entry(struct wake_import *import, const struct wake_import_session *session,
    const struct wake_transcript_opening *opening, struct wake_transcript_telling *telling, char *run_id)
{
	const struct wake_agent_session *entry = session->entry;
	bool is_over = session->is_gone || (entry->ended_at && opening->is_over);

	(void)snprintf(run_id, WAKE_RUN_ID_MAX + 1, "%s", entry->run_id);
	telling->is_announced = true;
	telling->is_nested = entry->is_nested;
	telling->is_ended = !entry->is_joined && is_over;
	telling->ended_at = entry->ended_at ? entry->ended_at - 1 : 0;
	telling->may_go_on = !session->is_gone;
	import->is_over = is_over;
}

/* The opening's own run, or the one that it was recorded as. run_id: room for WAKE_RUN_ID_MAX + 1 bytes. */
static int name_by_store(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, char *run_id, struct wake_error *err)
{
	const struct wake_agent_run *own;
	const char *other;
	bool is_live, is_told, is_idle = import->now - opening->last > IDLE;
	int ret = set_place(import, opening, telling, &is_live, err);

	wake_agent_run_id(import->source->agent, telling->session, opening->ordinal, run_id);
	own = find_named(import, run_id);
	other = own && own->is_announced ? NULL : find_other(import, telling->session, opening);
	telling->is_announced = other || (own && own->is_announced);
	/* By whoever was there when it ended. */
	is_told = own && own->is_ended && own->completed >= opening->last;
	telling->is_ended = !other && !is_told && (opening->is_over || (is_idle && !is_live));
	telling->may_go_on = !is_idle;
	if (other)
		(void)snprintf(run_id, WAKE_RUN_ID_MAX + 1, "%s", other);
	import->is_over = other ? opening->is_over : telling->is_ended || is_told;
	return ret;
}

static int name_run(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, char *run_id, struct wake_error *err)
{
	const struct wake_import_session *session = &import->sessions->items[import->at];
	int ret = WAKE_OK;

	if (is_of_entry(session, opening))
		name_by_entry(import, session, opening, telling, run_id);
	else
		ret = name_by_store(import, opening, telling, run_id, err);
	/* Two openings in one run: the totals of one are not the run's. */
	telling->without_totals = strcmp(import->run_id, run_id) == 0;
	/* It was told as another's: then nothing of it was told as this one's. */
	telling->tells_all = *import->was_told && strcmp(import->was_told, run_id) != 0;
	import->was_told[0] = '\0';
	return ret;
}

/* What it goes on from: the opening before, which another import may have told. */
static void set_parent(struct wake_import *import, const struct wake_transcript_opening *opening,
    struct wake_transcript_telling *telling, char before[WAKE_ID_SIZE])
{
	if (opening->ordinal == 1)
		return;
	wake_agent_run_id(import->source->agent, telling->session, opening->ordinal - 1, before);
	telling->parent_run_id = *import->run_id ? import->run_id : before;
	if (strcmp(telling->parent_run_id, telling->run_id) == 0)
		telling->parent_run_id = NULL;
}

int wake_import_tell(void *context, const struct wake_transcript_opening *opening, struct wake_error *err)
{
	struct wake_import *import = context;
	char run_id[WAKE_RUN_ID_MAX + 1], before[WAKE_ID_SIZE];
	struct wake_transcript_telling telling = { .agent = import->source->agent,
		.run_id = run_id,
		.session = import->sessions->items[import->at].name,
		.prices = import->prices,
		.redactor = import->redactor,
		.forked_from = import->origin };
	int ret = name_run(import, opening, &telling, run_id, err);

	if (ret == WAKE_OK) {
		set_parent(import, opening, &telling, before);
		ret = wake_transcript_tell(opening, &telling, &import->events, err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < opening->answer_count; i++)
		ret =
		    wake_import_answers_add(&import->answers, opening->answers[i].response, import->at, err);
	(void)snprintf(import->run_id, sizeof(import->run_id), "%s", run_id);
	import->said_bytes += opening->said_bytes;
	import->counts.runs += !telling.is_announced;
	import->counts.known += telling.is_announced;
	import->counts.answers += opening->answer_count;
	import->counts.said += opening->said_count;
	import->counts.left_out += opening->said_dropped;
	return ret == WAKE_OK ? wake_import_flush_portion(import, err) : ret;
}

/* Told by another session in this import, or in one before. */
int wake_import_is_elsewhere(void *context, const char *response, bool *ret_is, struct wake_error *err)
{
	struct wake_import *import = context;
	const char *name = import->sessions->items[import->at].name;
	wake_auto_free char *found = NULL;
	uint32_t session;
	int ret = WAKE_OK;

	if (wake_import_answers_find(&import->answers, response, &session))
		ret = wake_str_copy(import->sessions->items[session].name, &found, err);
	else
		ret = wake_query_session_of_answer(wake_import_store(import), response, &found, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_is = found && strcmp(found, name) != 0;
	if (*ret_is) {
		free(import->origin);
		import->origin = found;
		found = NULL; /* the import's now */
	}
	return WAKE_OK;
}
