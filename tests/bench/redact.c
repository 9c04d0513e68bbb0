/* SPDX-License-Identifier: MIT */
/* Megabytes a second of processor time that wake_redact_append passes, of the files given, joined: redact FILE… */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/fs.h"
#include "event/redact.h"

#define ROUNDS 9

int main(int argc, char **argv)
{
	wake_auto_str struct wake_str text = WAKE_STR(256u << 20), out = WAKE_STR(512u << 20);
	wake_auto_redactor struct wake_redactor *redactor = NULL;
	wake_auto_config struct wake_config config = { 0 };
	int64_t best = INT64_MAX;
	struct wake_error err;

	for (int i = 1; i < argc; i++) {
		wake_auto_free char *data = NULL;
		size_t len;

		if (wake_fs_read(argv[i], 64u << 20, WAKE_FS_PLAIN, &data, &len, &err) == WAKE_OK)
			wake_str_append_bytes(&text, data, len);
	}
	if (wake_redactor_new(&config, &redactor, &err) != WAKE_OK || wake_str_check(&text, &err) != WAKE_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (int round = 0; round < ROUNDS; round++) {
		int64_t began = (int64_t)clock() * 1000000 / CLOCKS_PER_SEC, took;

		wake_str_clear(&out);
		if (wake_redact_append(redactor, wake_str_text(&text), text.len, &out, &err) != WAKE_OK)
			return 1;
		took = (int64_t)clock() * 1000000 / CLOCKS_PER_SEC - began;
		best = took < best ? took : best;
	}
	printf("redacted %zu bytes at %.0f MB/s (budget: 200)\n", text.len, (double)text.len / (double)best);
	return (double)text.len / (double)best < 200;
}
