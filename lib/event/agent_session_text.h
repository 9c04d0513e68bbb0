/* SPDX-License-Identifier: MIT */
/* An entry's text. Inner to the module. */
#ifndef WAKE_AGENT_SESSION_TEXT_H
#define WAKE_AGENT_SESSION_TEXT_H

#include "event/agent_session.h"

#define WAKE_AGENT_SESSION_NAME_MAX 256 /* bytes of an agent's own session id */

/* Exactly WAKE_AGENT_SESSION_SIZE bytes; a path that does not fit beside the rest is left out. */
int wake_agent_session_format(
    const struct wake_agent_session *session, struct wake_str *out, struct wake_error *err) WAKE_MUST_CHECK;

/* WAKE_INVALID: torn, or none of ours. owned: wake_agent_session_release. */
int wake_agent_session_parse(const char *text, size_t len, struct wake_agent_session *ret_session,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
