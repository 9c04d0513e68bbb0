/* SPDX-License-Identifier: MIT */
/* One pass over a text. Each byte is looked up in a table; only what may begin a secret, or stands between a name
 * and a value, is looked at more closely, and what is looked at is then passed, or of bounded length. */
#include "event/redact.h"

#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "event/redact_rules.h"

#define INSTEAD "[redacted]"
#define OWN_MAX 64	   /* words of the setting */
#define NAME_BACK_MAX 80   /* bytes that a name may have */
#define BLANKS_MAX 3	   /* between a name and its value */
#define LINE_BACK_MAX 256  /* bytes before an option in which its command may stand */
#define RANDOM_MAX 64      /* bytes by which a value of a weak name is judged */
#define ENDS_VALUE " \t\r\n,;&\"'`<>|)]}\\" /* that is not quoted */
#define USERINFO_MAX 1024  /* bytes of a URL's user and password */
#define WORD_BYTES_MAX 1024 /* of a word that a pattern is compared with */
#define TEXT_MAX (64u * 1024 * 1024)

/* Of a byte. */
enum { PART_OF_WORD = 1, BEGINS_KEY = 2, MARKS = 4, BEGINS_OWN = 8 };

struct wake_redactor {
	unsigned char kinds[256];
	unsigned char pairs[65536 / 8]; /* a bit for each two bytes that a key may begin with */
	bool is_off; /* no messages at all */
	bool has_patterns;
	char *own;   /* owned: the setting's words */
	const char *words[OWN_MAX];
	size_t count;
};

struct scan {
	const struct wake_redactor *redactor;
	const char *text;
	size_t len, at;
	size_t copied; /* what lies before is in out */
	struct wake_str *out;
};

/* ---- the redactor ------------------------------------------------------------------------------ */

static bool is_pattern(const char *word)
{
	return strpbrk(word, "*?") != NULL;
}

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int split_own(struct wake_redactor *redactor, const char *words, struct wake_error *err)
{
	int status = wake_str_copy(words, &redactor->own, err);
	char *at = redactor->own;

	while (status == WAKE_OK && *(at += strspn(at, " \t\n"))) {
		char *end = at + strcspn(at, " \t\n");
		bool last = !*end;

		if (redactor->count == OWN_MAX)
			return wake_fail(err, WAKE_INVALID,
			    "the setting runwake.redact has more than %d words; join some by a pattern", OWN_MAX);
		*end = '\0';
		redactor->words[redactor->count++] = at;
		at = last ? end : end + 1;
	}
	return status;
}

static void fill_kinds(struct wake_redactor *redactor)
{
	const char *pair;

	for (int c = 0; c < 256; c++)
		redactor->kinds[c] |= is_word_byte((char)c) ? PART_OF_WORD : 0;
	for (size_t nth = 0; (pair = wake_redact_beginning(nth)) != NULL; nth++) {
		redactor->kinds[(unsigned char)pair[0]] |= BEGINS_KEY;
		redactor->pairs[pair[0] << 5 | pair[1] >> 3] |= (unsigned char)(1u << (pair[1] & 7));
	}
	redactor->kinds[':'] |= MARKS;
	redactor->kinds['='] |= MARKS;
	redactor->kinds['-'] |= MARKS;
	redactor->kinds['<'] |= MARKS;
	for (size_t i = 0; i < redactor->count; i++) {
		redactor->has_patterns |= is_pattern(redactor->words[i]);
		redactor->kinds[(unsigned char)redactor->words[i][0]] |= BEGINS_OWN;
	}
	/* A pattern may begin with any byte of a word. */
	for (int c = 0; redactor->has_patterns && c < 256; c++)
		redactor->kinds[c] |= is_word_byte((char)c) ? BEGINS_OWN : 0;
}

int wake_redactor_new(
    const struct wake_config *config, struct wake_redactor **ret_redactor, struct wake_error *err)
{
	wake_auto_redactor struct wake_redactor *redactor = calloc(1, sizeof(*redactor));
	int status = redactor ? split_own(redactor, wake_config_text(config, WAKE_SETTING_REDACT), err)
	                      : wake_fail_nomem(err);

	if (status != WAKE_OK)
		return status;
	redactor->is_off = !wake_config_bool(config, WAKE_SETTING_MESSAGES);
	fill_kinds(redactor);
	*ret_redactor = redactor;
	redactor = NULL; /* now the caller's */
	return WAKE_OK;
}

