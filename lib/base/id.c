/* SPDX-License-Identifier: MIT */
/* UUIDs by libuuid; versions 7 and 8 are stamped by hand. */
#include "base/id.h"

#include <string.h>
#include <uuid/uuid.h>

#include "base/clock.h"

#define PARTS_MAX_BYTES 4096
#define MILLISECONDS_MAX ((INT64_C(1) << 48) - 1)

/* Puts the time, big-endian, into the first 48 bits and the version into the next 4. The variant in
 * byte 8 is set already by whichever function of libuuid filled the rest. */
static void stamp(uuid_t uuid, int64_t milliseconds, unsigned version)
{
	if (milliseconds < 0)
		milliseconds = 0;
	if (milliseconds > MILLISECONDS_MAX)
		milliseconds = MILLISECONDS_MAX;
	for (int i = 0; i < 6; i++)
		uuid[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
	uuid[6] = (unsigned char)((uuid[6] & 0x0f) | version << 4);
}

static void hash(uuid_t ret_uuid, const void *name, size_t len)
{
	uuid_t namespace;

	(void)uuid_parse(WAKE_ID_NAMESPACE, namespace); /* a constant of ours: cannot fail */
	uuid_generate_sha1(ret_uuid, namespace, name, len);
}

void wake_id_v7(char ret_id[WAKE_ID_SIZE])
{
	uuid_t uuid;

	uuid_generate_random(uuid);
	stamp(uuid, wake_clock_now() / 1000, 7);
	uuid_unparse_lower(uuid, ret_id);
}

void wake_id_v5(const void *name, size_t len, char ret_id[WAKE_ID_SIZE])
{
	uuid_t uuid;

	hash(uuid, name, len);
	uuid_unparse_lower(uuid, ret_id);
}

void wake_id_v5_of(const char *const *parts, size_t count, char ret_id[WAKE_ID_SIZE])
{
	char text[PARTS_MAX_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		size_t part = strnlen(parts[i], (sizeof(text) - len) / 2);

		memcpy(text + len, parts[i], part);
		len += part;
		text[len++] = '\0';
	}
	wake_id_v5(text, len, ret_id);
}

void wake_id_v8(int64_t milliseconds, const void *name, size_t len, char ret_id[WAKE_ID_SIZE])
{
	uuid_t uuid;

	hash(uuid, name, len);
	stamp(uuid, milliseconds, 8);
	uuid_unparse_lower(uuid, ret_id);
}

int64_t wake_id_milliseconds(const char *id)
{
	uuid_t uuid;
	int64_t milliseconds = 0;

	if (uuid_parse(id, uuid) < 0)
		return 0;
	for (int i = 0; i < 6; i++)
		milliseconds = milliseconds << 8 | uuid[i];
	return milliseconds;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool wake_id_is_uuid(const char *text)
{
	for (int i = 0; i < WAKE_ID_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return text[WAKE_ID_SIZE - 1] == '\0';
}

bool wake_id_is_v7(const char *text)
{
	return wake_id_is_uuid(text) && text[14] == '7' && strchr("89abAB", text[19]);
}

void wake_id_for_run(const char *run_id, char ret_id[WAKE_ID_SIZE])
{
	if (!wake_id_is_v7(run_id)) {
		wake_id_v5(run_id, strlen(run_id), ret_id);
		return;
	}
	for (int i = 0; i < WAKE_ID_SIZE; i++) {
		char c = run_id[i];

		ret_id[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	}
}
