# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The watcher of a test, and what git says of movements and uncommitted edits beside what the store says of them.
# Sourced after harness.sh.
# The names of files in these tests are plain: no tab, newline or quote is in them.

# ---- its processes ---------------------------------------------------------------------------------
# From the lock file and /proc alone: cheap also where fifty writers keep the machine busy.
watcher_of_test()
{
	local pid
	read -r pid _ 2>/dev/null <"$STATE/watcher/lock" && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = runwake-watcher ] && echo "$pid"
}

recorder_of_watcher()
{
	local pid child
	pid=$(watcher_of_test) || return 1
	for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
		[ "$(cat "/proc/$child/comm" 2>/dev/null)" != runwake ] || echo "$child"
	done
}

launch_watcher()
{
	setsid runwake-watcher >>"$T/watcher.out" 2>&1 &
}

memory_of() # PID
{
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status" 2>/dev/null
}

status_of_watcher() # JQ-FILTER
{
	runwake-watcher --status | jq -r "$1"
}

worktree_status() # ROOT MEMBER
{
	runwake-watcher --status | jq -r --arg root "$1" ".worktrees[] | select(.root == \$root) | .$2"
}

# ---- edits: "ADDED REMOVED PATH", untracked files among them ------------------------------------
edits_of_git() # DIR
{
	{
		git -C "$1" --no-optional-locks diff --numstat -z HEAD | tr '\0' '\n' | awk -F '\t' '
			{ added = $1; removed = $2 }
			NF == 3 && $3 == "" { getline; getline; print added "\t" removed "\t" $0; next }
			NF == 3'
		(cd "$1" && git --no-optional-locks ls-files -z -o --exclude-standard | grep -zv '/$' |
			xargs -0 -r grep -acHZ '' | tr '\0' '\t' | awk -F '\t' '{ print $2 "\t0\t" $1 }')
	} | LC_ALL=C sort
}

# The latest recorded state of a worktree (the last that was at this git directory), with all that it builds on;
# nothing where none is recorded.
edits_in_store() # DIR
{
	local git_dir
	git_dir=$(realpath "$(git -C "$1" rev-parse --absolute-git-dir)")
	in_store_now "
		with recursive chain (id, base_id, files, gone, depth) as (
			select * from (
				select e.id, e.base_id, e.files, e.gone, 0 from workflow_edits e
				where e.worktree_id = (select payload ->> 'worktree_id' from workflow_events
					where type = 'edited' and payload ->> 'git_dir' = '$git_dir' order by at desc limit 1)
				order by e.at desc, e.id desc limit 1)
			union all
			select e.id, e.base_id, e.files, e.gone, chain.depth + 1 from workflow_edits e
			join chain on e.id = chain.base_id),
		entries (depth, path, status, numbers) as materialized (
			select depth, value ->> 'path', value ->> 'status',
				iif(value ->> 'binary' and value ->> 'status' <> '?', '-	-', (value ->> 'added') || '	' || (value ->> 'removed'))
			from chain, json_each(chain.files)),
		latest (path, depth) as materialized (
			select path, min(depth) from (
				select path, depth from entries
				union all
				select value, depth from chain, json_each(chain.gone))
			group by path)
		select numbers || '	' || path from entries join latest using (path, depth)" |
	LC_ALL=C sort
}

edits_are_exact() # DIR: the store has what is in $T/edits.git; what differs stands in $T/edits.diff
{
	edits_in_store "$1" >"$T/edits.store"
	diff -u "$T/edits.git" "$T/edits.store" >"$T/edits.diff"
}

# Nothing changes the worktree meanwhile, so git is asked once: for it to read ten thousand files over and over would keep
# from its work what is waited for.
expect_exact_edits() # SECONDS DIR
{
	edits_of_git "$2" >"$T/edits.git"
	WAIT_STEP=0.1 wait_until "$1" edits_are_exact "$2" || {
		head -n 40 "$T/edits.diff" >&2
		fail "$2: $(grep -c '^-[^-]' "$T/edits.diff") entries of git are not recorded so"
	}
}

# Everything that was seen has been told, recorded and looked at.
watcher_has_caught_up()
{
	spool_is_empty &&
		[ "$(status_of_watcher '[.edit_lag_us, .spool_lag_us, ([.worktrees[] | select(.phase == "listing" or .phase == "walking")] | length)] | join(" ")')" = "0 0 0" ] &&
		[ "$(in_store_now 'select count(*) from workflow_edit_hints where done = 0')" -eq 0 ] && spool_is_empty
}

# ---- movements: "OLD NEW TIME ZONE" ---------------------------------------------------------------
movements_of_log() # FILE [LINES-THAT-ARE-NOT-OURS]
{
	tail -n +$((${2:-0} + 1)) "$1" |
		sed -E 's/^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) .*> ([0-9]+) ([-+][0-9]{4})(\t.*)?$/\1 \2 \3 \4/' | LC_ALL=C sort
}

movements_in_store() # GITDIR; of the worktrees that ever had it
{
	in_store_now "select old_hash || ' ' || new_hash || ' ' || line_time || ' ' || line_zone from workflow_movements
		where git_dir = '$1' and implied = 0" | LC_ALL=C sort
}
