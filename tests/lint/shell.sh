#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every shell script passes shellcheck.
# shellcheck source=tests/lint/tap.bash
. "$(dirname "$0")/tap.bash"

last_line_is_main()
{
	# shellcheck disable=SC2016
	# A script cut short by a broken download must do nothing.
	[ "$(tail -n 1 install.sh)" = 'main "$@"' ] || echo 'install.sh does not end with: main "$@"'
}

# What users run is clean to the last hint. In the tests, functions are called by name, which shellcheck takes for
# code that nothing reaches: there it speaks of warnings and errors.
severity_of() # SCRIPT
{
	case $1 in
	tests/*)	echo warning ;;
	*)		echo style ;;
	esac
}

if command -v shellcheck >/dev/null; then
	for script in $(tree_files '*.sh' '*.bash') .ci/run; do
		lint "$script" shellcheck --severity="$(severity_of "$script")" --external-sources "$script"
	done
else
	lint_skip "shell scripts" "shellcheck is not installed"
fi
lint "install.sh runs only when it is whole" last_line_is_main
end_lint
