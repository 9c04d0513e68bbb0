/* SPDX-License-Identifier: MIT */
/* {…,"sum":"01234567"}, spaces up to the file's size. The sum is the CRC-32 of what stands before its member.
 */
#include "event/agent_session_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "event/event_types.h"
#include "event/spool_parts.h"

#define ENTRY_VERSION 1
#define ORDINAL_MAX 1000000
#define SUM_FORMAT ",\"sum\":\"%08" PRIx32 "\"}"
#define SUM_SIZE 18 /* bytes: ,"sum":"01234567"} */

static const char *const turns[] = { [WAKE_TURN_NONE] = "none",
	[WAKE_TURN_PROMPTED] = "prompted",
	[WAKE_TURN_ANSWERED] = "answered",
	[WAKE_TURN_FAILED] = "failed" };

struct wake_active wake_agent_session_process(const struct wake_agent_session *session)
{
	struct wake_active active = {
		.pid = session->pid, .pid_start = session->pid_start, .pid_namespace = session->pid_namespace
	};

	memcpy(active.boot_id, session->boot_id, sizeof(active.boot_id));
	memcpy(active.host, session->host, sizeof(active.host));
	return active;
}

static int set_time(json_t *object, const char *key, int64_t at, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	if (at == 0)
		return WAKE_OK;
	wake_time_format(at, text);
	return wake_json_set_string(object, key, text, err);
}