void wake_redactor_free(struct wake_redactor *redactor)
{
	if (!redactor)
		return;
	free(redactor->own);
	free(redactor);
}

static bool may_begin_key(const struct scan *scan)
{
	const unsigned char *at = (const unsigned char *)scan->text + scan->at;

	return scan->at + 1 < scan->len && (scan->redactor->pairs[at[0] << 5 | at[1] >> 3] & 1u << (at[1] & 7));
}

/* ---- looking closely: each returns true where it took something out --------------------------- */

static bool take_own(struct scan *scan);

/* What is passed over on the way to from may hold what a person named. */
static bool take_out(struct scan *scan, size_t from, size_t to)
{
	while (scan->at < from) {
		unsigned kinds = scan->redactor->kinds[(unsigned char)scan->text[scan->at]];

		if (!(kinds & BEGINS_OWN) || !take_own(scan))
			scan->at++;
	}
	if (from < scan->copied)
		from = scan->copied;
	if (to <= from)
		return true;
	wake_str_append_bytes(scan->out, scan->text + scan->copied, from - scan->copied);
	wake_str_append(scan->out, INSTEAD);
	scan->copied = scan->at = to;
	return true;
}

static bool take_key(struct scan *scan)
{
	const char *text = scan->text + scan->at;
	size_t skip, width;

	/* Within what might be a web token's later parts, each of which would be read to its end again. */
	if (*text == 'e' && scan->at > scan->copied && (text[-1] == '-' || text[-1] == '.'))
		return false;
	width = wake_redact_key_length(text, scan->len - scan->at, &skip);
	return width > 0 && take_out(scan, scan->at + skip, scan->at + width);
}

static bool is_word_of_pattern(char c)
{
	return is_word_byte(c) || strchr("-./+=@:", c) != NULL;
}

static bool take_own(struct scan *scan)
{
	const char *text = scan->text + scan->at;
	size_t left = scan->len - scan->at, width = 0;
	bool begins = scan->at == 0 || !is_word_of_pattern(text[-1]);

	while (scan->redactor->has_patterns && begins && width < left && width <= WORD_BYTES_MAX && text[width] &&
	       is_word_of_pattern(text[width]))
		width++;
	for (size_t i = 0; i < scan->redactor->count; i++) {
		const char *word = scan->redactor->words[i];
		size_t len = strlen(word);

		if (is_pattern(word) ? width > 0 && wake_redact_matches(word, text, width)
		                     : left >= len && memcmp(text, word, len) == 0)
			return take_out(scan, scan->at, scan->at + (is_pattern(word) ? width : len));
	}
	return false;
}

/* "-----BEGIN … PRIVATE KEY…-----" to the end of its "-----END …-----"; one that is cut, to the end of all. */
static bool take_private_key(struct scan *scan)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";
	const char *text = scan->text + scan->at, *found;
	size_t left = scan->len - scan->at, head = left < 100 ? left : 100;

	if (left < sizeof(begin) || memcmp(text, begin, sizeof(begin) - 1) != 0 ||
	    !memmem(text, head, "PRIVATE KEY", strlen("PRIVATE KEY")))
		return false;
	found = memmem(text, left, end, sizeof(end) - 1);
	if (!found)
		return take_out(scan, scan->at, scan->len);
	found += sizeof(end) - 1;
	found = memmem(found, scan->len - (size_t)(found - scan->text), "-----", 5);
	return take_out(scan, scan->at, found ? (size_t)(found - scan->text) + 5 : scan->len);
}

/* The end of a word that is a value and not quoted. */
static size_t bare_end(const struct scan *scan, size_t from)
{
	while (from < scan->len && scan->text[from] && !strchr(ENDS_VALUE, scan->text[from]))
		from++;
	return from;
}

