/* SPDX-License-Identifier: MIT */
/* The forms of keys as their providers document them, and names that programs give to secrets. */
#include "event/redact_rules.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/scope.h"

#define NAME_MAX_BYTES 64

enum alphabet { HEX, UPPER_DIGITS, WORD, WORD_DASH, WORD_DASH_DOT, WORD_SLASH, TOKEN, UP_TO_QUOTE };

static const struct {
	const char *prefix;
	size_t most_kept; /* of the prefix, what may stay to be read */
	size_t least;     /* characters that must follow */
	enum alphabet alphabet;
} keys[] = {
	{ "sk-", 0, 20, WORD_DASH },          /* OpenAI, Anthropic (sk-ant-), OpenRouter */
	{ "sk_live_", 0, 16, WORD },          /* Stripe */
	{ "sk_test_", 0, 16, WORD },
	{ "rk_live_", 0, 16, WORD },
	{ "rk_test_", 0, 16, WORD },
	{ "whsec_", 0, 16, WORD },
	{ "ghp_", 0, 30, WORD },              /* GitHub */
	{ "gho_", 0, 30, WORD },
	{ "ghu_", 0, 30, WORD },
	{ "ghs_", 0, 30, WORD },
	{ "ghr_", 0, 30, WORD },
	{ "github_pat_", 0, 30, WORD },
	{ "glpat-", 0, 16, WORD_DASH },       /* GitLab */
	{ "glrt-", 0, 16, WORD_DASH },
	{ "gldt-", 0, 16, WORD_DASH },
	{ "glptt-", 0, 16, WORD_DASH },
	{ "glcbt-", 0, 16, WORD_DASH },
	{ "glsoat-", 0, 16, WORD_DASH },
	{ "glft-", 0, 16, WORD_DASH },
	{ "glimt-", 0, 16, WORD_DASH },
	{ "glagent-", 0, 16, WORD_DASH },
	{ "gloas-", 0, 16, WORD_DASH },
	{ "xoxa-", 0, 10, WORD_DASH },        /* Slack */
	{ "xoxb-", 0, 10, WORD_DASH },
	{ "xoxe-", 0, 10, WORD_DASH },
	{ "xoxp-", 0, 10, WORD_DASH },
	{ "xoxr-", 0, 10, WORD_DASH },
	{ "xoxs-", 0, 10, WORD_DASH },
	{ "xapp-", 0, 10, WORD_DASH },
	{ "xoxe.xoxb-", 0, 10, WORD_DASH },
	{ "xoxe.xoxp-", 0, 10, WORD_DASH },
	{ "hooks.slack.com/services/", 25, 20, WORD_SLASH },
	{ "discord.com/api/webhooks/", 25, 40, WORD_SLASH },
	{ "AKIA", 0, 16, UPPER_DIGITS },      /* AWS */
	{ "ASIA", 0, 16, UPPER_DIGITS },
	{ "ABIA", 0, 16, UPPER_DIGITS },
	{ "ACCA", 0, 16, UPPER_DIGITS },
	{ "AIza", 0, 30, WORD_DASH },         /* Google */
	{ "ya29.", 0, 20, WORD_DASH },
	{ "GOCSPX-", 0, 20, WORD_DASH },
	{ "npm_", 0, 30, WORD },
	{ "pypi-", 0, 40, WORD_DASH },
	{ "hf_", 0, 30, WORD },               /* Hugging Face */
	{ "SG.", 0, 40, WORD_DASH_DOT },      /* SendGrid */
	{ "dop_v1_", 0, 40, WORD },           /* DigitalOcean */
	{ "doo_v1_", 0, 40, WORD },
	{ "shpat_", 0, 30, WORD },            /* Shopify */
	{ "shpca_", 0, 30, WORD },
	{ "shppa_", 0, 30, WORD },
	{ "shpss_", 0, 30, WORD },
	{ "gsk_", 0, 40, WORD },              /* Groq */
	{ "xai-", 0, 40, WORD },
	{ "pplx-", 0, 40, WORD },             /* Perplexity */
	{ "r8_", 0, 30, WORD },               /* Replicate */
	{ "api_org_", 0, 30, WORD },          /* Hugging Face */
	{ "rubygems_", 0, 40, WORD },
	{ "cio", 0, 32, WORD },               /* crates.io */
	{ "dckr_pat_", 0, 20, WORD_DASH },    /* Docker */
	{ "key-", 0, 32, HEX },               /* Mailgun */
	{ "SK", 0, 32, HEX },                 /* Twilio */
	{ "ntn_", 0, 40, WORD },              /* Notion */
	{ "secret_", 0, 40, WORD },
	{ "figd_", 0, 30, WORD_DASH },        /* Figma */
	{ "PMAK-", 0, 40, WORD_DASH },        /* Postman */
	{ "NRAK-", 0, 27, UPPER_DIGITS },     /* New Relic */
	{ "glsa_", 0, 30, WORD },             /* Grafana */
	{ "glc_", 0, 40, TOKEN },
	{ "dp.pt.", 0, 40, WORD },            /* Doppler */
	{ "hvs.", 0, 24, WORD_DASH },         /* Vault */
	{ "hvb.", 0, 24, WORD_DASH },
	{ "atlasv1.", 0, 40, WORD_DASH },     /* Terraform Cloud; 14 characters and a dot come before */
	{ "pul-", 0, 40, HEX },               /* Pulumi */
	{ "sntrys_", 0, 40, TOKEN },          /* Sentry */
	{ "dapi", 0, 32, HEX },               /* Databricks */
	{ "EAA", 0, 60, WORD_DASH },          /* Facebook, Square */
	{ "sq0csp-", 0, 40, WORD_DASH },
	{ "tfp_", 0, 40, WORD },              /* Typeform */
	{ "CFPAT-", 0, 40, WORD_DASH },       /* Contentful */
	{ "FLWSECK", 0, 32, WORD_DASH },      /* Flutterwave */
	{ "sbp_", 0, 40, HEX },               /* Supabase */
	{ "vercel_blob_rw_", 0, 30, WORD },
	{ "nfp_", 0, 36, WORD },              /* Netlify */
	{ "ATATT3x", 0, 100, TOKEN },         /* Atlassian */
	{ "ATCTT3x", 0, 100, TOKEN },
	{ "ATBB", 0, 28, WORD },
	{ "lin_api_", 0, 30, WORD },          /* Linear */
	{ "AGE-SECRET-KEY-1", 0, 40, WORD },
	{ "Bearer ", 7, 16, TOKEN },          /* RFC 6750 */
	{ "bearer ", 7, 16, TOKEN },
	{ "Basic ", 6, 16, TOKEN },           /* RFC 7617 */
	{ "IDENTIFIED BY '", 15, 1, UP_TO_QUOTE }, /* SQL */
	{ "identified by '", 15, 1, UP_TO_QUOTE },
	{ "PASSWORD '", 10, 1, UP_TO_QUOTE },
};

