/* SPDX-License-Identifier: MIT */
/* What services answer: any bytes come to facts that make events, or to none. */
#include "agent/remote_run.h"
#include "agent/remote_url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct wake_redactor *the_redactor(void)
{
	static struct wake_redactor *redactor; /* for all inputs */
	const struct wake_config config = { 0 };
	struct wake_error err;

	if (!redactor && wake_redactor_new(&config, &redactor, &err) < 0)
		__builtin_trap();
	return redactor;
}

static void tell(const struct wake_remote_facts *facts)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_remote_verdict verdict;
	char digest[WAKE_ID_SIZE];
	struct wake_error err;
	json_t *report;

	wake_remote_decide(facts, &verdict);
	if (wake_remote_report(facts, the_redactor(), "run", &report, digest, &err) < 0 ||
	    wake_remote_tell_report(report, 1, &events, &err) < 0)
		__builtin_trap();
	if (verdict.state == WAKE_REMOTE_ENDED &&
	    wake_remote_tell_end(facts, &verdict, the_redactor(), "run", true, 2, &events, &err) < 0)
		__builtin_trap();
}

static void read_url(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *base = NULL, *again = NULL;
	struct wake_error err;

	if (!text)
		__builtin_trap();
	/* What was taken once is taken again, and stays what it is. */
	if (wake_remote_url_read(text, false, &base, &err) == WAKE_OK &&
	    (wake_remote_url_read(base, false, &again, &err) < 0 || strcmp(base, again) != 0))
		__builtin_trap();
	free(text);
	free(base);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_remote_facts struct wake_remote_facts facts = { 0 };
	char run_id[WAKE_RUN_ID_MAX + 1];
	struct wake_error err;

	if (wake_remote_facts_read((const char *)data, size, &facts, &err) == WAKE_OK)
		tell(&facts);
	(void)!wake_remote_find_asked((const char *)data, size, "fix", "s", size % 2, 1, run_id, &err);
	read_url(data, size);
	return 0;
}
