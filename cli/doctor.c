/* SPDX-License-Identifier: MIT */
/* Collecting and showing findings. */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/print.h"

#define TEXT_MAX ((size_t)1024 * 1024) /* bytes of one finding */

static const char *const state_words[] = { "ok", "note", "broken" };

static void finding_release(struct wake_finding *finding)
{
	free(finding->subject);
	free(finding->text);
	free(finding->mend);
}

static int fill(struct wake_finding *finding, const char *subject, const char *mend, struct wake_str *text,
    struct wake_error *err)
{
	int ret = wake_str_copy(subject ? subject : "", &finding->subject, err);

	if (ret == WAKE_OK)
		ret = wake_str_copy(mend ? mend : "", &finding->mend, err);
	return ret < 0 ? ret : wake_str_steal(text, &finding->text, err);
}

int wake_findings_add(struct wake_findings *findings, enum wake_finding_state state, const char *topic,
    const char *subject, const char *mend, struct wake_error *err, const char *fmt, ...)
{
	wake_auto_str struct wake_str text = WAKE_STR(TEXT_MAX);
	struct wake_finding finding = { .state = state, .topic = topic };
	struct wake_finding *items = realloc(findings->items, (findings->count + 1) * sizeof(*items));
	va_list args;
	int ret;

	if (!items)
		return wake_fail_nomem(err);
	findings->items = items;
	va_start(args, fmt);
	wake_str_vappendf(&text, fmt, args);
	va_end(args);
	ret = fill(&finding, subject, mend, &text, err);
	if (ret < 0) {
		finding_release(&finding);
		return ret;
	}
	items[findings->count++] = finding;
	findings->broken += state == WAKE_FINDING_BROKEN;
	return WAKE_OK;
}

void wake_findings_release(struct wake_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_release(&findings->items[i]);
	free(findings->items);
	*findings = (struct wake_findings){ 0 };
}

static void append_finding(struct wake_str *out, const struct wake_finding *finding)
{
	static const enum wake_style styles[] = { WAKE_STYLE_GOOD, WAKE_STYLE_WARN, WAKE_STYLE_BAD };

	wake_print_append(out, styles[finding->state], state_words[finding->state]);
	wake_str_appendf(out, "%*s%-9s", 8 - (int)strlen(state_words[finding->state]), "", finding->topic);
	if (finding->subject[0]) {
		wake_print_append(out, WAKE_STYLE_PLAIN, finding->subject);
		wake_str_append(out, ": ");
	}
	wake_print_append(out, WAKE_STYLE_PLAIN, finding->text);
	if (finding->mend[0]) {
		wake_str_append(out, "\n                 mend: ");
		wake_print_append(out, WAKE_STYLE_PLAIN, finding->mend);
	}
	wake_str_append_char(out, '\n');
}

void wake_findings_append(const struct wake_findings *findings, struct wake_str *out)
{
	for (size_t i = 0; i < findings->count; i++)
		append_finding(out, &findings->items[i]);
	if (findings->broken == 0)
		wake_str_append(out, "nothing is broken\n");
	else
		wake_str_appendf(out, "%zu broken\n", findings->broken);
}

/* Paths may be any bytes; JSON takes text. */
static json_t *stored(const char *bytes)
{
	wake_auto_str struct wake_str text = WAKE_STR(4 * TEXT_MAX);

	wake_text_append_stored(&text, bytes, strlen(bytes), TEXT_MAX);
	return text.failed ? NULL : json_string(wake_str_text(&text));
}

json_t *wake_findings_json(const struct wake_findings *findings)
{
	wake_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < findings->count; i++) {
		const struct wake_finding *finding = &findings->items[i];
		json_t *item = json_pack("{s:s, s:s, s:o, s:o, s:o}", "state", state_words[finding->state],
		    "topic", finding->topic, "subject", stored(finding->subject), "text",
		    stored(finding->text), "mend", stored(finding->mend));

		if (json_array_append_new(list, item) < 0)
			return NULL;
	}
	return json_pack(
	    "{s:i, s:I, s:O}", "schema_version", 1, "broken", (json_int_t)findings->broken, "findings", list);
}