/* --password hunter2 */
static bool take_option(struct scan *scan)
{
	size_t from = scan->at + 2, at = from, end;

	if (scan->len - scan->at < 4 || scan->text[scan->at + 1] != '-' ||
	    (scan->at > 0 && !strchr(" \t\n\"'", scan->text[scan->at - 1])))
		return false;
	while (at < scan->len && at - from < NAME_BACK_MAX && (is_word_byte(scan->text[at]) || scan->text[at] == '-'))
		at++;
	if (at >= scan->len || scan->text[at] != ' ' ||
	    !wake_redact_is_secret_name(scan->text + from, at - from))
		return false;
	end = bare_end(scan, at + 1);
	return end > at + 1 && scan->text[at + 1] != '-' &&
	       wake_redact_is_bare_secret(scan->text + at + 1, end - at - 1, true) && take_out(scan, at + 1, end);
}

/* What stands on the line before, as far as is looked. */
static bool follows(const struct scan *scan, const char *word)
{
	size_t from = scan->at;

	while (from > scan->copied && scan->at - from < LINE_BACK_MAX && scan->text[from - 1] != '\n')
		from--;
	return memmem(scan->text + from, scan->at - from, word, strlen(word)) != NULL;
}

/* curl -u NAME:PASSWORD, sshpass -p PASSWORD, mysql -pPASSWORD */
static bool take_short_option(struct scan *scan)
{
	const char *text = scan->text + scan->at;
	size_t left = scan->len - scan->at, from = scan->at + 2, end;

	if (left < 4 || scan->at == 0 || text[-1] != ' ' || (text[1] != 'u' && text[1] != 'p'))
		return false;
	if (text[1] == 'u' && text[2] == ' ' && follows(scan, "curl ")) {
		end = bare_end(scan, ++from);
		while (from < end && scan->text[from] != ':')
			from++;
		from++;
	} else if (text[1] == 'p' && text[2] == ' ' && follows(scan, "sshpass ")) {
		end = bare_end(scan, ++from);
	} else if (text[1] == 'p' && text[2] != ' ' && follows(scan, "mysql")) {
		end = bare_end(scan, from);
	} else {
		return false;
	}
	return end > from && wake_redact_is_quoted_secret(scan->text + from, end - from) && take_out(scan, from, end);
}

/* <password>VALUE</password> */
static bool take_element(struct scan *scan)
{
	size_t name = scan->at + 1, at = name, from;

	while (at < scan->len && at - name < NAME_BACK_MAX &&
	       (is_word_byte(scan->text[at]) || scan->text[at] == '-' || scan->text[at] == '.'))
		at++;
	if (at == name || at >= scan->len || scan->text[at] != '>' ||
	    !wake_redact_is_secret_name(scan->text + name, at - name))
		return false;
	from = ++at;
	while (at < scan->len && at - from < USERINFO_MAX && scan->text[at] != '<' && scan->text[at] != '\n')
		at++;
	return at + 1 < scan->len && scan->text[at] == '<' && scan->text[at + 1] == '/' &&
	       wake_redact_is_quoted_secret(scan->text + from, at - from) && take_out(scan, from, at);
}

/* 123456789:AA…, which Telegram gives to bots; at stands on the colon. */
static bool take_bot(struct scan *scan)
{
	size_t digits = 0, at = scan->at + 1;

	while (digits <= 10 && digits < scan->at - scan->copied && scan->text[scan->at - digits - 1] >= '0' &&
	       scan->text[scan->at - digits - 1] <= '9')
		digits++;
	if (digits < 8 || digits > 10 || scan->len - at < 35 || memcmp(scan->text + at, "AA", 2) != 0)
		return false;
	while (at < scan->len && (is_word_byte(scan->text[at]) || scan->text[at] == '-'))
		at++;
	return at - scan->at == 36 && take_out(scan, scan->at + 1, at);
}

