/* SPDX-License-Identifier: MIT */
/* libcurl, kept within bounds. */
#include "remote/exchange.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "agent/remote_url.h"
#include "base/scope.h"
#include "remote/key.h"

#define BODY_MAX ((size_t)8 * 1024 * 1024)
#define HEADERS_MAX ((size_t)64 * 1024)
#define CONNECT_SECONDS 10L
#define WHOLE_SECONDS 30L
#define KEY_HEADER "x-api-key: "

/* ---- memory that may have held a key ---- */

static void wiping_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void *wiping_realloc(void *memory, size_t size)
{
	size_t had = memory ? malloc_usable_size(memory) : 0;
	void *fresh;

	if (memory && size <= had)
		return memory;
	fresh = malloc(size);
	if (fresh && memory) {
		memcpy(fresh, memory, had < size ? had : size);
		wiping_free(memory);
	}
	return fresh;
}

int wake_exchange_prepare(struct wake_error *err)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return wake_fail_errno(err, "turn core dumps off");
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup, calloc) !=
	    CURLE_OK)
		return wake_fail(err, WAKE_UNAVAILABLE, "libcurl does not start");
	return WAKE_OK;
}

/* ---- what comes ---- */

static size_t got_body(char *bytes, size_t size, size_t count, void *context)
{
	struct wake_exchange *exchange = context;

	wake_str_append_bytes(&exchange->body, bytes, size * count);
	exchange->was_cut |= exchange->body.failed;
	return exchange->was_cut ? 0 : size * count;
}

static size_t got_header(char *bytes, size_t size, size_t count, void *context)
{
	struct wake_exchange *exchange = context;

	(void)bytes;
	exchange->header_bytes += size * count;
	exchange->was_cut |= exchange->header_bytes > HEADERS_MAX;
	return exchange->was_cut ? 0 : size * count;
}

/* ---- what goes ---- */

static int add_header(struct wake_exchange *exchange, const char *line, struct wake_error *err)
{
	struct curl_slist *longer = curl_slist_append(exchange->headers, line);

	if (!longer)
		return wake_fail_nomem(err);
	exchange->headers = longer;
	return WAKE_OK;
}

static int add_key(struct wake_exchange *exchange, const char *path, struct wake_error *err)
{
	char line[sizeof(KEY_HEADER) + WAKE_KEY_MAX] = KEY_HEADER;
	int ret = wake_key_read(path, line + strlen(KEY_HEADER), err);

	if (ret == WAKE_OK)
		ret = add_header(exchange, line, err);
	explicit_bzero(line, sizeof(line));
	return ret;
}

static int add_headers(
    struct wake_exchange *exchange, const struct wake_exchange_spec *spec, struct wake_error *err)
{
	int ret = add_header(exchange, "Accept: application/json", err);

	if (ret == WAKE_OK && spec->body)
		ret = add_header(exchange, "Content-Type: application/json", err);
	if (ret == WAKE_OK)
		ret = add_header(exchange, "Expect:", err);
	return ret == WAKE_OK && spec->key_file ? add_key(exchange, spec->key_file, err) : ret;
}

static bool set_bounds(CURL *easy, struct wake_exchange *exchange)
{
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TIMEOUT, WHOLE_SECONDS) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, got_body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, got_header) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->problem) == CURLE_OK;
}

static bool set_request(
    CURL *easy, struct wake_exchange *exchange, const struct wake_exchange_spec *spec, void *context)
{
	bool fine = curl_easy_setopt(easy, CURLOPT_URL, spec->url) == CURLE_OK &&
	            curl_easy_setopt(easy, CURLOPT_PRIVATE, context) == CURLE_OK &&
	            curl_easy_setopt(easy, CURLOPT_USERAGENT, "runwake/" RUNWAKE_VERSION) == CURLE_OK &&
	            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK;

	if (fine && !wake_remote_url_is_https(spec->url))
		fine = curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
	if (fine && spec->ca_file)
		fine = curl_easy_setopt(easy, CURLOPT_CAINFO, spec->ca_file) == CURLE_OK;
	if (fine && spec->body)
		fine = curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
		       curl_easy_setopt(easy, CURLOPT_POSTFIELDS, spec->body) == CURLE_OK &&
		       curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body_len) ==
		           CURLE_OK;
	return fine;
}

int wake_exchange_begin(const struct wake_exchange_spec *spec, void *context, struct wake_exchange *exchange,
    struct wake_error *err)
{
	int ret;

	*exchange = (struct wake_exchange){ .body = WAKE_STR(BODY_MAX) };
	exchange->easy = curl_easy_init();
	if (!exchange->easy)
		return wake_fail_nomem(err);
	ret = add_headers(exchange, spec, err);
	if (ret == WAKE_OK &&
	    (!set_bounds(exchange->easy, exchange) || !set_request(exchange->easy, exchange, spec, context)))
		ret = wake_fail(
		    err, WAKE_UNAVAILABLE, "libcurl does not take the request (7.85 or later is needed)");
	if (ret < 0)
		wake_exchange_release(exchange);
	return ret;
}

/* ---- what it came to ---- */

/* True of a POST only when it is sure that the service cannot have had it. */
static bool may_be_sent(const struct wake_exchange *exchange, CURLcode code)
{
	long sent = 0;

	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return false;
	default:
		(void)curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &sent);
		return sent > 0;
	}
}

void wake_exchange_finish(
    struct wake_exchange *exchange, CURLcode code, struct wake_exchange_answer *ret_answer)
{
	struct wake_exchange_answer answer = { .was_sent = true };
	curl_off_t retry_after = 0;

	if (code == CURLE_OK) {
		(void)curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &answer.status);
		(void)curl_easy_getinfo(exchange->easy, CURLINFO_RETRY_AFTER, &retry_after);
		answer.retry_after = retry_after > 0 ? retry_after : 0;
	} else {
		answer.was_sent = may_be_sent(exchange, code);
		(void)snprintf(answer.problem, sizeof(answer.problem), "%s",
		    exchange->was_cut    ? "the answer is larger than it may be (8 MiB, 64 KiB of headers)"
		    : *exchange->problem ? exchange->problem
		                         : curl_easy_strerror(code));
	}
	*ret_answer = answer;
}

void wake_exchange_release(struct wake_exchange *exchange)
{
	curl_easy_cleanup(exchange->easy);
	curl_slist_free_all(exchange->headers); /* wiped: see wiping_free */
	wake_str_release(&exchange->body);
	exchange->easy = NULL;
	exchange->headers = NULL;
}
