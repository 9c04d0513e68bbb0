/* SPDX-License-Identifier: MIT */
/* Which session told of an answer first: sixteen bytes each, for those of one import. */
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"

#define FIRST_ROOM 4096

struct wake_import_answer {
	uint64_t key; /* of the response's id, which is a hash; 0: none */
	uint32_t session;
};

static uint64_t key_of(const char *response)
{
	char digits[17];
	uint64_t key;

	memcpy(digits, response, 8);
	memcpy(digits + 8, response + 28, 8);
	digits[16] = '\0';
	key = strtoull(digits, NULL, 16);
	return key ? key : 1;
}

static struct wake_import_answer *slot_of(const struct wake_import_answers *answers, uint64_t key)
{
	for (size_t at = (size_t)key;; at++) {
		struct wake_import_answer *slot = &answers->items[at & (answers->room - 1)];

		if (slot->key == 0 || slot->key == key)
			return slot;
	}
}

static int grow(struct wake_import_answers *answers, struct wake_error *err)
{
	struct wake_import_answers larger = { .count = answers->count,
		.room = answers->room ? answers->room * 2 : FIRST_ROOM };

	larger.items = calloc(larger.room, sizeof(*larger.items));
	if (!larger.items)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < answers->room; i++) {
		if (answers->items[i].key)
			*slot_of(&larger, answers->items[i].key) = answers->items[i];
	}
	free(answers->items);
	*answers = larger;
	return WAKE_OK;
}

int wake_import_answers_add(
    struct wake_import_answers *answers, const char *response, uint32_t session, struct wake_error *err)
{
	uint64_t key = key_of(response);
	struct wake_import_answer *slot;

	if (answers->count * 2 >= answers->room && grow(answers, err) != WAKE_OK)
		return err->code;
	slot = slot_of(answers, key);
	if (slot->key == 0) {
		*slot = (struct wake_import_answer){ key, session };
		answers->count++;
	}
	return WAKE_OK;
}

bool wake_import_answers_find(
    const struct wake_import_answers *answers, const char *response, uint32_t *ret_session)
{
	const struct wake_import_answer *slot = answers->room ? slot_of(answers, key_of(response)) : NULL;

	if (!slot || slot->key == 0)
		return false;
	*ret_session = slot->session;
	return true;
}

void wake_import_answers_release(struct wake_import_answers *answers)
{
	free(answers->items);
	*answers = (struct wake_import_answers){ 0 };
}