/* scheme://user:password@host; at stands on the colon. */
static bool take_url_password(struct scan *scan)
{
	size_t from = scan->at + 3, colon = 0, sign = 0;

	if (scan->len - scan->at < 6 || memcmp(scan->text + scan->at, "://", 3) != 0)
		return false;
	for (size_t at = from; at < scan->len && at - from < USERINFO_MAX; at++) {
		char c = scan->text[at];

		if (!c || strchr("/?# \t\r\n\"'<>\\", c))
			break;
		if (c == ':' && !colon)
			colon = at;
		if (c == '@')
			sign = at;
	}
	/* A token in the place of the user. */
	if (!colon && sign > from && wake_redact_is_random(scan->text + from, sign - from))
		return take_out(scan, from, sign);
	return colon && sign > colon + 1 && wake_redact_is_quoted_secret(scan->text + colon + 1, sign - colon - 1) &&
	       take_out(scan, colon + 1, sign);
}

enum named { NO_SECRET, WEAK_NAME, SECRET_NAME };

/* Where a name that ends before at begins: past blanks, a bracket, a closing quote. */
static size_t name_begin(const struct scan *scan, size_t at, size_t *ret_end)
{
	size_t end = at, from;

	for (int blanks = 0; blanks < BLANKS_MAX && end > scan->copied && scan->text[end - 1] == ' '; blanks++)
		end--;
	if (end > scan->copied && scan->text[end - 1] == ']')
		end--;
	if (end > scan->copied && strchr("\"'`", scan->text[end - 1]))
		end--;
	if (end > scan->copied && scan->text[end - 1] == '\\')
		end--;
	from = end;
	while (from > scan->copied && end - from < NAME_BACK_MAX &&
	       (is_word_byte(scan->text[from - 1]) || scan->text[from - 1] == '-' || scan->text[from - 1] == '.'))
		from--;
	*ret_end = end;
	return from;
}

/* name: NAME, and then value: VALUE; key="NAME" value="VALUE". from: where "value" begins. */
static bool is_value_of_secret(const struct scan *scan, size_t from)
{
	size_t end = from, least = from > LINE_BACK_MAX ? from - LINE_BACK_MAX : 0, begin, sign, word;

	while (end > scan->copied && end > least && strchr(" \t\r\n\"", scan->text[end - 1]))
		end--;
	begin = name_begin(scan, end, &end);
	sign = begin;
	while (sign > scan->copied && strchr(" \"", scan->text[sign - 1]))
		sign--;
	if (end == begin || sign == scan->copied || !strchr(":=", scan->text[sign - 1]))
		return false;
	word = name_begin(scan, sign - 1, &sign);
	return ((sign - word == 4 && memcmp(scan->text + word, "name", 4) == 0) ||
	           (sign - word == 3 && memcmp(scan->text + word, "key", 3) == 0)) &&
	       wake_redact_is_secret_name(scan->text + begin, end - begin);
}

/* By the name before at, past the colon of ":=". */
static enum named name_kind(const struct scan *scan)
{
	size_t end = scan->at, from;

	if (end > scan->copied && scan->text[scan->at] == '=' && scan->text[end - 1] == ':')
		end--;
	from = name_begin(scan, end, &end);
	if (end == from)
		return NO_SECRET;
	if (wake_redact_is_secret_name(scan->text + from, end - from))
		return SECRET_NAME;
	if (end - from == 5 && memcmp(scan->text + from, "value", 5) == 0 && is_value_of_secret(scan, from))
		return SECRET_NAME;
	return wake_redact_is_weak_name(scan->text + from, end - from) ? WEAK_NAME : NO_SECRET;
}

/* "…", '…', `…`, or as they stand within JSON: \"…\" */
static bool take_quoted(struct scan *scan, size_t at, enum named named)
{
	bool escaped = scan->text[at] == '\\';
	char quote = scan->text[at + escaped];
	size_t from = at + escaped + 1, end = from;

	while (end < scan->len && scan->text[end] != quote && scan->text[end] != '\n')
		end += !escaped && scan->text[end] == '\\' && end + 1 < scan->len ? 2 : 1;
	if (end > scan->len)
		end = scan->len;
	if (escaped && end > from && scan->text[end - 1] == '\\')
		end--;
	/* What is not closed is cut off, or is the end of something else. */
	if ((end >= scan->len || scan->text[end] == '\n') && end - from < 4)
		return false;
	if (named == WEAK_NAME && !wake_redact_is_random(scan->text + from, end - from))
		return false;
	return wake_redact_is_quoted_secret(scan->text + from, end - from) && take_out(scan, from, end);
}

