/* SPDX-License-Identifier: MIT */
/* What a reflog line is by itself: its id, and its place among twins. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/reflog_parse.h"

#define RAW_MAX 128  /* bytes of a field that go into the id's name as they are */
#define FIELDS 9
#define NAME_MAX_LEN (FIELDS * (RAW_MAX + 8))

struct field_buffer {
	char bytes[NAME_MAX_LEN];
	size_t len;
};

/* "LENGTH:BYTES", so that no two lists of fields look alike; a long field, by its own id: "#UUID". */
static void add_field(struct field_buffer *buffer, const char *bytes, size_t len)
{
	char *at = buffer->bytes + buffer->len;
	size_t room = sizeof(buffer->bytes) - buffer->len;

	if (len <= RAW_MAX) {
		int digits = snprintf(at, room, "%zu:", len);

		if (len > 0)
			memcpy(at + digits, bytes, len);
		buffer->len += (size_t)digits + len;
	} else {
		*at = '#';
		wake_id_v5(bytes, len, at + 1);
		buffer->len += WAKE_ID_SIZE; /* without its NUL */
	}
}

static void add_text(struct field_buffer *buffer, const char *text)
{
	add_field(buffer, text, strlen(text));
}

static void add_number(struct field_buffer *buffer, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	add_text(buffer, text);
}

void wake_reflog_line_id(const struct wake_reflog_line *line, const char *nonce, const char *log_name,
    char ret_id[WAKE_ID_SIZE])
{
	struct field_buffer name = { .len = 0 };

	add_text(&name, nonce);
	add_text(&name, log_name);
	add_text(&name, line->new_hash);
	add_field(&name, line->name, line->name_len);
	add_field(&name, line->email, line->email_len);
	add_number(&name, line->time);
	add_text(&name, line->zone);
	add_field(&name, line->message, line->message_len);
	add_number(&name, (int64_t)line->ordinal);
	wake_id_v8(line->time * 1000, name.bytes, name.len, ret_id);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, const char *bytes, size_t len)
{
	uint64_t word;

	hash = mix(hash, len);
	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	if (len > 0)
		memcpy(&word, bytes, len);
	return mix(hash, word);
}

static uint64_t hash_line(const struct wake_reflog_line *line, uint64_t seed)
{
	uint64_t hash = mix(seed, (uint64_t)line->time);

	hash = mix_bytes(hash, line->new_hash, strlen(line->new_hash));
	hash = mix_bytes(hash, line->name, line->name_len);
	hash = mix_bytes(hash, line->email, line->email_len);
	return mix_bytes(hash, line->message, line->message_len);
}

/* The latest line of each kind met so far. */
struct slot {
	uint64_t hash;
	size_t line; /* index + 1; 0: free */
};

static void count_one(struct slot *slots, size_t mask, struct wake_reflog_line *lines, size_t index,
    uint64_t seed)
{
	uint64_t hash = hash_line(&lines[index], seed);
	size_t at = (size_t)(hash >> 16) & mask;

	lines[index].ordinal = 0;
	for (; slots[at].line; at = (at + 1) & mask) {
		const struct wake_reflog_line *other = &lines[slots[at].line - 1];

		if (slots[at].hash == hash && wake_reflog_same(other, &lines[index])) {
			lines[index].ordinal = other->ordinal + 1;
			break;
		}
	}
	slots[at] = (struct slot){ .hash = hash, .line = index + 1 };
}

int wake_reflog_count_ordinals(struct wake_reflog_line *lines, size_t count, struct wake_error *err)
{
	struct slot *slots;
	size_t room = 16;

	while (room < count * 2)
		room *= 2;
	slots = calloc(room, sizeof(*slots));
	if (!slots)
		return wake_fail_nomem(err);
	/* The table's address makes the hash differ from run to run: a log cannot be made to collide. */
	for (size_t i = 0; i < count; i++)
		count_one(slots, room - 1, lines, i, (uint64_t)(uintptr_t)slots);
	free(slots);
	return WAKE_OK;
}