const char *wake_redact_beginning(size_t nth)
{
	/* A web token (RFC 7519) is the base64 of {"; the others begin what has blanks in it. */
	static const char *const others[] = { "ey", "lo", "se", "EN" };

	if (nth < WAKE_COUNT(keys))
		return keys[nth].prefix;
	return nth - WAKE_COUNT(keys) < WAKE_COUNT(others) ? others[nth - WAKE_COUNT(keys)] : NULL;
}

static bool is_in(enum alphabet alphabet, char c)
{
	bool letter = isalpha((unsigned char)c) && (unsigned char)c < 0x80, digit = c >= '0' && c <= '9';

	switch (alphabet) {
	case HEX:
		return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	case WORD_SLASH:
		return digit || letter || c == '_' || c == '-' || c == '/';
	case UP_TO_QUOTE:
		return c && c != '\'' && c != '\n';
	case UPPER_DIGITS:
		return digit || (c >= 'A' && c <= 'Z');
	case WORD:
		return digit || letter || c == '_';
	case WORD_DASH:
		return digit || letter || c == '_' || c == '-';
	case WORD_DASH_DOT:
		return digit || letter || c == '_' || c == '-' || c == '.';
	case TOKEN:
		return digit || letter || (c && strchr("-._~+/=", c));
	}
	return false;
}

