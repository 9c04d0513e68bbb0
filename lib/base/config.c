/* SPDX-License-Identifier: MIT */
/* Settings: the table, and a reader of git-config syntax. */
#include "base/config.h"
#include "base/config_remote.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/text.h"

#define FILE_MAX ((size_t)64 << 10) /* bytes */
#define END (-1)

const struct wake_setting_row wake_settings[WAKE_SETTING_COUNT] = {
	[WAKE_SETTING_STORE] = { "runwake.store", WAKE_SETTING_TEXT, "",
	    "Where runs are recorded: sqlite:/path or a PostgreSQL URI; RUNWAKE_STORE outranks it." },
	[WAKE_SETTING_FEED] = { "runwake.feed", WAKE_SETTING_TEXT, "",
	    "A team's PostgreSQL database that this machine's events are told to, besides its own store." },
	[WAKE_SETTING_USER] = { "runwake.user", WAKE_SETTING_TEXT, "",
	    "The UUID, in the table users, of the person who starts runs here." },
	[WAKE_SETTING_HOST] = { "runwake.host", WAKE_SETTING_TEXT, "",
	    "This machine's name in the records; empty means its host name." },
	[WAKE_SETTING_WATCHER] = { "runwake.watcher", WAKE_SETTING_BOOL, "true",
	    "Whether start and run start the watcher where no service does." },
	[WAKE_SETTING_KEEP] = { "runwake.keep", WAKE_SETTING_TEXT, "run",
	    "Whose uncommitted edits are kept with their contents: run (those of active runs), always or never." },
	[WAKE_SETTING_KEEP_FILE_MAX] = { "runwake.keepfilemax", WAKE_SETTING_NUMBER, "4194304",
	    "Bytes of an edited file beyond which only its numbers are kept." },
	[WAKE_SETTING_KEEP_RUN_MAX] = { "runwake.keeprunmax", WAKE_SETTING_NUMBER, "268435456",
	    "Bytes of contents that are kept of one run's edits." },
	[WAKE_SETTING_KEEP_NEVER] = { "runwake.keepnever", WAKE_SETTING_TEXT,
	    ".env .env.* *.env .envrc *.pem *.key *.p12 *.pfx *.jks *.keystore id_rsa* id_dsa* id_ecdsa* id_ed25519* "
	    ".netrc .npmrc .pypirc .pgpass .git-credentials credentials.json *.tfvars",
	    "Names of files whose contents are never kept: patterns as of a shell, with spaces between." },
	[WAKE_SETTING_MESSAGES] = { "runwake.messages", WAKE_SETTING_BOOL, "true",
	    "Whether the texts of tasks, results, errors and messages are recorded." },
	[WAKE_SETTING_REDACT] = { "runwake.redact", WAKE_SETTING_TEXT, "",
	    "What else is taken out of texts before they are recorded: literals, and patterns (* and ?) of whole "
	    "words, with spaces between." },
	[WAKE_SETTING_KEEP_DAYS] = { "runwake.keepdays", WAKE_SETTING_NUMBER, "0",
	    "Days for which contents of uncommitted edits are kept; 0 means for ever." },
	[WAKE_SETTING_PAYLOAD_DAYS] = { "runwake.payloaddays", WAKE_SETTING_NUMBER, "0",
	    "Days for which the ledger keeps what each event said, after it is in the tables; 0 means for ever." },
};

struct reader {
	const char *text;
	size_t len;
	size_t at;
	unsigned line;           /* of the character that comes next */
	struct wake_str section; /* "runwake" or "runwake.Subsection" */
	struct wake_str key;
	struct wake_str value;
	bool has_value; /* false for a key without "=" */
};

static void reader_release(struct reader *in)
{
	wake_str_release(&in->section);
	wake_str_release(&in->key);
	wake_str_release(&in->value);
}

static int peek(const struct reader *in)
{
	size_t at = in->at;

	if (at < in->len && in->text[at] == '\r' && at + 1 < in->len && in->text[at + 1] == '\n')
		at++; /* a line may end as on Windows */
	return at < in->len ? (unsigned char)in->text[at] : END;
}

