#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same three runs, recorded into PostgreSQL. Tells itself where no server is installed.
export RUNWAKE_TEST_STORE=postgres
exec bash "$(dirname "$0")/show_three_runs.sh" "$@"
