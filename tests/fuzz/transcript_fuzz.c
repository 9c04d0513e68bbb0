/* SPDX-License-Identifier: MIT */
/* Claude Code's transcripts: transcript_checks.h says what must hold of any bytes. */
#include "transcript_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	agent = WAKE_AGENT_CLAUDE;
	return check_transcript(data, size, wake_transcript_claude_read);
}
