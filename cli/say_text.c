/* SPDX-License-Identifier: MIT */
/* What a person says, on its way into the record. */
#include "cli/say_text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "event/event.h"
#include "event/redact.h"

#define SAY_MAX WAKE_EVENT_TEXT_MAX

static int refuse_long(struct wake_error *err)
{
	return wake_fail(err, WAKE_INVALID,
	    "the text is longer than %d KiB (a line break or a quote counts twice); put it into a file and "
	    "name that",
	    SAY_MAX / 1024);
}

/* Set as the event will have it: what comes back cut was too long. */
static int store(
    const struct wake_redactor *redactor, const char *given, char **ret_text, struct wake_error *err)
{
	wake_auto_json json_t *whole = json_object(), *cut = json_object();
	int ret = wake_redact_set_text(redactor, whole, "text", given, (size_t)8 * SAY_MAX, err);

	if (ret == WAKE_OK)
		ret = wake_redact_set_text(redactor, cut, "text", given, SAY_MAX, err);
	if (ret < 0)
		return ret;
	if (strcmp(wake_json_string(whole, "text"), wake_json_string(cut, "text")) != 0)
		return refuse_long(err);
	return wake_str_copy(wake_json_string(cut, "text"), ret_text, err);
}

int wake_say_text(struct wake_command_context *context, const char *given, char **ret_text, bool *ret_changed,
    struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_redactor struct wake_redactor *redactor = NULL;
	wake_auto_str struct wake_str text = WAKE_STR((size_t)8 * SAY_MAX);
	size_t len = strlen(given);
	int ret = wake_config_load(context->paths.config, &config, err);

	if (ret == WAKE_OK && !wake_config_bool(&config, WAKE_SETTING_MESSAGES))
		return wake_fail(err, WAKE_INVALID,
		    "the setting runwake.messages is off, so nothing that is said is kept for the agent; set "
		    "it to true");
	if (ret == WAKE_OK)
		ret = wake_redactor_new(&config, &redactor, err);
	while (len > 0 && strchr("\r\n", given[len - 1]))
		len--;
	if (ret == WAKE_OK && strspn(given, " \t\r\n") >= len)
		return wake_fail(err, WAKE_INVALID, "there is nothing to say: the text is empty");
	if (ret == WAKE_OK && len > SAY_MAX)
		return refuse_long(err);
	wake_str_append_bytes(&text, given, len);
	if (ret == WAKE_OK)
		ret = wake_str_check(&text, err);
	if (ret == WAKE_OK)
		ret = store(redactor, text.data, ret_text, err);
	*ret_changed = ret == WAKE_OK && strstr(*ret_text, "[redacted]") && !strstr(text.data, "[redacted]");
	return ret;
}

int wake_say_read(
    struct wake_command_context *context, char **ret_text, bool *ret_changed, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(SAY_MAX + 4096);
	char bytes[4096];
	ssize_t got;

	while ((got = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "cannot read the text from standard input");
		for (ssize_t i = 0; i < got; i++)
			bytes[i] = bytes[i] ? bytes[i] : ' '; /* no store holds a NUL in a text */
		if (text.len > SAY_MAX)
			return refuse_long(err);
		wake_str_append_bytes(&text, bytes, (size_t)got);
	}
	if (wake_str_check(&text, err) != WAKE_OK)
		return err->code;
	return wake_say_text(context, wake_str_text(&text), ret_text, ret_changed, err);
}