static int take(struct reader *in)
{
	int c = peek(in);

	if (c == END)
		return END;
	in->at += c == '\n' && in->text[in->at] == '\r' ? 2 : 1;
	if (c == '\n')
		in->line++;
	return c;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static void skip_blanks(struct reader *in)
{
	while (is_blank(peek(in)))
		(void)take(in);
}

static void skip_line(struct reader *in)
{
	while (peek(in) != END && peek(in) != '\n')
		(void)take(in);
}

static int fail_at(unsigned line, struct wake_error *err, const char *what)
{
	return wake_fail(err, WAKE_INVALID, "line %u: %s", line, what);
}

/* The quoted part of [section "subsection"], up to and with its closing quote. */
static int read_subsection(struct reader *in, struct wake_error *err)
{
	unsigned line = in->line;

	wake_str_append_char(&in->section, '.');
	for (int c = take(in); c != '"'; c = take(in)) {
		if (c == '\\')
			c = take(in);
		if (c == END || c == '\n')
			return fail_at(line, err, "a subsection's name has no closing quote");
		wake_str_append_char(&in->section, (char)c);
	}
	return WAKE_OK;
}

/* After the opening bracket. Section names have no case; subsections have. */
static int read_section(struct reader *in, struct wake_error *err)
{
	unsigned line = in->line;
	int ret = WAKE_OK;

	wake_str_clear(&in->section);
	while (isalnum(peek(in)) || peek(in) == '-' || peek(in) == '.')
		wake_str_append_char(&in->section, (char)tolower(take(in)));
	if (is_blank(peek(in))) {
		skip_blanks(in);
		if (take(in) != '"')
			return fail_at(line, err, "a section is like [name] or [name \"subsection\"]");
		ret = read_subsection(in, err);
	}
	if (ret == WAKE_OK)
		ret = wake_str_check(&in->section, err); /* half a name would be another section's */
	if (ret < 0)
		return ret;
	if (take(in) != ']' || in->section.len == 0)
		return fail_at(line, err, "a section is like [name] or [name \"subsection\"]");
	return WAKE_OK;
}

/* What follows a backslash in a value: 0 for a continued line, END for what may not. */
static int unescape(int c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case '"':
	case '\\':
		return c;
	case '\n':
		return 0;
	default:
		return END;
	}
}

/* After the equals sign, to the end of the line. Blanks count only inside quotes or between words. */
static int read_value(struct reader *in, struct wake_error *err)
{
	unsigned line = in->line;
	size_t kept = 0; /* bytes of the value that trailing blanks cannot take away */
	bool quoted = false;

	skip_blanks(in);
	for (int c = peek(in); c != END && c != '\n'; c = peek(in)) {
		if (!quoted && (c == '#' || c == ';')) {
			skip_line(in);
			break;
		}
		(void)take(in);
		if (c == '"') {
			quoted = !quoted;
			kept = in->value.len;
			continue;
		}
		if (c == '\\') {
			c = unescape(take(in));
			if (c == END)
				return fail_at(line, err,
				    "after a backslash only n, t, b, \", \\ or the line's end may stand");
			if (c == 0)
				continue;
			wake_str_append_char(&in->value, (char)c);
			kept = in->value.len;
			continue;
		}
		wake_str_append_char(&in->value, (char)c);
		if (quoted || !is_blank(c))
			kept = in->value.len;
	}
	if (quoted)
		return fail_at(line, err, "a quote is not closed");
	if (in->value.data && !in->value.failed) {
		in->value.len = kept;
		in->value.data[kept] = '\0';
	}
	return WAKE_OK;
}

/* "name", "name = value": fills key (with its section) and value. */
static int read_variable(struct reader *in, struct wake_error *err)
{
	unsigned line = in->line;
	int ret = WAKE_OK;

	if (in->section.len == 0)
		return fail_at(line, err, "a setting stands before any [section]");
	wake_str_clear(&in->key);
	wake_str_clear(&in->value);
	wake_str_append_bytes(&in->key, in->section.data, in->section.len);
	wake_str_append_char(&in->key, '.');
	while (isalnum(peek(in)) || peek(in) == '-')
		wake_str_append_char(&in->key, (char)tolower(take(in)));
	skip_blanks(in);
	in->has_value = peek(in) == '=';
	if (in->has_value) {
		(void)take(in);
		ret = read_value(in, err);
	} else if (peek(in) == '#' || peek(in) == ';') {
		skip_line(in);
	} else if (peek(in) != END && peek(in) != '\n') {
		return fail_at(line, err, "a setting is like name = value");
	}
	if (ret == WAKE_OK)
		ret = wake_str_check(&in->key, err);
	return ret == WAKE_OK ? wake_str_check(&in->value, err) : ret;
}

bool wake_config_parse_bool(const char *text, bool *ret_value)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0", "" };

	for (size_t i = 0; i < WAKE_COUNT(yes); i++) {
		if (strcasecmp(text, yes[i]) == 0) {
			*ret_value = true;
			return true;
		}
	}
	for (size_t i = 0; i < WAKE_COUNT(no); i++) {
		if (strcasecmp(text, no[i]) == 0) {
			*ret_value = false;
			return true;
		}
	}
	return false;
}

/* A whole number, with k, m or g for powers of 1024, as git has it. */
bool wake_config_parse_number(const char *text, int64_t *ret_value)
{
	char *end;
	long long number;
	int64_t scale = 1;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || isspace((unsigned char)text[0]))
		return false;
	if (*end == 'k' || *end == 'K')
		scale = INT64_C(1) << 10;
	else if (*end == 'm' || *end == 'M')
		scale = INT64_C(1) << 20;
	else if (*end == 'g' || *end == 'G')
		scale = INT64_C(1) << 30;
	if (scale > 1)
		end++;
	return *end == '\0' && !__builtin_mul_overflow((int64_t)number, scale, ret_value);
}

