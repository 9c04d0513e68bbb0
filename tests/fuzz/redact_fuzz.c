/* SPDX-License-Identifier: MIT */
/* Any bytes as a text: what is taken out is replaced by one word, so what comes out is bounded, and a literal that a
 * person named is nowhere in it. */
#include "event/redact.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char settings[] = "[runwake]\nredact = Blue x*y?z\n";
	static struct wake_redactor *redactor;
	wake_auto_str struct wake_str out = WAKE_STR(64u << 20);
	struct wake_config config;
	struct wake_error err;

	if (!redactor) {
		if (wake_config_parse(settings, strlen(settings), &config, &err) != WAKE_OK ||
		    wake_redactor_new(&config, &redactor, &err) != WAKE_OK)
			__builtin_trap();
		wake_config_release(&config);
	}
	if (wake_redact_append(redactor, size ? (const char *)data : "", size, &out, &err) != WAKE_OK)
		__builtin_trap();
	if (out.len > size * 11 || (size > 0 && out.len == 0))
		__builtin_trap();
	if (out.len && memmem(out.data, out.len, "Blue", 4))
		__builtin_trap();
	return 0;
}
