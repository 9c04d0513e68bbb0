/* SPDX-License-Identifier: MIT */
/* A push that is about to be tried: remote, refs, and the run that is at work. */
#include "hooks/push.h"

#include <string.h>

#include "base/text.h"
#include "event/marker.h"

struct span {
	const char *text;
	size_t len;
};

/* Cuts the last word off a line. Read from the right, since LOCAL_REF is as typed: "HEAD@{1 day ago}". */
static struct span cut_last(struct span *line)
{
	const char *space = memrchr(line->text, ' ', line->len);
	struct span last = *line;

	if (!space) {
		line->len = 0;
		return last;
	}
	last = (struct span){ space + 1, line->len - (size_t)(space - line->text) - 1 };
	line->len -= last.len + 1;
	return last;
}

static int set_text(json_t *object, const char *key, struct span span, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_NAME_MAX + 1);

	wake_text_append_stored(&text, span.text, span.len, WAKE_EVENT_NAME_MAX);
	if (wake_str_check(&text, err) < 0)
		return err->code;
	return wake_json_set_string(object, key, wake_str_text(&text), err);
}

static int add_ref(json_t *refs, struct span line, struct wake_error *err)
{
	wake_auto_json json_t *ref = json_object();
	struct span remote = cut_last(&line), remote_ref = cut_last(&line), local = cut_last(&line);
	int ret = ref ? set_text(ref, "local_ref", line, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = set_text(ref, "local", local, err);
	if (ret == WAKE_OK)
		ret = set_text(ref, "remote_ref", remote_ref, err);
	if (ret == WAKE_OK)
		ret = set_text(ref, "remote", remote, err);
	if (ret == WAKE_OK && json_array_append(refs, ref) < 0)
		ret = wake_fail_nomem(err);
	return ret;
}

/* git gives the URL as the name, too, where the remote has no name: neither keeps a password. */
static int set_url(json_t *object, const char *key, const char *url, struct wake_error *err)
{
	wake_auto_str struct wake_str clean = WAKE_STR(WAKE_EVENT_PATH_MAX);

	wake_text_append_url(&clean, url, strlen(url));
	if (wake_str_check(&clean, err) < 0)
		return err->code;
	return wake_event_set_text(object, key, wake_str_text(&clean), WAKE_EVENT_PATH_MAX, err);
}

/* The environment's word first, then the marker's; one that cannot be believed has been told by the
 * observation. */
static int set_run(const struct wake_hook_call *call, json_t *base, struct wake_error *err)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct wake_error ignored = { 0 };
	const char *run_id = call->run_id;

	if (!run_id && call->worktree.root &&
	    wake_marker_find(call->worktree.root, &marker, &ignored) == WAKE_OK)
		run_id = marker.run_id;
	if (!run_id)
		return WAKE_OK;
	if (wake_json_set_string(base, "run_id", run_id, err) < 0)
		return err->code;
	return wake_json_set_string(base, "evidence", call->run_id ? "env" : "marker", err);
}

static int describe(const struct wake_hook_call *call, json_t *base, struct wake_error *err)
{
	int ret = set_url(base, "remote", call->argc > 1 ? call->argv[1] : "", err);

	if (ret == WAKE_OK)
		ret = set_url(base, "url", call->argc > 2 ? call->argv[2] : "", err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(base, "root", call->worktree.root, WAKE_EVENT_PATH_MAX, err);
	return ret < 0 ? ret : set_run(call, base, err);
}

int wake_push_add(const struct wake_hook_call *call, struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *base = json_object();
	wake_auto_json json_t *refs = json_array();
	struct span line = { 0 };
	size_t at = 0;
	int ret = base && refs ? describe(call, base, err) : wake_fail_nomem(err);

	while (ret == WAKE_OK && wake_hook_input_line(&call->input, &at, &line.text, &line.len))
		ret = add_ref(refs, line, err);
	return ret < 0 ? ret
	               : wake_hook_add_list(call, WAKE_EVENT_PUSH_INTENDED, base, "refs", refs, events, err);
}
