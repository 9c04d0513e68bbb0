#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same conversations in PostgreSQL. Tells itself where no server is installed.
export RUNWAKE_TEST_STORE=postgres
exec bash "$(dirname "$0")/chat.sh" "$@"
