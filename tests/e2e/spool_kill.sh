#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A writer and a recorder killed (or refused by the kernel) at each system call that touches the disk: whatever
# call it was, an accepted event is recorded once, a refused one is not, and the next ones go through.
set -u
build=${1:-build/release}
step=$build/tests/e2e/tool_spool_step
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-kill.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
export ASAN_OPTIONS=detect_leaks=0	# it cannot look for leaks while it is traced

calls='/^(write|fsync|fdatasync|ftruncate|rename|renameat|renameat2|link|linkat|unlink|unlinkat|flock|mkdir|mkdirat|fcntl|close)$'
id_before=0198f0c2-0000-7000-8000-000000000001
id_one=0198f0c2-0000-7000-8000-000000000002
id_after=0198f0c2-0000-7000-8000-000000000003
count=0
failed=0
problem=
round=

report() # NAME; fails if problem was set
{
	count=$((count + 1))
	if [ -z "$problem" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1: $problem"
		failed=1
	fi
	problem=
}

note() # TEXT; the first one counts
{
	problem=${problem:-$*}
}

append() # DIR ID [durable]
{
	"$step" append "$1/spool" "$2" "$1/ack-$2" ${3:+"$3"} 2>>"$1/log"
}

drain() # DIR
{
	"$step" drain "$1/spool" "$1/store" 2>>"$1/log"
}

times_recorded() # DIR ID
{
	[ -f "$1/store" ] || { echo 0; return; }
	grep -c "$2" "$1/store"
}

quarantined() # DIR
{
	find "$1/spool/quarantine" -name '*.line' | wc -l
}

# ---- the states that an append may find; each makes DIR/spool -----------------------------------
find_nothing()
{
	:
}

find_events()
{
	append "$1" "$id_before"
}

find_torn_line()
{
	append "$1" "$id_before" && printf '%s' '0badbad0 {"v":1,"half' >>"$1/spool/in/current"
}

find_no_file() # the way by a file of its own
{
	append "$1" "$id_before" && drain "$1" && mkdir "$1/spool/in/current"
}

# Every call of the step as it runs undisturbed: NAME and which of that name, a line each. strace counts each name
# of its own.
calls_of() # DIR COMMAND…
{
	local dir=$1
	shift
	strace -f -o "$dir/trace" -e "trace=$calls" "$@" 2>>"$dir/log"
	sed -n 's/^[0-9]* *\([a-z0-9]*\)(.*/\1/p' "$dir/trace" | awk '{ print $1, ++seen[$1] }'
}

injected() # DIR CALL N INJECTION COMMAND…; the exit code, 137 when killed
{
	local dir=$1 injection=$2:$4:when=$3
	shift 4
	# The shell's word of a killed child is of no interest.
	{ strace -f -o "$dir/trace" -e "trace=$calls" -e "inject=$injection" "$@" 2>>"$dir/log"; } 2>/dev/null
}

# A failing close(2) hinders the loader before the program has begun; a kill there comes after what matters.
is_for() # INJECTION CALL
{
	[ "$1" = signal=KILL ] || [ "$2" != close ]
}

new_round() # FOUND
{
	round=$scratch/round
	rm -rf "$round"
	mkdir "$round"
	"$1" "$round"
}

# ---- appends ------------------------------------------------------------------------------------
judge_append() # FOUND STATUS CALL
{
	local accepted=0 torn=0 recorded
	[ ! -e "$round/ack" ] || accepted=1
	[ "$1" != find_torn_line ] || torn=1
	append "$round" "$id_after" || note "$3: the next append fails"
	drain "$round" || note "$3: the next drain fails: $(tail -n 1 "$round/log")"
	recorded=$(times_recorded "$round" "$id_one")
	[ "$1" = find_nothing ] || [ "$(times_recorded "$round" "$id_before")" = 1 ] || note "$3: an earlier event is lost"
	[ "$(times_recorded "$round" "$id_after")" = 1 ] || note "$3: the next event is lost"
	case $2/$accepted/$recorded in
	0/1/1|1/0/0|137/1/1|137/0/[01])	;;
	*)	note "$3: exit $2, accepted $accepted, recorded $recorded" ;;
	esac
	# What was torn before is set aside once, and nothing else is torn.
	[ "$(quarantined "$round")" = "$torn" ] || note "$3: $(quarantined "$round") lines set aside"
}

try_appends() # NAME FOUND INJECTION [durable]
{
	local call n hits=0 plan
	new_round "$2"
	plan=$(calls_of "$round" "$step" append "$round/spool" "$id_one" "$round/ack" ${4:+"$4"})
	while read -r call n; do
		is_for "$3" "$call" || continue
		new_round "$2"
		injected "$round" "$call" "$n" "$3" "$step" append "$round/spool" "$id_one" "$round/ack" ${4:+"$4"}
		judge_append "$2" "$?" "$call $n"
		hits=$((hits + 1))
	done <<<"$plan"
	[ "$hits" -ge 2 ] || note "only $hits calls"
	report "append, $1: $hits calls"
}

# ---- drains -------------------------------------------------------------------------------------
find_much() # a file of its own, and a bad line between two good ones
{
	append "$1" "$id_before"
	mv "$1/spool/in/current" "$1/spool/in/own"
	append "$1" "$id_one"
	printf '%s\n' 'no event at all' >>"$1/spool/in/current"
	append "$1" "$id_after"
}

judge_drain() # CALL
{
	local id
	drain "$round" || note "$1: the next drain fails: $(tail -n 1 "$round/log")"
	for id in "$id_before" "$id_one" "$id_after"; do
		[ "$(times_recorded "$round" "$id")" = 1 ] || note "$1: $id is recorded $(times_recorded "$round" "$id") times"
	done
	[ "$(quarantined "$round")" = 1 ] || note "$1: $(quarantined "$round") lines set aside"
	[ -z "$(find "$round/spool/work" "$round/spool/in" -type f)" ] || note "$1: something is left in the spool"
}

try_drains() # NAME INJECTION
{
	local call n hits=0 plan
	new_round find_much
	plan=$(calls_of "$round" "$step" drain "$round/spool" "$round/store")
	while read -r call n; do
		is_for "$2" "$call" || continue
		new_round find_much
		injected "$round" "$call" "$n" "$2" "$step" drain "$round/spool" "$round/store"
		judge_drain "$call $n"
		hits=$((hits + 1))
	done <<<"$plan"
	[ "$hits" -ge 10 ] || note "only $hits calls"
	report "drain, $1: $hits calls"
}

if ! strace -o /dev/null true 2>/dev/null; then
	echo "ok 1 - killed at each call # SKIP strace is missing or not permitted"
	echo "1..1"
	exit 0
fi

for found in find_nothing find_events find_torn_line find_no_file; do
	name=${found#find_}
	name=${name//_/ }
	try_appends "killed, finds $name" "$found" signal=KILL
	try_appends "killed, durable, finds $name" "$found" signal=KILL durable
	try_appends "ENOSPC, durable, finds $name" "$found" error=ENOSPC durable
done
try_drains "killed" signal=KILL
try_drains "EIO" error=EIO
try_drains "ENOSPC" error=ENOSPC

echo "1..$count"
exit "$failed"
