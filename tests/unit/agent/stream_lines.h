/* SPDX-License-Identifier: MIT */
/* Streams fed with lines of a test's own. */
#ifndef WAKE_TEST_STREAM_LINES_H
#define WAKE_TEST_STREAM_LINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/stream.h"

static inline struct wake_stream *lines_new(enum wake_stream_source source)
{
	struct wake_stream *stream = NULL;
	struct wake_error err;

	assert_int_equal(wake_stream_new(source, &stream, &err), WAKE_OK);
	return stream;
}

static inline void lines_feed(struct wake_stream *stream, const char *text)
{
	wake_stream_feed(stream, text, strlen(text));
}

#endif
