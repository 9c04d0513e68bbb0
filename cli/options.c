/* SPDX-License-Identifier: MIT */
/* The parser of a command line, driven by a command's table of options. */
#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wake_given {
	const struct wake_option *option;	/* borrowed from the table */
	const char *value;			/* borrowed; NULL for a flag */
};

struct reader {
	const char *const *args;	/* what comes next */
	struct wake_options *options;
};

static bool is_help(const char *name, size_t len)
{
	return len == strlen("help") && memcmp(name, "help", len) == 0;
}

/* The row of a long option; an exact name beats the beginning of others. */
static int find_long(const struct wake_option *table, const char *name, size_t len,
    const struct wake_option **ret_option, struct wake_error *err)
{
	const struct wake_option *found = NULL;
	const struct wake_option *other = NULL;

	for (const struct wake_option *row = table; row->name; row++) {
		if (strncmp(row->name, name, len) != 0)
			continue;
		if (row->name[len] == '\0') {
			*ret_option = row;
			return WAKE_OK;
		}
		other = found;
		found = row;
	}
	if (len == 0 || !found)
		return wake_fail(err, WAKE_INVALID, "there is no option --%.*s", (int)len, name);
	if (other)
		return wake_fail(err, WAKE_INVALID, "--%.*s could be --%s or --%s", (int)len, name,
		    other->name, found->name);
	*ret_option = found;
	return WAKE_OK;
}

static const struct wake_option *find_letter(const struct wake_option *table, char letter)
{
	for (const struct wake_option *row = table; row->name; row++) {
		if (row->letter == letter)
			return row;
	}
	return NULL;
}

static int keep(
    struct reader *in, const struct wake_option *option, const char *value, struct wake_error *err)
{
	struct wake_options *options = in->options;

	for (size_t i = 0; !option->repeated && i < options->given_count; i++) {
		if (options->given[i].option == option)
			return wake_fail(err, WAKE_INVALID, "--%s is given twice", option->name);
	}
	options->given[options->given_count++] = (struct wake_given){ option, value };
	return WAKE_OK;
}

/* The value of an option that needs one: what stands beside it, or else the next word. */
static int take_value(struct reader *in, const struct wake_option *option, const char *beside,
    const char **ret_value, struct wake_error *err)
{
	if (!beside && !*in->args)
		return wake_fail(err, WAKE_INVALID, "--%s needs a value: --%s %s", option->name, option->name,
		    option->value);
	*ret_value = beside ? beside : *in->args++;
	return WAKE_OK;
}

static int read_long(struct reader *in, const char *text, struct wake_error *err)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	const struct wake_option *option = NULL;
	const char *value = equals ? equals + 1 : NULL;
	int ret;

	if (is_help(text, len) && !equals) {
		in->options->help = true;
		return WAKE_OK;
	}
	ret = find_long(in->options->table, text, len, &option, err);
	if (ret < 0)
		return ret;
	if (!option->value && equals)
		return wake_fail(err, WAKE_INVALID, "--%s takes no value", option->name);
	if (option->value)
		ret = take_value(in, option, value, &value, err);
	return ret == WAKE_OK ? keep(in, option, value, err) : ret;
}

/* "-abc": flags up to the first letter that needs a value, which gets the rest. */
static int read_letters(struct reader *in, const char *text, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (; ret == WAKE_OK && *text; text++) {
		const struct wake_option *option = find_letter(in->options->table, *text);
		const char *value = NULL;

		if (!option && *text == 'h') {
			in->options->help = true;
			continue;
		}
		if (!option)
			return wake_fail(err, WAKE_INVALID, "there is no option -%c", *text);
		if (!option->value) {
			ret = keep(in, option, NULL, err);
			continue;
		}
		ret = take_value(in, option, text[1] ? text + 1 : NULL, &value, err);
		return ret == WAKE_OK ? keep(in, option, value, err) : ret;
	}
	return ret;
}

static int read_all(struct reader *in, struct wake_error *err)
{
	struct wake_options *options = in->options;
	bool only_words = false;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && *in->args) {
		const char *arg = *in->args++;

		if (only_words || arg[0] != '-' || arg[1] == '\0') {
			options->words[options->word_count++] = arg;
			options->loose_count += !only_words;
		} else if (strcmp(arg, "--") == 0) {
			only_words = true;
		} else if (arg[1] == '-') {
			ret = read_long(in, arg + 2, err);
		} else {
			ret = read_letters(in, arg + 1, err);
		}
	}
	return ret;
}

int wake_options_parse(const struct wake_option *table, const char *const *args,
    struct wake_options *ret_options, struct wake_error *err)
{
	wake_auto_options struct wake_options options = { .table = table };
	struct reader in = { args, &options };
	size_t count = 0, letters = 0;
	int ret;

	for (; args[count]; count++)
		letters += strlen(args[count]); /* "-vvv" gives three */
	options.given = calloc(count + letters + 1, sizeof(*options.given));
	options.words = calloc(count + 1, sizeof(*options.words));
	if (!options.given || !options.words)
		return wake_fail_nomem(err);
	ret = read_all(&in, err);
	if (ret < 0)
		return ret;
	*ret_options = options;
	options = (struct wake_options){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_options_release(struct wake_options *options)
{
	free(options->given);
	free(options->words);
	*options = (struct wake_options){ 0 };
}

const char *wake_options_nth(const struct wake_options *options, const char *name, size_t n)
{
	for (size_t i = 0; i < options->given_count; i++) {
		const struct wake_given *given = &options->given[i];

		if (strcmp(given->option->name, name) == 0 && n-- == 0)
			return given->value ? given->value : "";
	}
	return NULL;
}

static bool is_in_table(const struct wake_options *options, const char *name)
{
	for (const struct wake_option *row = options->table; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return true;
	}
	return false;
}

const char *wake_options_text(const struct wake_options *options, const char *name)
{
	assert(is_in_table(options, name));
	return wake_options_nth(options, name, 0);
}

bool wake_options_has(const struct wake_options *options, const char *name)
{
	return wake_options_text(options, name) != NULL;
}

size_t wake_options_count(const struct wake_options *options, const char *name)
{
	size_t count = 0;

	while (wake_options_nth(options, name, count))
		count++;
	return count;
}

int wake_options_number(const struct wake_options *options, const char *name, int64_t min, int64_t max,
    int64_t fallback, int64_t *ret_number, struct wake_error *err)
{
	const char *text = wake_options_text(options, name);
	char *end = NULL;
	long long number;

	if (!text) {
		*ret_number = fallback;
		return WAKE_OK;
	}
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < min || number > max || strchr(" \t\n\v\f\r+", text[0]))
		return wake_fail(err, WAKE_INVALID, "--%s takes a whole number from %lld to %lld, not '%s'",
		    name, (long long)min, (long long)max, text);
	*ret_number = number;
	return WAKE_OK;
}
