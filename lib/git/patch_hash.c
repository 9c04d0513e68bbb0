/* SPDX-License-Identifier: MIT */
/* The stable patch-id, computed as git-patch-id(1) describes it. */
#include "git/patch_hash.h"

#include <stdio.h>
#include <string.h>

void wake_patch_hash_init(struct wake_patch_hash *hash)
{
	*hash = (struct wake_patch_hash){ .any = false };
	wake_sha1_init(&hash->file);
}

static void end_file(struct wake_patch_hash *hash)
{
	unsigned char digest[WAKE_SHA1_BYTES];
	unsigned carry = 0;

	wake_sha1_end(&hash->file, digest);
	wake_sha1_init(&hash->file);
	for (size_t i = 0; i < WAKE_SHA1_BYTES; i++) {
		carry += hash->sum[i] + digest[i];
		hash->sum[i] = (unsigned char)carry;
		carry >>= 8;
	}
	hash->in_hunks = false;
	hash->index[0] = '\0';
}

static bool starts(const char *line, size_t len, const char *with)
{
	size_t with_len = strlen(with);

	return len >= with_len && memcmp(line, with, with_len) == 0;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* In runs between white space: a call for each byte would cost more than the hashing. */
static void add_squeezed(struct wake_sha1 *sha1, const char *line, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t start = at;

		while (at < len && !is_space(line[at]))
			at++;
		wake_sha1_add(sha1, line + start, at - start);
		while (at < len && is_space(line[at]))
			at++;
	}
}

void wake_patch_hash_add(struct wake_patch_hash *hash, const char *line, size_t len)
{
	if (starts(line, len, "diff --git ")) {
		if (hash->any)
			end_file(hash);
		hash->any = true;
	} else if (starts(line, len, "@@ ")) {
		hash->in_hunks = true;
		return;
	} else if (starts(line, len, "\\ ")) {
		return;
	} else if (!hash->in_hunks && starts(line, len, "index ")) {
		(void)snprintf(hash->index, sizeof(hash->index), "%.*s", (int)len, line);
		return;
	} else if (!hash->in_hunks && starts(line, len, "Binary files ")) {
		add_squeezed(&hash->file, hash->index, strlen(hash->index));
		return;
	}
	add_squeezed(&hash->file, line, len);
}

void wake_patch_hash_add_content(struct wake_patch_hash *hash, char origin, const char *line, size_t len)
{
	add_squeezed(&hash->file, &origin, 1);
	add_squeezed(&hash->file, line, len);
}

void wake_patch_hash_end(struct wake_patch_hash *hash, char ret_id[WAKE_PATCH_ID_SIZE])
{
	ret_id[0] = '\0';
	if (!hash->any)
		return;
	end_file(hash);
	for (size_t i = 0; i < WAKE_SHA1_BYTES; i++)
		(void)snprintf(ret_id + 2 * i, 3, "%02x", hash->sum[i]);
}