static int describe(json_t *object, const struct wake_agent_session *session, struct wake_error *err)
{
	struct wake_active process = wake_agent_session_process(session);
	int ret = wake_json_set_int(object, "version", ENTRY_VERSION, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "agent", session->agent, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "session", session->session, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "run_id", session->run_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "ordinal", session->ordinal, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(object, "joined", session->is_joined, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "turn", turns[session->turn], err);
	if (ret == WAKE_OK)
		ret = set_time(object, "begun_at", session->begun_at, err);
	if (ret == WAKE_OK)
		ret = set_time(object, "ended_at", session->ended_at, err);
	if (ret == WAKE_OK)
		ret = set_time(object, "heartbeat_at", session->heartbeat_at, err);
	return ret == WAKE_OK ? wake_active_format_process(object, &process, err) : ret;
}

/* A path that is no UTF-8, or leaves no room for the rest, is not kept. */
static int add_path(json_t *object, const char *key, const char *path, size_t *room, struct wake_error *err)
{
	size_t size = path ? wake_event_escaped_size(path, strlen(path)) + strlen(key) + 6 : 0;

	if (!path || size > *room || !wake_text_is_utf8(path, strlen(path)))
		return WAKE_OK;
	*room -= size;
	return wake_json_set_string(object, key, path, err);
}

int wake_agent_session_format(
    const struct wake_agent_session *session, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	size_t room;
	int ret = object ? describe(object, session, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_append(out, object, err);
	if (ret < 0)
		return ret;
	if (out->len + SUM_SIZE > WAKE_AGENT_SESSION_SIZE)
		return wake_fail(err, WAKE_INVALID, "an agent's session has too long a name");
	room = WAKE_AGENT_SESSION_SIZE - SUM_SIZE - out->len;
	wake_str_clear(out);
	ret = add_path(object, "transcript", session->transcript, &room, err);
	if (ret == WAKE_OK)
		ret = add_path(object, "directory", session->directory, &room, err);
	if (ret == WAKE_OK)
		ret = wake_json_append(out, object, err);
	if (ret < 0)
		return ret;
	out->len--; /* its closing bracket comes behind the sum */
	wake_str_appendf(out, SUM_FORMAT, wake_spool_crc(out->data, out->len));
	while (!out->failed && out->len < WAKE_AGENT_SESSION_SIZE - 1)
		wake_str_append_char(out, ' ');
	wake_str_append_char(out, '\n');
	return wake_str_check(out, err);
}

/* Written in place, so a reader may meet half of it: the sum tells. */
static bool is_whole(const char *text, size_t len, size_t *ret_len)
{
	char sum[SUM_SIZE + 1];

	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n'))
		len--;
	if (len < SUM_SIZE)
		return false;
	(void)snprintf(sum, sizeof(sum), SUM_FORMAT, wake_spool_crc(text, len - SUM_SIZE));
	*ret_len = len;
	return memcmp(text + len - SUM_SIZE, sum, SUM_SIZE) == 0;
}

static int read_time(const json_t *object, const char *key, int64_t *ret_at, struct wake_error *err)
{
	const char *text = wake_json_string(object, key);

	return text ? wake_time_parse(text, ret_at, err) : WAKE_OK;
}

static int read_words(const json_t *object, struct wake_agent_session *session, struct wake_error *err)
{
	const char *agent = wake_json_string(object, "agent"), *run_id = wake_json_string(object, "run_id"),
	           *turn = wake_json_string(object, "turn"), *name = wake_json_string(object, "session");
	int64_t ordinal = wake_json_int(object, "ordinal", -1);
	size_t at = 0;

	while (turn && at < WAKE_COUNT(turns) && strcmp(turns[at], turn) != 0)
		at++;
	if (!agent || strlen(agent) >= WAKE_AGENT_NAME_SIZE || !name ||
	    strlen(name) > WAKE_AGENT_SESSION_NAME_MAX || !run_id || !turn || at == WAKE_COUNT(turns) ||
	    ordinal < 0 || ordinal > ORDINAL_MAX)
		return wake_fail(err, WAKE_INVALID, "it is no session's");
	if (wake_run_id_check(run_id, err) < 0)
		return err->code;
	memcpy(session->agent, agent, strlen(agent) + 1);
	memcpy(session->run_id, run_id, strlen(run_id) + 1);
	session->turn = (enum wake_agent_turn)at;
	session->ordinal = (unsigned)ordinal;
	session->is_joined = wake_json_true(object, "joined");
	return wake_str_copy(name, &session->session, err);
}

static int read_process(const json_t *object, struct wake_agent_session *session, struct wake_error *err)
{
	struct wake_active process = { 0 };
	int ret = wake_active_parse_process(object, &process, err);

	session->pid = process.pid;
	session->pid_start = process.pid_start;
	session->pid_namespace = process.pid_namespace;
	memcpy(session->boot_id, process.boot_id, sizeof(session->boot_id));
	memcpy(session->host, process.host, sizeof(session->host));
	return ret;
}

static int read_object(const json_t *object, struct wake_agent_session *session, struct wake_error *err)
{
	const char *transcript, *directory;
	int ret = WAKE_OK;

	if (wake_json_int(object, "version", 0) != ENTRY_VERSION)
		ret = wake_fail(err, WAKE_INVALID, "it is of another version");
	if (ret == WAKE_OK)
		ret = read_words(object, session, err);
	if (ret == WAKE_OK)
		ret = read_time(object, "begun_at", &session->begun_at, err);
	if (ret == WAKE_OK)
		ret = read_time(object, "ended_at", &session->ended_at, err);
	if (ret == WAKE_OK)
		ret = read_time(object, "heartbeat_at", &session->heartbeat_at, err);
	if (ret == WAKE_OK)
		ret = read_process(object, session, err);
	transcript = ret == WAKE_OK ? wake_json_string(object, "transcript") : NULL;
	directory = ret == WAKE_OK ? wake_json_string(object, "directory") : NULL;
	if (transcript)
		ret = wake_str_copy(transcript, &session->transcript, err);
	if (ret == WAKE_OK && directory)
		ret = wake_str_copy(directory, &session->directory, err);
	return ret;
}

int wake_agent_session_parse(
    const char *text, size_t len, struct wake_agent_session *ret_session, struct wake_error *err)
{
	wake_auto_agent_session struct wake_agent_session session = { 0 };
	wake_auto_json json_t *object = NULL;
	int ret = is_whole(text, len, &len) ? wake_json_parse(text, len, &object, err)
	                                    : wake_fail(err, WAKE_INVALID, "it is torn");

	if (ret == WAKE_OK)
		ret = read_object(object, &session, err);
	if (ret == WAKE_OK) {
		*ret_session = session;
		session = (struct wake_agent_session){ 0 }; /* the caller's now */
	}
	return ret;
}
