/* SPDX-License-Identifier: MIT */
/* Names that everybody who sees the same thing of an agent gives it: whether a hook, a stream or a
 * transcript tells of it, it is one run, one session, one answer, one message. Each is a version 5 UUID of
 * its parts. */
#ifndef WAKE_RUN_NAME_H
#define WAKE_RUN_NAME_H

#include "base/id.h"
#include "base/error.h"

#define WAKE_AGENT_CLAUDE "claude-code" /* workflow_runs.agent_type */
#define WAKE_AGENT_TYPE_CODEX "codex"
#define WAKE_AGENT_SESSION_MAX 256      /* bytes of an agent's own session id */

/* The run_id of a run that nobody wrapped. session: the agent's own id of it. ordinal: which opening of
 * the session it is, from 1; a session is opened again when it is resumed after its agent had ended
 * (transcript.h says how that is seen). */
void wake_agent_run_id(const char *agent, const char *session, unsigned ordinal, char ret_id[WAKE_ID_SIZE]);

/* sessions.id of the conversation that an agent's session is: all its openings are one. */
void wake_agent_conversation_id(const char *agent, const char *session, char ret_id[WAKE_ID_SIZE]);

/* A usage event's response: one answer of a model, the same in every copy of it. request NULL or "": not
 * told; then an answer is known by its message alone, and is another than one that tells its request. */
void wake_agent_response_id(const char *message, const char *request, char ret_id[WAKE_ID_SIZE]);

/* A said event's message. key: for a prompt the agent's id of the prompt, for what a person let it do,
 * refused or answered the tool use's id, else the line's. */
void wake_agent_message_id(const char *agent, const char *kind, const char *key, char ret_id[WAKE_ID_SIZE]);

#endif
