/* SPDX-License-Identifier: MIT */
/* Where requests go. */
#include "remote/service.h"

#include <stdlib.h>
#include <string.h>

#include "agent/remote_pace.h"
#include "agent/remote_url.h"
#include "agent/scan.h"
#include "base/fs.h"
#include "base/text.h"

#define REFRESH_AFTER (30 * WAKE_SECOND)
#define DETAIL_MAX 200 /* bytes of a service's own words */

/* We lie in PREFIX/libexec/runwake, runwake in PREFIX/bin. */
static int find_program(char **ret_program, struct wake_error *err)
{
	wake_auto_free char *self = NULL;
	int ret = wake_fs_resolve("/proc/self/exe", &self, err);

	for (int up = 0; ret == WAKE_OK && up < 3; up++) {
		char *slash = strrchr(self, '/');

		if (!slash)
			return wake_fail(
			    err, WAKE_UNAVAILABLE, "this program lies where no runwake can lie beside it");
		*slash = '\0';
	}
	return ret == WAKE_OK ? wake_fs_join(self, "bin/runwake", ret_program, err) : ret;
}

int wake_remote_place_find(struct wake_remote_place *place, struct wake_error *err)
{
	int ret = wake_paths_find(&place->paths, err);

	if (ret == WAKE_OK)
		ret = wake_config_load(place->paths.config, &place->config, err);
	if (ret == WAKE_OK)
		ret = wake_redactor_new(&place->config, &place->redactor, err);
	if (ret < 0)
		return ret;
	wake_config_host(&place->config, place->host);
	place->read_at = wake_clock_monotonic();
	return find_program(&place->program, err);
}

void wake_remote_place_refresh(struct wake_remote_place *place, bool now)
{
	struct wake_config config;
	struct wake_redactor *redactor;
	struct wake_error ignored;

	if (!now && wake_clock_monotonic() - place->read_at < REFRESH_AFTER)
		return;
	place->read_at = wake_clock_monotonic();
	if (wake_config_load(place->paths.config, &config, &ignored) < 0)
		return;
	if (wake_redactor_new(&config, &redactor, &ignored) < 0) {
		wake_config_release(&config);
		return;
	}
	wake_config_release(&place->config);
	wake_redactor_free(place->redactor);
	place->config = config;
	place->redactor = redactor;
	wake_config_host(&place->config, place->host);
}

void wake_remote_place_release(struct wake_remote_place *place)
{
	wake_paths_release(&place->paths);
	wake_config_release(&place->config);
	wake_redactor_free(place->redactor);
	free(place->program);
}

/* NULL where the settings have no remote of that name at that place any more. */
static const struct wake_config_remote *find_remote(
    const struct wake_remote_place *place, const struct wake_remote_entry *entry)
{
	const char *name = wake_remote_entry_text(entry, "remote"),
	           *url = wake_remote_entry_text(entry, "url");
	const struct wake_config_remote *remote = name ? wake_config_remote(&place->config, name) : NULL;
	wake_auto_free char *base = NULL;
	struct wake_error ignored;

	if (!remote || !remote->url ||
	    wake_remote_url_read(remote->url, remote->is_plain, &base, &ignored) < 0)
		return NULL;
	return strcmp(base, url) == 0 ? remote : NULL;
}

int64_t wake_remote_patience(const struct wake_remote_place *place, const struct wake_remote_entry *entry)
{
	const struct wake_config_remote *remote = find_remote(place, entry);

	return (remote && remote->patience > 0 ? remote->patience : WAKE_REMOTE_PATIENCE) * WAKE_SECOND;
}

int wake_remote_ask(const struct wake_remote_place *place, const struct wake_remote_entry *entry,
    const char *path, const char *body, size_t body_len, void *context, struct wake_exchange *exchange,
    struct wake_error *err)
{
	const struct wake_config_remote *remote = find_remote(place, entry);
	bool is_plain = remote ? remote->is_plain : wake_json_true(entry->json, "plain");
	struct wake_exchange_spec spec = { .body = body,
		.body_len = body_len,
		.key_file = remote ? remote->key_file : wake_remote_entry_text(entry, "key_file"),
		.ca_file = remote ? remote->ca_file : wake_remote_entry_text(entry, "ca_file") };
	wake_auto_free char *base = NULL;
	wake_auto_free char *url = NULL;
	int ret = wake_remote_url_read(wake_remote_entry_text(entry, "url"), is_plain, &base, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(&url, err, "%s/%s", base, path);
	spec.url = url;
	return ret == WAKE_OK ? wake_exchange_begin(&spec, context, exchange, err) : ret;
}

void wake_remote_path_start(struct wake_str *out, const struct wake_remote_entry *entry)
{
	wake_str_append(out, "run/");
	wake_remote_url_append_segment(out, wake_remote_entry_text(entry, "workflow"));
	wake_str_appendf(out, "?persistent=%s", wake_json_true(entry->json, "persistent") ? "true" : "false");
}

void wake_remote_path_run(struct wake_str *out, const struct wake_remote_entry *entry, const char *action)
{
	wake_str_append(out, "run/");
	wake_remote_url_append_segment(out, wake_remote_entry_text(entry, "run_id"));
	wake_str_appendf(out, "/%s", action);
}

void wake_remote_path_list(struct wake_str *out, const struct wake_remote_entry *entry)
{
	wake_str_append(out, "runs?page=1&page_size=100&sort_by=started_at&sort_order=desc&workflow_name=");
	wake_remote_url_append_segment(out, wake_remote_entry_text(entry, "workflow"));
}

/* FastAPI's {"detail": "…"}, and what others call it. */
static void read_detail(const struct wake_str *body, char *buffer, size_t size)
{
	static const char *const names[] = { "detail", "error", "message" };
	const char *text = wake_str_text(body);
	size_t len = body->len;
	struct wake_scan whole, views[WAKE_COUNT(names)];

	*buffer = '\0';
	if (!wake_scan_take(&text, &len, &whole) || !wake_scan_pick(whole, names, WAKE_COUNT(names), views))
		return;
	for (size_t i = 0; i < WAKE_COUNT(names) && !*buffer; i++) {
		if (views[i].at)
			(void)wake_scan_copy(views[i], buffer, size);
	}
}

void wake_remote_describe(
    const struct wake_exchange_answer *answer, const struct wake_str *body, char *ret_text, size_t size)
{
	static const struct {
		long status;
		const char *meaning;
	} meanings[] = { { 401, "the service does not take the key" },
		{ 403, "the service does not allow it" }, { 404, "the service does not know it" },
		{ 409, "it is running already" }, { 429, "the service asks to wait" } };
	char detail[DETAIL_MAX];
	wake_auto_str struct wake_str shown = WAKE_STR(8 * DETAIL_MAX);
	const char *meaning = answer->status >= 500  ? "the service has failed"
	                      : answer->status < 400 ? "the service sends us elsewhere; that is not followed"
	                                             : "the service refuses it";

	if (answer->status == 0) {
		(void)snprintf(ret_text, size, "%s", answer->problem);
		return;
	}
	for (size_t i = 0; i < WAKE_COUNT(meanings); i++)
		meaning = meanings[i].status == answer->status ? meanings[i].meaning : meaning;
	read_detail(body, detail, sizeof(detail));
	wake_text_append_shown(&shown, detail, strlen(detail), false);
	(void)snprintf(ret_text, size, "HTTP %ld: %s%s%s", answer->status, meaning, *detail ? ": " : "",
	    wake_str_text(&shown));
}
