#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# start and finish: who holds a workspace, what is left where, and what a kill between the steps leaves.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

field() # RUN JQ-PATH
{
	runwake show "$1" --json | jq -r "$2"
}

begins_and_ends()
{
	local id json
	wired_repo "$T/r"
	cd "$T/r"
	id=$(runwake start --workflow implement --task "Add a door" --session house --agent-type claude-code \
		--model some-model --metadata ticket=17 --metadata "why=a b=c")
	expect_match "run id" "$id" '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
	expect_eq "marker's run" "$(jq -r .run_id .runwake)" "$id"
	expect_eq "marker's mode" "$(stat -c %a .runwake)" 600
	expect_eq "git status" "$(git status --porcelain)" ""
	[ -f "$STATE/runs/$id/run.json" ] || fail "no run.json"
	expect_json "while it runs" "$(runwake show "$id" --json)" .run.status running
	commit_file . door "a door" "Add a door"
	runwake finish --status completed --result "A door is there." >"$T/finish.out"
	expect_eq "finish says nothing" "$(cat "$T/finish.out")" ""
	[ ! -e .runwake ] || fail "the marker is still there"
	[ ! -e "$STATE/runs/$id" ] || fail "the run is still active"
	json=$(runwake show "$id" --json)
	expect_json run "$json" .schema_version 1
	expect_json run "$json" '.run | [.workflow_name, .task_input, .session_name, .agent_type, .ai_model, .status, .result]
		| join("|")' "implement|Add a door|house|claude-code|some-model|completed|A door is there."
	expect_json metadata "$json" '.run.metadata | [.ticket, .why] | join("|")' "17|a b=c"
	expect_json hashes "$json" '[.run.initial_commit_hash, .run.final_commit_hash] | join(" ")' \
		"$(git rev-parse HEAD~1) $(git rev-parse HEAD)"
	expect_json diff "$json" '.run | [.git_diff_added_lines, .git_diff_removed_lines, .git_diff_files_changed,
		.own_added_lines] | join(" ")' "1 0 1 1"
	expect_json commits "$json" '.commits | map(.commit_hash + " " + .subject + " " + .evidence) | join(",")' \
		"$(git rev-parse HEAD) Add a door marker"
	expect_json files "$json" '.commits[0].files | map(.path) | join(",")' door
	expect_json author "$json" '.commits[0].author' "Ann Example <ann@example.org>"
	expect_json time "$json" '.run | .created_at <= .started_at and .started_at <= .completed_at' true
	expect_json repository "$json" .run.git_repo "$T/r"
	expect_json pushes "$json" '.pushes | length' 0
}

excludes_its_marker_once()
{
	wired_repo "$T/excluded"
	cd "$T/excluded"
	runwake start >/dev/null
	git add -A
	expect_eq "nothing to commit" "$(git status --porcelain)" ""
	runwake finish
	runwake start >/dev/null
	runwake finish
	expect_eq "lines of ours" "$(grep -c runwake .git/info/exclude)" 1
}

second_start_is_refused_and_replaces_on_demand()
{
	wired_repo "$T/held"
	cd "$T/held"
	runwake start --run-id first >/dev/null
	expect_exit 5 runwake start --run-id second
	expect_match "who holds it" "$(cat "$T/err")" '^runwake: run first holds .*--replace$'
	expect_eq "nothing on stdout" "$(cat "$T/out")" ""
	expect_eq "marker" "$(jq -r .run_id .runwake)" first
	commit_file . a a "of the first"
	runwake start --run-id second --replace >/dev/null
	commit_file . b b "of the second"
	expect_eq "the first" "$(field first '.run.status + " " + .run.error_message')" "killed replaced by run second"
	expect_eq "its commits" "$(field first '.commits | map(.subject) | join(",")')" "of the first"
	expect_eq "the second's" "$(field second '.commits | map(.subject) | join(",")')" "of the second"
	[ ! -e "$STATE/runs/first" ] || fail "the first is still active"
	# What was presumed is outranked by what is reported.
	runwake finish first --status completed --result "was done after all"
	expect_eq "the first's own word" "$(field first '.run.status + " " + .run.result')" "completed was done after all"
	expect_eq "marker" "$(jq -r .run_id .runwake)" second
	runwake finish
	expect_eq "the second" "$(field second .run.status)" completed
}

