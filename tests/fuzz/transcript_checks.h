/* SPDX-License-Identifier: MIT */
/* A hostile transcript: whatever is in it, what it tells are valid events, no answer is told twice, a
 * session that is read on tells what it tells when it is read whole, and a subagent's file does no harm. The reader
 * is the fuzzer's. */
#ifndef WAKE_FUZZ_TRANSCRIPT_CHECKS_H
#define WAKE_FUZZ_TRANSCRIPT_CHECKS_H

#include "agent/transcript.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int reader(struct wake_transcript_reading *reading, struct wake_error *err);

static const char *agent;

static void check(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static struct wake_prices *prices;
static struct wake_redactor *redactor;

struct reading_on {
	struct wake_events events;
	unsigned ordinal;
	int64_t output; /* of the last opening */
	size_t answers;
};

static void check_answers(const struct wake_transcript_opening *opening)
{
	for (size_t i = 0; i < opening->answer_count && i < 50; i++) {
		const struct wake_tokens *tokens = &opening->answers[i].tokens;

		check(tokens->input >= 0 && tokens->output >= 0 && tokens->cache_write_5m >= 0 &&
		      tokens->cache_write_1h >= 0);
		check(tokens->output <= WAKE_TRANSCRIPT_TOKENS_MAX && opening->answers[i].model);
		for (size_t n = 0; n < i; n++)
			check(strcmp(opening->answers[i].response, opening->answers[n].response) != 0);
	}
}

static int each(void *context, const struct wake_transcript_opening *opening, struct wake_error *err)
{
	struct reading_on *on = context;
	const struct wake_transcript_telling telling = {
		.agent = agent, .run_id = "run", .session = "session", .prices = prices, .redactor = redactor,
		.is_ended = true
	};
	int ret = wake_transcript_tell(opening, &telling, &on->events, err);

	check(ret == WAKE_OK); /* wake_event_make has looked at each */
	check(opening->ordinal == on->ordinal + 1 && opening->first <= opening->last);
	check_answers(opening);
	on->ordinal = opening->ordinal;
	on->answers = opening->answer_count;
	on->output = opening->has_totals ? opening->totals.output : -1;
	return ret;
}

/* Some answers are another session's. */
static int is_elsewhere(void *context, const char *response, bool *ret_is, struct wake_error *err)
{
	(void)context;
	(void)err;
	*ret_is = response[0] < '4';
	return WAKE_OK;
}

static void put_file(const uint8_t *data, size_t size, char path[64], int *ret_fd)
{
	struct wake_error err;

	*ret_fd = memfd_create("transcript", MFD_CLOEXEC);
	check(*ret_fd >= 0 && wake_fs_write_all(*ret_fd, data, size, &err) == WAKE_OK);
	(void)snprintf(path, 64, "/proc/self/fd/%d", *ret_fd);
}

static inline int check_transcript(const uint8_t *data, size_t size, reader *read)
{
	static const struct wake_config settings;
	size_t half = size / 2;
	char path[64], other[64];
	const char *beside[] = { other };
	wake_auto_close int fd = -1;
	wake_auto_close int other_fd = -1;
	struct reading_on whole = { 0 }, on = { 0 };
	struct wake_transcript_reading reading = { .path = path, .each = each, .context = &whole };
	struct wake_error err;

	check(prices || wake_prices_load(NULL, &prices, &err) == WAKE_OK);
	check(redactor || wake_redactor_new(&settings, &redactor, &err) == WAKE_OK);
	put_file(data, size, path, &fd);
	put_file(data + half, size - half, other, &other_fd);
	check(read(&reading, &err) == WAKE_OK);
	check(reading.end <= (int64_t)size && reading.last.offset <= reading.end &&
	      reading.openings == whole.ordinal);
	if (whole.ordinal > 0) {
		on.ordinal = reading.last.ordinal;
		reading = (struct wake_transcript_reading){
			.path = path, .from = reading.last, .each = each, .context = &on
		};
		check(read(&reading, &err) == WAKE_OK);
		check(
		    on.ordinal == whole.ordinal && on.answers == whole.answers && on.output == whole.output);
	}
	wake_events_release(&on.events);
	on = (struct reading_on){ 0 };
	reading = (struct wake_transcript_reading){ .path = path,
		.beside = beside,
		.beside_count = 1,
		.each = each,
		.is_elsewhere = is_elsewhere,
		.context = &on };
	check(read(&reading, &err) == WAKE_OK);
	wake_events_release(&on.events);
	wake_events_release(&whole.events);
	return 0;
}

#endif