static size_t span(enum alphabet alphabet, const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && is_in(alphabet, text[at]))
		at++;
	return at;
}

/* Three parts of base64url with dots between; the first two are JSON objects. */
static size_t web_token_length(const char *text, size_t len)
{
	size_t at = 0;

	for (int part = 0; part < 3; part++) {
		size_t width = span(WORD_DASH, text + at, len - at);

		if (width < 8 || (part < 2 && (at + width >= len || text[at + width] != '.' ||
		                                  memcmp(text + at, "eyJ", 3) != 0)))
			return 0;
		at += width + (part < 2);
	}
	return at;
}

static size_t word_length(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && at < NAME_MAX_BYTES && text[at] && !strchr(" \t\r\n\"'", text[at]))
		at++;
	return at;
}

/* "setenv NAME VALUE", "ENV NAME VALUE", and of .netrc "login NAME password VALUE". */
static size_t spaced_length(const char *text, size_t len, size_t *ret_skip)
{
	static const struct {
		const char *word;
		bool is_login;
	} words[] = { { "setenv ", false }, { "ENV ", false }, { "login ", true } };

	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		size_t at = strlen(words[i].word), name, value;

		if (len <= at || memcmp(text, words[i].word, at) != 0)
			continue;
		name = word_length(text + at, len - at);
		if (!words[i].is_login && !wake_redact_is_secret_name(text + at, name))
			return 0;
		at += name;
		while (words[i].is_login && at < len && strchr(" \t\r\n", text[at]) && text[at])
			at++;
		if (words[i].is_login) {
			if (len - at < 9 || memcmp(text + at, "password", 8) != 0)
				return 0;
			at += 8;
		}
		value = at < len && text[at] == ' ' ? word_length(text + at + 1, len - at - 1) : 0;
		*ret_skip = at + 1;
		if (value == 0 || !wake_redact_is_bare_secret(text + at + 1, value, !words[i].is_login))
			return 0;
		return at + 1 + value;
	}
	return 0;
}

size_t wake_redact_key_length(const char *text, size_t len, size_t *ret_skip)
{
	*ret_skip = 0;
	if (len > 3 && memcmp(text, "eyJ", 3) == 0)
		return web_token_length(text, len);
	if (len > 8 && strchr("lsE", text[0])) {
		size_t spaced = spaced_length(text, len, ret_skip);

		if (spaced > 0)
			return spaced;
		*ret_skip = 0;
	}
	for (size_t i = 0; i < WAKE_COUNT(keys); i++) {
		size_t width, rest;

		if (keys[i].prefix[0] != text[0] || keys[i].prefix[1] != text[1])
			continue;
		width = strlen(keys[i].prefix);
		if (len < width || memcmp(text, keys[i].prefix, width) != 0)
			continue;
		rest = span(keys[i].alphabet, text + width, len - width);
		if (rest < keys[i].least)
			continue;
		*ret_skip = keys[i].most_kept;
		return width + rest;
	}
	return 0;
}

