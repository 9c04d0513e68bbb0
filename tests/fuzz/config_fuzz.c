/* SPDX-License-Identifier: MIT */
/* The settings file: whatever stands in it, it is read or refused, never more. */
#include "base/config.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_config struct wake_config config = { 0 };
	struct wake_error err;

	if (wake_config_parse((const char *)data, size, &config, &err) == WAKE_OK) {
		for (enum wake_setting i = 0; i < WAKE_SETTING_COUNT; i++) {
			if (!wake_config_text(&config, i))
				__builtin_trap();
		}
	}
	return 0;
}
