/* SPDX-License-Identifier: MIT */
/* Codex's rollouts: transcript_checks.h says what must hold of any bytes. */
#include "transcript_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	agent = WAKE_AGENT_TYPE_CODEX;
	return check_transcript(data, size, wake_transcript_codex_read);
}
