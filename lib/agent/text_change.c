/* SPDX-License-Identifier: MIT */
/* Pieces put into a text, and taken out again. */
#include "agent/text_change.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int wake_text_change_add(struct wake_text_change *change, size_t at, size_t cut, const char *text, size_t len,
    struct wake_error *err)
{
	size_t place = change->count;
	struct wake_text_piece *pieces = reallocarray(change->pieces, place + 1, sizeof(*pieces));
	char *copy = malloc(len + 1);

	if (pieces)
		change->pieces = pieces;
	if (!pieces || !copy) {
		free(copy);
		return wake_fail_nomem(err);
	}
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	while (place > 0 && pieces[place - 1].at > at)
		place--;
	assert(place == 0 || pieces[place - 1].at + pieces[place - 1].cut <= at);
	assert(place == change->count || at + cut <= pieces[place].at);
	memmove(pieces + place + 1, pieces + place, (change->count - place) * sizeof(*pieces));
	pieces[place] = (struct wake_text_piece){ .at = at, .cut = cut, .text = copy, .len = len };
	change->count++;
	return WAKE_OK;
}

int wake_text_change_apply(const struct wake_text_change *change, const char *text, size_t len,
    struct wake_str *out, struct wake_error *err)
{
	size_t from = 0;

	for (size_t i = 0; i < change->count; i++) {
		const struct wake_text_piece *piece = &change->pieces[i];

		if (piece->at < from || piece->at > len || piece->cut > len - piece->at)
			return wake_fail(err, WAKE_INVALID, "the change is of another text");
		wake_str_append_bytes(out, text + from, piece->at - from);
		wake_str_append_bytes(out, piece->text, piece->len);
		from = piece->at + piece->cut;
	}
	wake_str_append_bytes(out, text + from, len - from);
	return wake_str_check(out, err);
}

int wake_text_change_undo(const struct wake_text_change *change, const char *text, size_t len,
    struct wake_str *out, struct wake_error *err)
{
	size_t from = 0, before = 0; /* bytes done of this text, and of the one that it was */

	for (size_t i = 0; i < change->count; i++) {
		const struct wake_text_piece *piece = &change->pieces[i];
		size_t kept = piece->at - before;

		if (piece->cut > 0 || piece->at < before || kept > len - from ||
		    piece->len > len - from - kept ||
		    memcmp(text + from + kept, piece->text, piece->len) != 0)
			return wake_fail(err, WAKE_INVALID, "the text is not as the change left it");
		wake_str_append_bytes(out, text + from, kept);
		from += kept + piece->len;
		before = piece->at;
	}
	wake_str_append_bytes(out, text + from, len - from);
	return wake_str_check(out, err);
}

void wake_text_change_release(struct wake_text_change *change)
{
	for (size_t i = 0; i < change->count; i++)
		free(change->pieces[i].text);
	free(change->pieces);
	*change = (struct wake_text_change){ 0 };
}