of_two_at_once_one_wins()
{
	local i won=0 lost=0
	wired_repo "$T/race"
	cd "$T/race"
	for i in 1 2 3 4 5 6; do
		( code=0; runwake start --run-id "racer-$i" >"$T/race.$i" 2>&1 || code=$?; echo "$code" >"$T/race.code.$i" ) &
	done
	wait
	for i in 1 2 3 4 5 6; do
		case $(cat "$T/race.code.$i") in
		0) won=$((won + 1)) ;;
		5) lost=$((lost + 1)) ;;
		esac
	done
	expect_eq "one won, five lost" "$won $lost" "1 5"
	expect_eq "the winner has the marker" "$(grep -lx "$(jq -r .run_id .runwake)" "$T"/race.[0-9])" \
		"$(grep -lx 'racer-[0-9]' "$T"/race.[0-9])"
	expect_eq "one run is recorded" "$(runwake list --status running --json | jq '[.runs[] | select(.run_id | startswith("racer"))] | length')" 1
	runwake finish
}

a_run_id_is_used_once()
{
	wired_repo "$T/once"
	wired_repo "$T/once2"
	cd "$T/once"
	runwake start --run-id once >/dev/null
	cd "$T/once2"
	expect_exit 5 runwake start --run-id once
	expect_match "where" "$(cat "$T/err")" "running already, in '$T/once'"
	runwake finish once
	expect_exit 2 runwake start --run-id once
	expect_match "why" "$(cat "$T/err")" 'has ended; choose another id$'
	[ ! -e .runwake ] || fail "a marker of a run that did not begin"
	runwake start --run-id another >/dev/null # the workspace was given back
	runwake finish
}

ends_once()
{
	wired_repo "$T/ends"
	cd "$T/ends"
	runwake start --run-id ends >/dev/null
	runwake finish --status failed --error "it broke" --exit-code 3
	expect_exit 3 runwake finish
	expect_match "mend" "$(cat "$T/err")" 'no run is active here; .*runwake finish RUN$'
	expect_exit 3 runwake finish ends --status completed
	expect_eq "it stays" "$(field ends '.run | [.status, .error_message, .exit_code] | join(" ")')" "failed it broke 3"
	expect_exit 4 runwake finish nobody
	[ ! -s "$T/out" ] || fail "something on stdout"
}

ends_from_elsewhere()
{
	wired_repo "$T/far"
	(cd "$T/far" && runwake start --run-id far-away-1 >/dev/null && commit_file . x x x)
	cd "$T"
	runwake finish far-away --status completed
	expect_eq "final" "$(field far-away-1 .run.final_commit_hash)" "$(git -C "$T/far" rev-parse HEAD)"
	[ ! -e "$T/far/.runwake" ] || fail "the marker is still there"
	(cd "$T/far" && runwake start >/dev/null && runwake finish @latest)
}

what_comes_after_the_end_is_not_its()
{
	wired_repo "$T/after"
	cd "$T/after"
	commit_file . before x "before"
	runwake start --run-id after >/dev/null
	commit_file . during x "during"
	runwake finish
	commit_file . later x "later"
	runwake record --all
	expect_eq "its commits" "$(field after '.commits | map(.subject) | join(",")')" "during"
}

no_hooks_no_loss()
{
	# In the past: a commit of this very second that is moved to could have been made by that movement.
	GIT_COMMITTER_DATE="2026-01-01T00:00:00Z" new_repo "$T/bare-start"
	cd "$T/bare-start"
	expect_exit 0 runwake start --run-id unwired
	expect_match "how to get hooks" "$(cat "$T/err")" 'runwake install'
	expect_eq "only the id on stdout" "$(cat "$T/out")" unwired
	commit_file . a a one
	git reset -q --hard HEAD~1
	commit_file . b b two
	runwake finish
	expect_eq "commits" "$(field unwired '.commits | map(.subject) | join(",")')" "one,two"
	expect_eq "movements" "$(runwake log unwired --json | jq '.movements | length')" 3
	expect_eq "what was there before is left alone" "$(runwake verify --json . | jq .movements)" 3
}