static int check_kind(
    const struct wake_setting_row *row, const struct reader *in, unsigned line, struct wake_error *err)
{
	const char *value = wake_str_text(&in->value);
	int64_t number;
	bool truth;

	if (!wake_text_is_utf8(value, in->value.len))
		return fail_at(line, err, "the value is not UTF-8");
	if (!in->has_value && row->kind != WAKE_SETTING_BOOL)
		return wake_fail(err, WAKE_INVALID, "line %u: %s has no value", line, row->key);
	if (row->kind == WAKE_SETTING_BOOL && !wake_config_parse_bool(value, &truth))
		return wake_fail(err, WAKE_INVALID, "line %u: %s is true or false", line, row->key);
	if (row->kind == WAKE_SETTING_NUMBER && !wake_config_parse_number(value, &number))
		return wake_fail(err, WAKE_INVALID, "line %u: %s is a whole number", line, row->key);
	return WAKE_OK;
}

/* The last of several counts, as in git. */
static int keep_variable(
    const struct reader *in, unsigned line, struct wake_config *config, struct wake_error *err)
{
	const char *key = wake_str_text(&in->key);
	size_t i = 0;
	char *value;
	int ret;

	while (i < WAKE_SETTING_COUNT && strcmp(wake_settings[i].key, key) != 0)
		i++;
	if (i == WAKE_SETTING_COUNT && strlen(key) == in->key.len && wake_config_is_of_remote(key)) {
		ret = check_kind(wake_config_remote_row(key), in, line, err);
		return ret == WAKE_OK ? wake_config_keep_remote(config, key,
		                            in->has_value ? wake_str_text(&in->value) : "true", line, err)
		                      : ret;
	}
	if (i == WAKE_SETTING_COUNT || strlen(key) != in->key.len)
		return wake_fail(err, WAKE_INVALID, "line %u: there is no setting %s", line, key);
	ret = check_kind(&wake_settings[i], in, line, err);
	if (ret == WAKE_OK)
		ret = wake_str_copy(in->has_value ? wake_str_text(&in->value) : "true", &value, err);
	if (ret < 0)
		return ret;
	free(config->values[i]);
	config->values[i] = value;
	return WAKE_OK;
}

static int read_all(struct reader *in, struct wake_config *config, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (int c = peek(in); ret == WAKE_OK && c != END; c = peek(in)) {
		unsigned line = in->line;

		if (is_blank(c) || c == '\n') {
			(void)take(in);
		} else if (c == '#' || c == ';') {
			skip_line(in);
		} else if (c == '[') {
			(void)take(in);
			ret = read_section(in, err);
		} else if (isalpha(c)) {
			ret = read_variable(in, err);
			if (ret == WAKE_OK)
				ret = keep_variable(in, line, config, err);
		} else {
			ret = fail_at(line, err, "neither a [section] nor name = value");
		}
	}
	return ret;
}

int wake_config_parse(const char *text, size_t len, struct wake_config *ret_config, struct wake_error *err)
{
	WAKE_CLEANUP(reader_release)
	struct reader in = { .text = text,
		.len = len,
		.line = 1,
		.section = WAKE_STR(FILE_MAX),
		.key = WAKE_STR(2 * FILE_MAX),
		.value = WAKE_STR(FILE_MAX) };
	wake_auto_config struct wake_config config = { 0 };
	int ret;

	if (len > FILE_MAX)
		return wake_fail(err, WAKE_INVALID, "the settings are longer than %zu bytes", FILE_MAX);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		in.at = 3; /* editors on Windows mark UTF-8 so */
	ret = read_all(&in, &config, err);
	if (ret < 0)
		return ret;
	*ret_config = config;
	config = (struct wake_config){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_config_load(const char *path, struct wake_config *ret_config, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_read(path, FILE_MAX, WAKE_FS_PLAIN, &text, &len, err);

	if (ret == WAKE_NOTFOUND) {
		*ret_config = (struct wake_config){ 0 };
		return WAKE_OK;
	}
	if (ret < 0)
		return ret;
	ret = wake_config_parse(text, len, ret_config, err);
	return ret < 0 ? wake_error_prefix(err, "'%s'", path) : WAKE_OK;
}

void wake_config_release(struct wake_config *config)
{
	for (size_t i = 0; i < WAKE_SETTING_COUNT; i++)
		free(config->values[i]);
	wake_config_release_remotes(config);
	*config = (struct wake_config){ 0 };
}

const char *wake_config_text(const struct wake_config *config, enum wake_setting setting)
{
	return config->values[setting] ? config->values[setting] : wake_settings[setting].fallback;
}

bool wake_config_bool(const struct wake_config *config, enum wake_setting setting)
{
	bool value;

	return wake_config_parse_bool(wake_config_text(config, setting), &value) && value;
}

int64_t wake_config_number(const struct wake_config *config, enum wake_setting setting)
{
	int64_t value;

	return wake_config_parse_number(wake_config_text(config, setting), &value) ? value : 0;
}

void wake_config_host(const struct wake_config *config, char ret_host[WAKE_HOST_SIZE])
{
	const char *named = wake_config_text(config, WAKE_SETTING_HOST);

	wake_process_host(ret_host);
	if (*named)
		(void)snprintf(ret_host, WAKE_HOST_SIZE, "%s", named);
}
