/* SPDX-License-Identifier: MIT */
/* Making the events of an observation. */
#include "event/observe_event.h"

#include <string.h>

#include "event/observe.h"

/* Bytes with a length as storable text; NUL bytes, which no store takes, end them. */
static int set_bytes(json_t *data, const char *key, const char *bytes, size_t len, struct wake_error *err)
{
	size_t most = WAKE_EVENT_NAME_MAX + 1; /* one more than may be: so it is marked as cut */
	size_t kept = len < most ? len : most;
	wake_auto_free char *text = strndup(bytes, kept);

	return text ? wake_event_set_text(data, key, text, WAKE_EVENT_NAME_MAX, err) : wake_fail_nomem(err);
}

static int set_place(json_t *data, const struct wake_observe_scene *scene, struct wake_error *err)
{
	const struct wake_worktree *worktree = scene->worktree;
	int ret = wake_json_set_string(data, "repository_id", scene->identity->repository_id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "worktree_id", scene->identity->worktree_id, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "git_dir", worktree->git_dir, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "common_dir", worktree->common_dir, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "root", worktree->root, WAKE_EVENT_PATH_MAX, err);
	return ret;
}

static int set_line(json_t *data, const struct wake_reflog_line *line, struct wake_error *err)
{
	int ret = wake_json_set_string(data, "old", line->old_hash, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "new", line->new_hash, err);
	if (ret == WAKE_OK)
		ret = set_bytes(data, "name", line->name, line->name_len, err);
	if (ret == WAKE_OK)
		ret = set_bytes(data, "email", line->email, line->email_len, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "time", line->time, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "zone", line->zone, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(
		    data, "kind", wake_reflog_kind(line->message, line->message_len)->name, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "position", (int64_t)line->position, err);
	return ret;
}

static int set_since(json_t *data, const struct wake_observe_scene *scene, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	if (!scene->since)
		return WAKE_OK;
	wake_time_format(scene->since, text);
	return wake_json_set_string(data, "since", text, err);
}

static int set_target(json_t *data, const struct wake_reflog_line *line, struct wake_error *err)
{
	wake_auto_free char *target = wake_reflog_checkout_target(line);

	return wake_event_set_text(data, "to", target, WAKE_EVENT_NAME_MAX, err);
}

/* Takes ownership of data. */
static int add(struct wake_events *events, enum wake_event_type type, const char *id, int64_t at,
    json_t *data, struct wake_error *err)
{
	struct wake_event event = { 0 };
	int ret = wake_event_make(type, id, at, data, &event, err);

	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

int wake_observe_add_moved(struct wake_events *events, const struct wake_observe_scene *scene,
    const struct wake_reflog_line *line, bool is_last, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	const char *head = scene->rebased ? scene->rebased : is_last ? scene->branch : NULL;
	char id[WAKE_ID_SIZE];
	int ret = data ? set_place(data, scene, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = set_line(data, line, err);
	if (ret == WAKE_OK)
		ret = set_target(data, line, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "head", head, WAKE_EVENT_NAME_MAX, err);
	if (ret == WAKE_OK)
		ret = set_since(data, scene, err);
	if (ret < 0)
		return ret;
	wake_reflog_line_id(line, scene->identity->worktree_id, "HEAD", id);
	ret = add(events, WAKE_EVENT_MOVED, id, scene->at, json_incref(data), err);
	if (ret == WAKE_OK)
		memcpy(ret_id, id, WAKE_ID_SIZE);
	return ret;
}

static void implied_id(const struct wake_observe_scene *scene, const struct wake_reflog_line *previous,
    const char *new_hash, char ret_id[WAKE_ID_SIZE])
{
	const char *nonce = scene->identity->worktree_id;
	char name[2 * WAKE_ID_SIZE + sizeof("implied") + WAKE_HASH_SIZE];
	char previous_id[WAKE_ID_SIZE];
	size_t len;

	wake_reflog_line_id(previous, nonce, "HEAD", previous_id);
	len = (size_t)snprintf(name, sizeof(name), "%s\n%s\n%s\n%s", nonce, "implied", previous_id, new_hash);
	wake_id_v8(previous->time * 1000, name, len, ret_id);
}

int wake_observe_add_implied(struct wake_events *events, const struct wake_observe_scene *scene,
    const struct wake_reflog_line *previous, const char *new_hash, uint64_t position,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	char id[WAKE_ID_SIZE];
	int ret = data ? set_place(data, scene, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "old", previous->new_hash, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "new", new_hash, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "time", previous->time, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "kind", "implied", err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "position", (int64_t)position, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "implied", true, err);
	if (ret == WAKE_OK)
		ret = set_since(data, scene, err);
	if (ret < 0)
		return ret;
	implied_id(scene, previous, new_hash, id);
	ret = add(events, WAKE_EVENT_MOVED, id, scene->at, json_incref(data), err);
	if (ret == WAKE_OK)
		memcpy(ret_id, id, WAKE_ID_SIZE);
	return ret;
}

int wake_observe_add_gap(struct wake_events *events, const struct wake_observe_scene *scene, const char *last_id,
    const char *last_new, const char *to, bool is_empty, struct wake_error *err)
{
	wake_auto_str struct wake_str name = WAKE_STR(512), detail = WAKE_STR(4096);
	json_t *data = json_pack("{ss ss ss}", "repository_id", scene->identity->repository_id, "worktree_id",
	    scene->identity->worktree_id, "reason", is_empty ? "log-deleted" : "log-expired");
	char id[WAKE_ID_SIZE];
	int ret;

	wake_str_appendf(&name, "gap %s %s", scene->identity->worktree_id, last_id);
	wake_str_appendf(&detail, "what moved HEAD from %s to %s is not known", last_new, *to ? to : "no commit");
	ret = data ? wake_str_check(&name, err) : wake_fail_nomem(err);
	if (ret == WAKE_OK)
		ret = wake_str_check(&detail, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "detail", detail.data, err);
	if (ret < 0) {
		json_decref(data);
		return ret;
	}
	wake_id_v5(name.data, name.len, id);
	return add(events, WAKE_EVENT_GAP, id, scene->at, data, err);
}

int wake_observe_add_ref_moved(struct wake_events *events, const struct wake_observe_scene *scene,
    const char *ref, const struct wake_reflog_line *line, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	const char *nonce = scene->identity->repository_id;
	char id[WAKE_ID_SIZE];
	int ret = data ? wake_json_set_string(data, "repository_id", nonce, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "common_dir", scene->worktree->common_dir, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "ref", ref, WAKE_EVENT_NAME_MAX, err);
	if (ret == WAKE_OK)
		ret = set_line(data, line, err);
	if (ret < 0)
		return ret;
	wake_reflog_line_id(line, nonce, ref, id);
	return add(events, WAKE_EVENT_REF_MOVED, id, scene->at, json_incref(data), err);
}

int wake_observe_evidence_id(const char *movement, const char *kind, const char *run_id,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_free char *name = NULL;
	int ret = wake_str_format(&name, err, "%s\n%s\n%s", movement, kind, run_id);

	/* Beside its movement: the ledger stays in the order of time. */
	if (ret == WAKE_OK)
		wake_id_v8(wake_id_milliseconds(movement), name, strlen(name), ret_id);
	return ret;
}

int wake_observe_add_evidence(struct wake_events *events, const struct wake_observe_scene *scene,
    const char *movement, const char *run_id, const struct wake_marker *marker, bool exact,
    struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	const char *kind = marker ? "marker" : "env";
	char id[WAKE_ID_SIZE];
	int ret = data ? wake_observe_evidence_id(movement, kind, run_id, id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "movement", movement, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "kind", kind, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "run_id", run_id, err);
	if (ret == WAKE_OK && marker && marker->workspace_id[0])
		ret = wake_json_set_string(data, "workspace_id", marker->workspace_id, err);
	if (ret == WAKE_OK && marker)
		ret = wake_event_set_text(data, "marker_dir", marker->directory, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK && exact)
		ret = wake_json_set_bool(data, "exact", true, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_EVIDENCE, id, scene->at, json_incref(data), err) : ret;
}