outside_of_git()
{
	mkdir "$T/plain"
	cd "$T/plain"
	runwake start --run-id plain >/dev/null
	expect_exit 5 runwake start
	[ -f .runwake ] || fail "no marker"
	mkdir sub && cd sub
	runwake finish --status completed
	expect_eq "no git" "$(field plain '.run | [.status, .git_repo, .initial_commit_hash, .git_diff_files_changed] | map(tostring) | join(" ")')" \
		"completed null null 0"
	[ ! -e ../.runwake ] || fail "the marker is still there"
}

in_a_linked_worktree()
{
	wired_repo "$T/main"
	git -C "$T/main" worktree add -q -b topic "$T/linked"
	(cd "$T/main" && runwake start --run-id in-main >/dev/null)
	(cd "$T/linked" && runwake start --run-id in-linked >/dev/null && commit_file . l l "linked" && runwake finish)
	expect_eq "main repository" "$(field in-linked .run.git_repo)" "$T/main"
	expect_eq "branch" "$(field in-linked .run.git_branch)" topic
	expect_eq "workspace" "$(field in-linked .run.workspace_path)" "$T/linked"
	expect_eq "one each" "$(field in-main '.commits | length') $(field in-linked '.commits | length')" "0 1"
	(cd "$T/main" && runwake finish)
}

unborn_and_detached()
{
	git init -q "$T/unborn"
	cd "$T/unborn"
	runwake install . >/dev/null
	runwake start --run-id unborn >/dev/null
	commit_file . a a "the first ever"
	runwake finish
	expect_eq "from nothing" "$(field unborn '.run | [.initial_commit_hash, .git_diff_added_lines] | map(tostring) | join(" ")')" "null 1"
	expect_match "diff of it" "$(runwake diff unborn --stat)" '1 insertion'
	git checkout -q --detach
	runwake start --run-id detached >/dev/null
	runwake finish
	expect_eq "no branch" "$(field detached .run.git_branch)" null
	expect_eq "nothing changed" "$(field detached '.run.initial_commit_hash == .run.final_commit_hash')" true
}

a_copy_ends_nothing()
{
	wired_repo "$T/orig"
	(cd "$T/orig" && runwake start --run-id original >/dev/null)
	cp -a "$T/orig" "$T/copy"
	cd "$T/copy"
	expect_exit 3 runwake finish
	expect_match "why" "$(cat "$T/err")" 'as a copy does'
	runwake start --run-id in-copy >/dev/null
	commit_file . c c "in the copy"
	runwake finish
	expect_eq "the copy's" "$(field in-copy '.commits | map(.subject) | join(",")')" "in the copy"
	expect_eq "the original" "$(field original '.run.status + " " + (.commits | length | tostring)')" "running 0"
	(cd "$T/orig" && runwake finish)
}

marker_gone_or_broken()
{
	wired_repo "$T/cleaned"
	cd "$T/cleaned"
	runwake start --run-id cleaned >/dev/null
	git clean -qfdx
	[ ! -e .runwake ] || rm .runwake
	commit_file . a a "without a marker"
	runwake finish # by the claim
	expect_eq "its commit" "$(field cleaned '.run.status + " " + .commits[0].evidence')" "completed workspace"
	echo '{' >.runwake
	expect_exit 2 runwake finish
	expect_match "mend" "$(cat "$T/err")" 'remove it, or'
	runwake start --run-id mended >/dev/null 2>"$T/err"
	expect_match "told once" "$(cat "$T/err")" 'is not believed'
	expect_eq "marker" "$(jq -r .run_id .runwake)" mended
	runwake finish
	mkdir .runwake
	expect_exit 2 runwake start
	expect_match "mend" "$(cat "$T/err")" 'is a directory'
}