bool wake_redact_is_secret_name(const char *name, size_t len)
{
#define ENDING(text) { text, sizeof(text) - 1 }
	static const struct {
		const char *text;
		size_t len;
	} endings[] = { ENDING("password"), ENDING("passwd"), ENDING("passphrase"), ENDING("passcode"),
		ENDING("secret"), ENDING("token"), ENDING("apikey"), ENDING("accesskey"), ENDING("secretkey"),
		ENDING("privatekey"), ENDING("signingkey"), ENDING("encryptionkey"), ENDING("authkey"),
		ENDING("sharedkey"), ENDING("secretkeybase"), ENDING("credential"), ENDING("credentials"),
		ENDING("authorization"), ENDING("connectionstring"), ENDING("subscriptionkey"), ENDING("accountkey"),
		ENDING("masterkey"), ENDING("clientkeydata"), ENDING("amzsignature") };
#undef ENDING
	char plain[NAME_MAX_BYTES + 1];
	size_t width = 0;

	/* Of a long name the end counts. */
	if (len > NAME_MAX_BYTES) {
		name += len - NAME_MAX_BYTES;
		len = NAME_MAX_BYTES;
	}
	for (size_t i = 0; i < len; i++) {
		if (isalnum((unsigned char)name[i]))
			plain[width++] = (char)tolower((unsigned char)name[i]);
	}
	plain[width] = '\0';
	for (size_t i = 0; i < WAKE_COUNT(endings); i++) {
		if (width >= endings[i].len && plain[width - endings[i].len] == endings[i].text[0] &&
		    memcmp(plain + width - endings[i].len, endings[i].text, endings[i].len) == 0)
			return true;
	}
	return strcmp(plain, "pwd") == 0 || strcmp(plain, "dbpass") == 0 || strcmp(plain, "pgpass") == 0;
}

bool wake_redact_is_weak_name(const char *name, size_t len)
{
	return (len == 4 && strncasecmp(name, "auth", 4) == 0) || (len == 5 && strncasecmp(name, "_auth", 5) == 0) ||
	       (len == 3 && strncasecmp(name, "sig", 3) == 0);
}

bool wake_redact_is_random(const char *value, size_t len)
{
	bool digit = false, lower = false;

	for (size_t i = 0; i < len; i++) {
		if (!is_in(TOKEN, value[i]) && value[i] != '%')
			return false;
		digit = digit || (value[i] >= '0' && value[i] <= '9');
		lower = lower || (value[i] >= 'a' && value[i] <= 'z');
	}
	return len >= 20 && digit && lower;
}

/* Types, and values that say that there is none. */
static bool is_word_for_nothing(const char *value, size_t len)
{
	static const char *const words[] = { "string", "str", "number", "int", "integer", "bool", "boolean",
		"bytes", "text", "object", "any", "true", "false", "null", "none", "nil", "undefined", "void",
		"required", "optional", "empty", "redacted", "unset", "missing", "invalid", "expired", "basic",
		"bearer", "password", "secret", "token" };

	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		if (strlen(words[i]) == len && strncasecmp(value, words[i], len) == 0)
			return true;
	}
	return false;
}

/* $NAME, ${NAME}, <name>, %s, {name}, [redacted], ***: a place for a secret, not one. */
static bool is_reference(const char *value, size_t len)
{
	static const char *const places[] = { "...", "process.env", "os.environ", "secrets.", "vars.", "env." };

	for (size_t i = 0; i < WAKE_COUNT(places); i++) {
		if (len >= strlen(places[i]) && memcmp(value, places[i], strlen(places[i])) == 0)
			return true;
	}
	return strchr("$<%{[*(&", value[0]) != NULL;
}

bool wake_redact_is_quoted_secret(const char *value, size_t len)
{
	return len > 0 && !is_reference(value, len) && !is_word_for_nothing(value, len);
}

bool wake_redact_is_bare_secret(const char *value, size_t len, bool tight)
{
	bool letters_only = true;

	if (len < 4 || is_reference(value, len) || is_word_for_nothing(value, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (strchr("([{", value[i]))
			return false; /* a call, or an element of something */
		if (!isalpha((unsigned char)value[i]) && !strchr(".:;!?-", value[i]))
			letters_only = false;
	}
	return tight || !letters_only || len >= 16;
}

bool wake_redact_matches(const char *pattern, const char *word, size_t len)
{
	const char *star = NULL;
	size_t at = 0, star_at = 0;

	while (at < len) {
		if (*pattern == '*') {
			star = ++pattern;
			star_at = at;
		} else if (*pattern && (*pattern == '?' || *pattern == word[at])) {
			pattern++;
			at++;
		} else if (star) {
			pattern = star;
			at = ++star_at;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
