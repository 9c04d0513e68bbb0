#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The rooms and habits that CONTRIBUTING.md tells of, as far as a script can see them.
# shellcheck source=tests/lint/tap.bash
. "$(dirname "$0")/tap.bash"

mapfile -t sources < <(tree_files '*.c' '*.h')
mapfile -t scripts < <(tree_files '*.sh' '*.bash')

includes_from() # ROOM-DIR EXTENDED-REGEX-OF-FORBIDDEN-INCLUDES
{
	grep -nE "^#[ ]*include[ ]*[\"<]($2)" -r "$1" --include='*.c' --include='*.h'
}

included_only_in() # EXTENDED-REGEX-OF-HEADERS ROOM-DIR
{
	grep -nE "^#[ ]*include[ ]*[\"<]($1)" "${sources[@]}" | grep -vE "^($2|tests/)"
}

banned_calls()
{
	grep -nE '(^|[^A-Za-z0-9_>.])(strcpy|strcat|sprintf|vsprintf|gets|system|popen|strtok|gmtime|localtime|tmpnam|mktemp|alloca)\(' \
	    "${sources[@]}"
}

first_line_is_spdx()
{
	local file
	for file in "${sources[@]}"; do
		head -n 1 "$file" | grep -qx '/\* SPDX-License-Identifier: MIT \*/' || echo "$file"
	done
	for file in "${scripts[@]}" .ci/run; do
		head -n 3 "$file" | grep -qx '# SPDX-License-Identifier: MIT' || echo "$file"
	done
}

unfinished_work()
{
	# Spelled apart, so that this line is not found by itself.
	grep -nE '\b(TO''DO|FIX''ME|XX''X|HA''CK)\b|^#[ ]*if 0' "${sources[@]}" "${scripts[@]}"
}

waits_by_the_clock()
{
	grep -nE '(^|[^A-Za-z_-])(sle''ep|usle''ep|nanosle''ep)([ (]|$)' -r tests --include='*.c' --include='*.h' --include='*.sh' --include='*.bash'
}

sql_in_printf()
{
	grep -niE 's?n?printf\([^;]*"[^"]*(select |insert into|update [a-z_]+ set|delete from)' -r "${PROGRAM_ROOMS[@]}" --include='*.c'
}

path_max_members()
{
	grep -nw 'PATH_MAX' -r "${PROGRAM_ROOMS[@]}" --include='*.c' --include='*.h'
}

# One thread, one loop: whoever waits for a lock or for a program's end would stop everything that is watched.
blocks_the_watcher()
{
	grep -nE '(^|[^A-Za-z0-9_])(pthread_create|F_OFD_SETLKW|LOCK_EX|wake_process_run)([^A-Za-z0-9_]|$)' watcher/*.c
}

# A function's body runs from a brace in the first column to the next.
too_long() # LINES-OF-A-FUNCTION LINES-OF-A-FILE DIR…
{
	local most=$1 whole=$2
	shift 2
	find "$@" \( -name '*.c' -o -name '*.h' \) -exec awk -v most="$most" -v whole="$whole" '
	FNR == 1		{ if (file && lines > whole) print file ": " lines " lines"; file = FILENAME; open = 0 }
				{ lines = FNR }
	/^\{/			{ open = FNR }
	/^\}/ && open		{ if (FNR - open - 1 > most) print FILENAME ":" open ": a function of " FNR - open - 1 " lines"; open = 0 }
	END			{ if (lines > whole) print file ": " lines " lines" }' {} +
}

too_wide() # COLUMNS, a tab counting eight
{
	expand_and_measure='{ gsub(/\t/, "        "); if (length($0) > most) print FILENAME ":" FNR ": " length($0) " columns" }'
	find "${PROGRAM_ROOMS[@]}" \( -name '*.c' -o -name '*.h' \) -exec awk -v most="$1" "$expand_and_measure" {} +
}

lint "libgit2 is included in lib/git alone" included_only_in 'git2' 'lib/git/'
lint "the databases are included in lib/store alone" included_only_in 'sqlite3\.h|libpq' 'lib/store/'
lint "libcurl is included in remote alone" included_only_in 'curl/' 'remote/'
lint "lib/base leans on no other room" includes_from lib/base '(event|git|store|agent|cli|hooks|watcher)/'
lint "lib/event leans on lib/base alone" includes_from lib/event '(git|store|agent|cli|hooks|watcher)/'
lint "lib/git leans on lib/event and lib/base alone" includes_from lib/git '(store|agent|cli|hooks|watcher)/'
lint "lib/agent leans on lib/event and lib/base alone" includes_from lib/agent '(git|store|cli|hooks|watcher)/'
lint "lib/store does not lean on lib/agent or programs" includes_from lib/store '(agent|cli|hooks|watcher)/'
lint "hooks lean on lib/agent, lib/event and lib/base alone" includes_from hooks '(git|store|cli|watcher)/'
lint "the watcher leans on lib/event and lib/base alone" includes_from watcher '(git|store|agent|cli|hooks)/'
lint "runwake-remote leans on lib/agent, lib/event and lib/base alone" includes_from remote '(git|store|cli|hooks|watcher)/'
lint "nobody but itself leans on runwake-remote" includes_from cli 'remote/'
lint "commands ask the watcher through its socket, not its headers" includes_from cli 'watcher/'
lint "the watcher waits for nothing but its loop" blocks_the_watcher
lint "no banned call" banned_calls
lint "every file says its licence" first_line_is_spdx
lint "nothing is marked as unfinished" unfinished_work
lint "no test waits by the clock" waits_by_the_clock
lint "no SQL is built by printf" sql_in_printf
lint "no path has a fixed room" path_max_members
lint "no function over 80 lines, no file over 600" too_long 80 600 "${PROGRAM_ROOMS[@]}"
lint "no test over 80 lines, no file of tests over 900" too_long 80 900 tests
lint "no line over 120 columns" too_wide 120
end_lint