an_orchestrators_own_marker()
{
	wired_repo "$T/orchestrated"
	cd "$T/orchestrated"
	printf '{"version":1,"run_id":"orchestrated-1"}' >.runwake
	commit_file . a a "before it was announced"
	runwake record
	expect_eq "a placeholder" "$(field orchestrated-1 .run.workflow_name)" unknown
	expect_exit 5 runwake start --run-id other
	runwake start --run-id orchestrated-1 --workflow review >/dev/null
	expect_eq "filled in" "$(field orchestrated-1 .run.workflow_name)" review
	runwake finish
	expect_eq "ended" "$(field orchestrated-1 .run.status)" completed
}

a_process_is_recorded_with_its_identity()
{
	wired_repo "$T/pid"
	cd "$T/pid"
	runwake start --run-id with-pid --pid $$ >/dev/null
	expect_eq "pid" "$(field with-pid .run.agent_pid)" $$
	expect_eq "start" "$(field with-pid .run.agent_pid_start)" "$(sed 's/.*) //' "/proc/$$/stat" | cut -d' ' -f20)"
	runwake finish
}

user_and_session()
{
	local session
	wired_repo "$T/user"
	cd "$T/user"
	runwake start --run-id s1 --session shared >/dev/null && runwake finish
	runwake start --run-id s2 --session shared >/dev/null && runwake finish
	session=$(field s1 .run.session_id)
	expect_eq "one session" "$(field s2 .run.session_id)" "$session"
	runwake start --run-id s3 --session-id "$session" >/dev/null && runwake finish
	expect_eq "by id" "$(field s3 .run.session_id)" "$session"
	write_settings '	user = nobody'
	expect_exit 2 runwake start
	expect_match "names the setting" "$(cat "$T/err")" 'runwake.user'
	write_settings '	host = build-box'
	runwake start --run-id s4 >/dev/null && runwake finish
	expect_eq "the machine's name" "$(field s4 .run.host)" "build-box"
	write_settings
}

# Without any watcher: what was there at the start and at the end is told by the two.
what_is_left_uncommitted()
{
	wired_repo "$T/left"
	cd "$T/left"
	runwake start --run-id left >/dev/null
	runwake record # or the end comes so soon that one look serves both
	printf 'one\ntwo\n' >>README
	printf 'three\n' >new-file
	runwake finish --status completed
	expect_eq "on its row" "$(field left '.run | "\(.uncommitted_files_changed) \(.uncommitted_untracked_files) \(.uncommitted_added_lines) \(.uncommitted_removed_lines)"')" "1 1 3 0"
	expect_eq "one state each" "$(in_store "select group_concat(reason, ' ') from (select reason from workflow_edits
		join workflow_runs on workflow_runs.id = workflow_run_id where run_id = 'left' order by at)")" "start finish"
	expect_eq "git status" "$(git status --porcelain)" " M README
?? new-file"
}

the_worktree_is_gone()
{
	local hash
	wired_repo "$T/home-of-it"
	git -C "$T/home-of-it" worktree add -q -b away "$T/away"
	cd "$T/away"
	runwake start --run-id away --workflow fix >/dev/null
	commit_file . work "one line" "Work that outlives its worktree"
	hash=$(git rev-parse HEAD)
	cd "$T/home-of-it"
	git worktree remove --force "$T/away"
	runwake finish away --status completed 2>/dev/null
	expect_eq "final commit" "$(field away .run.final_commit_hash)" "$hash"
	expect_eq "its diff" "$(field away .run.git_diff_added_lines)" 1
}

without_a_store()
{
	wired_repo "$T/storeless"
	cd "$T/storeless"
	runwake record
	wait_until 60 no_recorder_is_left	# one that still has it open has its last pages in the log beside it
	mv "$STATE/runwake.db" "$T/db"
	rm -f "$STATE/runwake.db"-*
	echo "no database" >"$STATE/runwake.db"
	runwake start --run-id storeless >/dev/null 2>&1
	commit_file . a a "told to the spool"
	expect_exit 0 runwake finish --status completed
	expect_match "said once" "$(cat "$T/err")" 'will be recorded later$'
	expect_eq "in one line" "$(wc -l <"$T/err")" 1
	expect_exit 6 runwake list
	wait_until 60 no_recorder_is_left
	rm "$STATE/runwake.db"
	mv "$T/db" "$STATE/runwake.db"
	expect_eq "nothing is lost" "$(field storeless '.run.status + " " + .commits[0].subject')" "completed told to the spool"
}

