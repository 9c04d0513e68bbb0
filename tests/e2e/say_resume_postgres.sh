#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What people say, recorded into PostgreSQL. Tells itself where no server is installed.
export RUNWAKE_TEST_STORE=postgres
exec bash "$(dirname "$0")/say_resume.sh" "$@"