static size_t skip_blanks(const struct scan *scan, size_t at)
{
	for (int blanks = 0; blanks < BLANKS_MAX && at < scan->len && scan->text[at] == ' '; blanks++)
		at++;
	return at;
}

/* Bounded, since what is no secret is looked at again: auth=auth=auth=… */
static bool take_random(struct scan *scan, size_t at)
{
	size_t end = at;

	while (end < scan->len && end - at < RANDOM_MAX && scan->text[end] && !strchr(ENDS_VALUE, scan->text[end]))
		end++;
	return wake_redact_is_random(scan->text + at, end - at) && take_out(scan, at, bare_end(scan, end));
}

/* NAME=VALUE, NAME: VALUE, "NAME": "VALUE", NAME := VALUE, NAME => VALUE; at stands on the colon or the equals
 * sign. */
static bool take_value(struct scan *scan)
{
	size_t after = scan->at + 1, at, end;
	enum named named;
	bool tight;

	if (after >= scan->len || scan->text[after] == '=' || scan->text[after] == ':')
		return false;
	named = name_kind(scan);
	if (named == NO_SECRET)
		return false;
	after += scan->text[after] == '>';
	at = skip_blanks(scan, after);
	tight = at == after && scan->text[scan->at] == '=';
	if (at >= scan->len)
		return false;
	if (strchr("\"'`", scan->text[at]) ||
	    (scan->text[at] == '\\' && at + 1 < scan->len && scan->text[at + 1] == '"'))
		return take_quoted(scan, at, named);
	if (named == WEAK_NAME)
		return take_random(scan, at);
	end = bare_end(scan, at);
	/* Authorization: Bearer … */
	if (end < scan->len && is_word_byte(scan->text[at]) && scan->text[end] == ' ' && end - at <= 6 &&
	    bare_end(scan, end + 1) - end > 8 &&
	    !wake_redact_is_bare_secret(scan->text + at, end - at, tight)) {
		at = end + 1;
		end = bare_end(scan, at);
	}
	return end > at && wake_redact_is_bare_secret(scan->text + at, end - at, tight) && take_out(scan, at, end);
}

/* ---- the pass ---------------------------------------------------------------------------------- */

static bool look_closely(struct scan *scan, unsigned kinds, bool in_word)
{
	if ((kinds & BEGINS_OWN) && take_own(scan))
		return true;
	if ((kinds & BEGINS_KEY) && !in_word && may_begin_key(scan) && take_key(scan))
		return true;
	if (!(kinds & MARKS))
		return false;
	if (scan->text[scan->at] == '-')
		return take_private_key(scan) || take_option(scan) || take_short_option(scan);
	if (scan->text[scan->at] == '<')
		return take_element(scan);
	return take_url_password(scan) || take_value(scan) || (scan->text[scan->at] == ':' && take_bot(scan));
}

int wake_redact_append(const struct wake_redactor *redactor, const char *text, size_t len, struct wake_str *out,
    struct wake_error *err)
{
	struct scan scan = { .redactor = redactor, .text = text, .len = len, .out = out };
	bool in_word = false;

	while (scan.at < len) {
		unsigned kinds = redactor->kinds[(unsigned char)text[scan.at]];

		if ((kinds & ~(unsigned)PART_OF_WORD) && look_closely(&scan, kinds, in_word)) {
			in_word = false;
			continue;
		}
		in_word = kinds & PART_OF_WORD;
		scan.at++;
	}
	wake_str_append_bytes(out, text + scan.copied, len - scan.copied);
	return wake_str_check(out, err);
}

int wake_redact_set_text(const struct wake_redactor *redactor, json_t *data, const char *key, const char *text,
    size_t max, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(TEXT_MAX);
	int status = WAKE_OK;

	if (text && !redactor->is_off)
		status = wake_redact_append(redactor, text, strnlen(text, TEXT_MAX / 4), &out, err);
	if (status != WAKE_OK)
		return status;
	return wake_event_set_text(data, key, text ? wake_str_text(&out) : NULL, max, err);
}
