/* SPDX-License-Identifier: MIT */
/* What a person says, on its way into the record. */
#ifndef WAKE_SAY_TEXT_H
#define WAKE_SAY_TEXT_H

#include "cli/command.h"

/* A text as the record has it: redacted, storable, without newlines at its end. WAKE_INVALID: it is empty or
 * too long, or texts are not recorded here. ret_text: owned: free(3). ret_changed: a secret was taken out of
 * it. */
int wake_say_text(struct wake_command_context *context, const char *given, char **ret_text, bool *ret_changed,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The same of standard input. */
int wake_say_read(struct wake_command_context *context, char **ret_text, bool *ret_changed,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