# At each of these calls of start in turn the process is killed; then another start must work, by --replace at worst.
killed_anywhere()
{
	local call n id
	needs strace
	strace -o "$T/probe" true 2>/dev/null || skip "strace may not trace here"
	wired_repo "$T/killed"
	cd "$T/killed"
	for call in write rename link fdatasync; do
		for n in 1 2 3 4 5; do
			id=killed-$call-$n
			strace -o /dev/null -e "inject=$call:signal=KILL:when=$n" runwake start --run-id "$id" >/dev/null 2>&1 || :
			if [ -e .runwake ]; then # a marker means an announced run
				expect_eq "$id's marker" "$(field "$(jq -r .run_id .runwake)" .run.workflow_name)" unknown
				runwake record
				[ "$(in_store "select start_event_id is not null from workflow_runs where run_id = '$(jq -r .run_id .runwake)'")" = 1 ] ||
					fail "$id: a marker of a run that nobody announced"
			fi
			runwake start --run-id "$id-again" --replace >/dev/null
			commit_file . "$id" x "$id"
			runwake finish
			expect_eq "$id-again" "$(field "$id-again" '.run.status + " " + (.commits | map(.subject) | join(","))')" "completed $id"
		done
	done
	expect_eq "none is left running" "$(runwake list --status running --json | jq '[.runs[] | select(.run_id | startswith("killed"))] | length')" 0
}

# The same for finish: the run ends once, whatever is left over is in nobody's way.
finish_killed_anywhere()
{
	local call n id
	needs strace
	strace -o "$T/probe" true 2>/dev/null || skip "strace may not trace here"
	wired_repo "$T/unfinished"
	cd "$T/unfinished"
	for call in write rename unlink fdatasync; do
		for n in 1 2 3 4 5 6; do
			id=unfinished-$call-$n
			runwake start --run-id "$id" >/dev/null
			commit_file . "$id" x "$id"
			strace -o /dev/null -e "inject=$call:signal=KILL:when=$n" runwake finish --status completed >/dev/null 2>&1 || :
			runwake finish --status completed 2>/dev/null || expect_eq "$id again" $? 3
			expect_eq "$id" "$(field "$id" '.run.status + " " + (.commits | map(.subject) | join(","))')" "completed $id"
			runwake start --run-id "$id-next" >/dev/null # without --replace
			runwake finish
		done
	done
	expect_match "no gap" "$(runwake verify --json . | jq -r '[.movements, .recorded, (.gaps | length)] | join(" ")')" '^24 24 0$'
}

t "a run begins, commits and ends" begins_and_ends
t "the marker is excluded, once" excludes_its_marker_once
t "a second start is refused, and replaces on demand" second_start_is_refused_and_replaces_on_demand
t "of six starts at once one wins" of_two_at_once_one_wins
t "a run id is used once" a_run_id_is_used_once
t "a run ends once" ends_once
t "a run is ended from elsewhere, by a prefix" ends_from_elsewhere
t "what comes before the start and after the end is not the run's" what_comes_after_the_end_is_not_its
t "without hooks nothing is lost" no_hooks_no_loss
t "outside of git" outside_of_git
t "in a linked worktree" in_a_linked_worktree
t "unborn branch and detached HEAD" unborn_and_detached
t "a copied workspace ends nothing" a_copy_ends_nothing
t "a marker that is gone or broken" marker_gone_or_broken
t "an orchestrator's own marker" an_orchestrators_own_marker
t "a process is recorded with its identity" a_process_is_recorded_with_its_identity
t "session and user" user_and_session
t "what is left uncommitted is on the run's row" what_is_left_uncommitted
t "the worktree is gone before the end" the_worktree_is_gone
t "without a store nothing is lost" without_a_store
t "start killed anywhere, the next one works" killed_anywhere
t "finish killed anywhere, the run ends once" finish_killed_anywhere
end_tests
