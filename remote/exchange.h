/* SPDX-License-Identifier: MIT */
/* One request and its answer, by libcurl, within bounds: 10 s to connect, 30 s in all, 64 KiB of headers, 8
 * MiB of body; http and https alone; no redirect is followed, since a key must not go to another host; no
 * proxy for plain http, for the same reason. The key is read from its file for each request, and wiped after
 * it. */
#ifndef WAKE_EXCHANGE_H
#define WAKE_EXCHANGE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct wake_exchange_spec {
	const char *url;  /* borrowed for the call */
	const char *body; /* a POST of this JSON; NULL: a GET. Borrowed until the exchange ends */
	size_t body_len;
	const char *key_file, *ca_file; /* NULL: none, and the system's */
};

struct wake_exchange {
	CURL *easy;                 /* owned */
	struct curl_slist *headers; /* owned */
	struct wake_str body;       /* of the answer */
	size_t header_bytes;
	bool was_cut; /* the answer is larger than it may be */
	char problem[CURL_ERROR_SIZE];
};

struct wake_exchange_answer {
	long status;         /* of HTTP; 0: there was no answer */
	int64_t retry_after; /* seconds; 0: not asked for */
	bool was_sent;       /* the service may have had the request */
	char problem[256];   /* why there is no answer; "" */
};

/* Once, before anything else of these: memory that libcurl gives back is wiped, and no core is written of us.
 */
int wake_exchange_prepare(struct wake_error *err) WAKE_MUST_CHECK;

/* ret_exchange->easy is ready for curl_easy_perform(3) or curl_multi_add_handle(3); its private pointer is
 * context. The exchange must not move meanwhile. WAKE_INVALID: the key's file is not as it must be. */
int wake_exchange_begin(const struct wake_exchange_spec *spec, void *context, struct wake_exchange *exchange,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_exchange_finish(
    struct wake_exchange *exchange, CURLcode code, struct wake_exchange_answer *ret_answer);
void wake_exchange_release(struct wake_exchange *exchange);

#define wake_auto_exchange WAKE_CLEANUP(wake_exchange_release)

#endif
