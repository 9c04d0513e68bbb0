/* SPDX-License-Identifier: MIT */
/* Commits that name an encoding (i18n.commitEncoding), read as UTF-8. */
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "git/commit_inside.h"

#define NAME_MAX_LEN 32
#define CHUNK 1024

/* The name comes from the commit, that is, from anybody; converters of rare encodings have had holes. */
static const char *const taken[] = { "ISO-8859-", "ISO8859-", "LATIN", "WINDOWS-125", "CP125", "KOI8-",
	"UTF-8", "UTF8", "EUC-JP", "EUCJP", "SHIFT_JIS", "SHIFT-JIS", "SJIS", "CP932", "EUC-KR", "EUCKR",
	"CP949", "GBK", "GB2312", "GB18030", "BIG5", "US-ASCII" };

static bool is_taken(const char *name)
{
	for (size_t i = 0; i < WAKE_COUNT(taken); i++) {
		size_t len = strlen(taken[i]);

		if (strncasecmp(name, taken[i], len) == 0)
			return !strchr(name + len, '/'); /* "//TRANSLIT" and its like */
	}
	return false;
}

static bool convert(iconv_t converter, char *text, size_t text_len, struct wake_str *out)
{
	char chunk[CHUNK];

	while (text_len > 0) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		size_t ret = iconv(converter, &text, &text_len, &to, &room);

		if (ret == (size_t)-1 && (errno != E2BIG || to == chunk))
			return false;
		wake_str_append_bytes(out, chunk, (size_t)(to - chunk));
	}
	return true;
}

bool wake_commit_recode(const char *name, size_t len, const char *text, size_t text_len, struct wake_str *out)
{
	char encoding[NAME_MAX_LEN + 1];
	size_t before = out->len;
	iconv_t converter;
	bool done;

	if (len == 0 || len > NAME_MAX_LEN)
		return false;
	memcpy(encoding, name, len);
	encoding[len] = '\0';
	if (!is_taken(encoding))
		return false;
	converter = iconv_open("UTF-8", encoding);
	if (converter == (iconv_t)-1)
		return false;
	done = convert(converter, (char *)text, text_len, out);
	(void)iconv_close(converter);
	if (!done && out->data && !out->failed) {
		out->len = before;
		out->data[before] = '\0';
	}
	return done;
}
