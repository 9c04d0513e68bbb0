/* SPDX-License-Identifier: MIT */
/* What is gathered of an opening. */
#include "agent/transcript.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_PLACES 256

void wake_transcript_opening_release(struct wake_transcript_opening *opening)
{
	char *texts[] = { opening->model, opening->result, opening->error, opening->title, opening->directory,
		opening->branch, opening->version, opening->entrypoint, opening->forked_from };

	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < opening->said_count; i++)
		free(opening->said[i].text);
	for (size_t i = 0; i < opening->model_count; i++)
		free(opening->models[i]);
	free(opening->answers);
	free(opening->said);
	free(opening->models);
	free(opening->places);
	*opening = (struct wake_transcript_opening){ 0 };
}

/* The ids are hashes already; these are the digits of one that neither time nor version fill. */
static size_t spread(const char *response)
{
	char digits[17];

	memcpy(digits, response, 8);
	memcpy(digits + 8, response + 28, 8);
	digits[16] = '\0';
	return (size_t)strtoull(digits, NULL, 16);
}

static uint32_t *place_of(const struct wake_transcript_opening *opening, const char *response)
{
	size_t at = spread(response);

	for (;; at++) {
		uint32_t *place = &opening->places[at & (opening->place_count - 1)];

		if (*place == 0 || strcmp(opening->answers[*place - 1].response, response) == 0)
			return place;
	}
}

/* At most half of the places are taken. */
static int make_places(struct wake_transcript_opening *opening, struct wake_error *err)
{
	size_t count = opening->place_count ? opening->place_count * 2 : FIRST_PLACES;
	uint32_t *places;

	if (opening->answer_count * 2 < opening->place_count)
		return WAKE_OK;
	if (count > UINT32_MAX)
		return wake_fail_nomem(err);
	places = calloc(count, sizeof(*places));
	if (!places)
		return wake_fail_nomem(err);
	free(opening->places);
	opening->places = places;
	opening->place_count = count;
	for (size_t i = 0; i < opening->answer_count; i++)
		*place_of(opening, opening->answers[i].response) = (uint32_t)i + 1;
	return WAKE_OK;
}

static int keep_model(struct wake_transcript_opening *opening, const char *model, const char **ret_model,
    struct wake_error *err)
{
	char **models;

	for (size_t i = opening->model_count; i-- > 0;) {
		if (strcmp(opening->models[i], model) == 0) {
			*ret_model = opening->models[i];
			return WAKE_OK;
		}
	}
	if (opening->model_count == WAKE_TRANSCRIPT_MODELS_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "more than %d models in one run", WAKE_TRANSCRIPT_MODELS_MAX);
	models = reallocarray(opening->models, opening->model_count + 1, sizeof(*models));
	if (!models)
		return wake_fail_nomem(err);
	opening->models = models;
	if (wake_str_copy(model, &models[opening->model_count], err) != WAKE_OK)
		return err->code;
	*ret_model = models[opening->model_count++];
	return WAKE_OK;
}

static int64_t sum_of(const struct wake_tokens *tokens)
{
	return tokens->input + tokens->output + tokens->cache_read + tokens->cache_write_5m +
	       tokens->cache_write_1h;
}

static bool is_larger(const struct wake_transcript_answer *one, const struct wake_transcript_answer *other)
{
	int64_t left = sum_of(&one->tokens), right = sum_of(&other->tokens);

	if (left != right)
		return left > right;
	if (one->tokens.output != other->tokens.output)
		return one->tokens.output > other->tokens.output;
	return one->cost > other->cost;
}

int wake_transcript_add_answer(struct wake_transcript_opening *opening,
    const struct wake_transcript_answer *answer, const char *model, bool *ret_new, struct wake_error *err)
{
	struct wake_transcript_answer kept = *answer;
	uint32_t *place;
	int ret = make_places(opening, err);

	if (ret == WAKE_OK)
		ret = keep_model(opening, model, &kept.model, err);
	if (ret != WAKE_OK)
		return ret;
	place = place_of(opening, answer->response);
	if (ret_new)
		*ret_new = *place == 0;
	if (*place > 0) {
		if (is_larger(&kept, &opening->answers[*place - 1]))
			opening->answers[*place - 1] = kept;
		return WAKE_OK;
	}
	if (opening->answer_count == opening->answer_room) {
		size_t room = opening->answer_room ? opening->answer_room * 2 : 64;
		struct wake_transcript_answer *answers =
		    reallocarray(opening->answers, room, sizeof(*answers));

		if (!answers)
			return wake_fail_nomem(err);
		opening->answers = answers;
		opening->answer_room = room;
	}
	opening->answers[opening->answer_count++] = kept;
	*place = (uint32_t)opening->answer_count;
	return WAKE_OK;
}

int wake_transcript_add_said(struct wake_transcript_opening *opening, const char *message, const char *kind,
    int64_t at, struct wake_str *text, struct wake_error *err)
{
	struct wake_transcript_said *said;

	if (opening->said_count == WAKE_TRANSCRIPT_SAID_MAX ||
	    opening->said_bytes + text->len > WAKE_TRANSCRIPT_SAID_BYTES_MAX) {
		opening->said_dropped++;
		return WAKE_OK;
	}
	if (opening->said_count == opening->said_room) {
		size_t room = opening->said_room ? opening->said_room * 2 : 16;

		said = reallocarray(opening->said, room, sizeof(*said));
		if (!said)
			return wake_fail_nomem(err);
		opening->said = said;
		opening->said_room = room;
	}
	said = &opening->said[opening->said_count];
	*said = (struct wake_transcript_said){ .kind = kind, .at = at };
	memcpy(said->message, message, WAKE_ID_SIZE);
	opening->said_bytes += text->len;
	if (wake_str_steal(text, &said->text, err) != WAKE_OK)
		return err->code;
	opening->said_count++;
	return WAKE_OK;
}

static int compare_answers(const void *left, const void *right)
{
	const struct wake_transcript_answer *one = left, *other = right;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return strcmp(one->response, other->response);
}

void wake_transcript_sort_answers(struct wake_transcript_opening *opening)
{
	if (opening->answer_count > 0)
		qsort(opening->answers, opening->answer_count, sizeof(*opening->answers), compare_answers);
}

int wake_transcript_take_beside(struct wake_transcript_opening *opening,
    const struct wake_transcript_opening *beside, size_t *next, int64_t until, struct wake_error *err)
{
	int ret = WAKE_OK;

	while (ret == WAKE_OK && *next < beside->answer_count) {
		const struct wake_transcript_answer *answer = &beside->answers[*next];

		if (answer->at >= until)
			break;
		++*next;
		/* Read again from here on, a session's earlier openings have theirs already. */
		if (opening->ordinal == 1 || answer->at >= opening->first)
			ret = wake_transcript_add_answer(opening, answer, answer->model, NULL, err);
	}
	return ret;
}

int wake_transcript_set(char **text, struct wake_scan value, size_t max, struct wake_error *err)
{
	wake_auto_str struct wake_str fresh = WAKE_STR(max);
	char *taken;

	wake_scan_append(value, max, &fresh);
	if (fresh.len == 0 && !fresh.failed)
		return WAKE_OK;
	if (wake_str_steal(&fresh, &taken, err) != WAKE_OK)
		return err->code;
	free(*text);
	*text = taken;
	return WAKE_OK;
}
