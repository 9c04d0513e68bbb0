/* SPDX-License-Identifier: MIT */
/* A conversation as text, made of the objects of store/query_chat.h. */
#ifndef WAKE_CHAT_TEXT_H
#define WAKE_CHAT_TEXT_H

#include "base/json.h"
#include "base/str.h"

#define WAKE_CHAT_SHOWN_CHARACTERS 2000 /* of a message that is not shown in full */
#define WAKE_CHAT_SHOWN_LINES 12

/* The session, in a few lines. */
void wake_chat_append_head(struct wake_str *out, const json_t *session);

/* An item of the stream. full: messages as long as they are. Returns whether something of it was left out. */
bool wake_chat_append_item(struct wake_str *out, const json_t *item, bool full);

#endif
