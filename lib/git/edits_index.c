/* SPDX-License-Identifier: MIT */
/* Git's index file (gitformat-index(5)), read for one question: does it hold anything that the walk cannot
 * know of? Conflicts, assume-unchanged, skip-worktree and intent-to-add are flags of entries; split and
 * sparse indexes have extensions that may not be ignored. */
#include <string.h>

#include "git/edits_inside.h"

#define ENTRY_FIXED 62 /* bytes before the name, with a SHA-1 */
#define TRAILER 20     /* the checksum */
#define FLAG_EXTENDED 0x4000U
#define FLAGS_SPECIAL (0x8000U | 0x3000U) /* assume-valid; the stage of a conflict */
#define EXTENDED_SPECIAL 0x6000U          /* skip-worktree, intent-to-add */
#define NAME_LEN 0x0fffU

struct reader {
	const unsigned char *at, *end;
	unsigned version;
};

static unsigned read_16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint32_t read_32(const unsigned char *at)
{
	return (uint32_t)read_16(at) << 16 | read_16(at + 2);
}

/* Version 4: how many bytes of the name before are dropped, in a varint, then the rest and a NUL. */
static bool skip_compressed_name(struct reader *reader)
{
	const unsigned char *nul;

	while (reader->at < reader->end && *reader->at & 0x80)
		reader->at++;
	if (reader->at == reader->end)
		return false;
	reader->at++;
	nul = memchr(reader->at, '\0', (size_t)(reader->end - reader->at));
	reader->at = nul ? nul + 1 : reader->end;
	return nul != NULL;
}

/* Earlier versions: 1 to 8 NULs end the name, so that an entry's length is a multiple of eight. */
static bool skip_padded_name(struct reader *reader, const unsigned char *entry, unsigned flags)
{
	size_t left = (size_t)(reader->end - reader->at), len = flags & NAME_LEN;
	size_t fixed = (size_t)(reader->at - entry), whole;

	if (len == NAME_LEN) {
		const unsigned char *nul = memchr(reader->at, '\0', left);

		len = nul ? (size_t)(nul - reader->at) : left;
	}
	whole = (fixed + len + 8) & ~(size_t)7;
	if (whole - fixed > left)
		return false;
	reader->at = entry + whole;
	return true;
}

/* false: a special entry, or no entry. */
static bool skip_plain_entry(struct reader *reader)
{
	const unsigned char *entry = reader->at;
	unsigned flags;

	if (reader->end - entry < ENTRY_FIXED)
		return false;
	flags = read_16(entry + ENTRY_FIXED - 2);
	reader->at += ENTRY_FIXED;
	if (flags & FLAGS_SPECIAL)
		return false;
	if (flags & FLAG_EXTENDED) {
		if (reader->version < 3 || reader->end - reader->at < 2 ||
		    read_16(reader->at) & EXTENDED_SPECIAL)
			return false;
		reader->at += 2;
	}
	return reader->version == 4 ? skip_compressed_name(reader) : skip_padded_name(reader, entry, flags);
}

/* An extension may be ignored if its name begins with a capital letter. */
static bool extensions_are_plain(struct reader *reader)
{
	while (reader->end - reader->at >= 8) {
		uint32_t len = read_32(reader->at + 4);

		if (*reader->at < 'A' || *reader->at > 'Z')
			return false;
		reader->at += 8;
		if (len > (size_t)(reader->end - reader->at))
			return false;
		reader->at += len;
	}
	return reader->at == reader->end;
}

bool wake_index_is_special(const void *data, size_t len)
{
	struct reader reader = { .at = data };
	uint32_t count;

	if (len < 12 + TRAILER || memcmp(data, "DIRC", 4) != 0)
		return true;
	reader.end = reader.at + len - TRAILER;
	reader.version = read_32(reader.at + 4);
	count = read_32(reader.at + 8);
	reader.at += 12;
	if (reader.version < 2 || reader.version > 4)
		return true;
	for (uint32_t i = 0; i < count; i++) {
		if (!skip_plain_entry(&reader))
			return true;
	}
	return !extensions_are_plain(&reader);
}
