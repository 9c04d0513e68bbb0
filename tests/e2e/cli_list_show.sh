#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# list, show, log, diff, link and unlink: what is read is what git did.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

ids() # ARG… of list
{
	runwake list --json "$@" | jq -r '[.runs[].run_id] | join(" ")'
}

subjects() # RUN
{
	runwake show "$1" --json | jq -r '.commits | map(.subject) | join(",")'
}

# Three runs: one on main that ends, one on topic that fails, one that is still at work.
make_ground()
{
	export GIT_COMMITTER_DATE="2026-01-01T00:00:00Z"
	new_repo "$T/r"
	unset GIT_COMMITTER_DATE
	runwake install "$T/r" >/dev/null
	cd "$T/r"
	runwake start --run-id alpha-1 --workflow fix --task "First task" --session ses >/dev/null
	commit_file . src/a.c "one" "alpha one"
	commit_file . src/a.c "two" "alpha two"
	git commit -q --amend -m "alpha two, better"
	runwake finish --status completed
	git checkout -q -b topic
	runwake start --run-id alpha-2 --workflow test --task "Second task" >/dev/null
	commit_file . src/b.c "b" "beta"
	runwake finish --status failed --error "no luck"
	runwake start --run-id gamma --workflow fix --task "Third task" >/dev/null
	commit_file . src/a.c "three" "gamma"
}

lists_by_every_filter()
{
	cd "$T/r"
	expect_eq all "$(ids)" "gamma alpha-2 alpha-1"
	expect_eq limit "$(ids --limit 1) | $(ids -n 0)" "gamma | gamma alpha-2 alpha-1"
	expect_eq branch "$(ids --branch main)" "alpha-1"
	expect_eq status "$(ids --status running) | $(ids --status failed) | $(ids --status completed)" "gamma | alpha-2 | alpha-1"
	expect_eq workflow "$(ids --workflow fix)" "gamma alpha-1"
	expect_eq session "$(ids --session ses)" "alpha-1"
	expect_eq "session's id" "$(ids --session "$(runwake show alpha-1 --json | jq -r .run.session_id)")" "alpha-1"
	expect_eq file "$(ids --file src/a.c)" "gamma alpha-1"
	expect_eq "two at once" "$(ids --file src/a.c --branch topic --workflow fix --status running)" "gamma"
	expect_eq since "$(ids --since 1h) | $(ids --since 2099-01-01)" "gamma alpha-2 alpha-1 | "
	cd src
	expect_eq "file from below" "$(ids --file a.c) | $(ids --file ../src/./b.c) | $(ids --file "$T/r/src/b.c")" \
		"gamma alpha-1 | alpha-2 | alpha-2"
	expect_exit 2 runwake list --file ../../elsewhere
	expect_exit 0 runwake list --branch nothing
	expect_match "said on stderr" "$(cat "$T/out" "$T/err")" '^runwake: no run matches$'
	expect_eq "an empty document" "$(runwake list --branch nothing --json | jq -c .)" '{"schema_version":1,"runs":[]}'
}

run_objects_have_the_contracts_columns()
{
	local columns
	columns="agent_boot_id agent_pid agent_pid_start agent_session_id agent_type ai_model cache_read_tokens"
	columns+=" cache_write_tokens completed_at cost_estimate created_at duration_seconds error_message exit_code"
	columns+=" exit_signal final_commit_hash git_branch git_diff_added_lines git_diff_files_changed"
	columns+=" git_diff_removed_lines git_diff_stats git_repo host id initial_commit_hash input_tokens"
	columns+=" last_heartbeat_at metadata num_turns output_tokens own_added_lines own_files_changed"
	columns+=" own_removed_lines parent_run_id purged_at result run_id session_id session_name started_at status task_input"
	columns+=" total_tokens uncommitted_added_lines uncommitted_at uncommitted_files_changed"
	columns+=" uncommitted_removed_lines uncommitted_untracked_files updated_at user_id workflow_name"
	columns+=" workspace_cleaned_up workspace_id workspace_path workspace_persistent"
	expect_eq columns "$(runwake list --json | jq -r '.runs[0] | keys | join(" ")')" "$columns"
	expect_eq "the same in show" "$(runwake show gamma --json | jq -r '.run | keys | join(" ")')" "$columns"
	expect_json types "$(runwake show alpha-1 --json)" '.run | [.metadata, .git_diff_stats, .workspace_persistent,
		.duration_seconds, .started_at] | map(type) | join(" ")' "object object boolean number string"
	in_store "update workflow_runs set cost_estimate = 1234567 where run_id = 'alpha-1'" >/dev/null 2>&1 || :
	sqlite "$STATE/runwake.db" "update workflow_runs set cost_estimate = 1234567, input_tokens = 5000000000 where run_id = 'alpha-1'"
	expect_match money "$(runwake list --json)" '"cost_estimate":1\.234567,'
	expect_match "large numbers" "$(runwake list --json)" '"input_tokens":5000000000,'
	sqlite "$STATE/runwake.db" "update workflow_runs set cost_estimate = null, input_tokens = 0 where run_id = 'alpha-1'"
}

replaced_commits_are_told()
{
	local json old new
	cd "$T/r"
	json=$(runwake show alpha-1 --json)
	new=$(git log --format=%H --grep "alpha two, better" topic)
	expect_json commits "$json" '.commits | map(.subject) | join(",")' "alpha one,alpha two,alpha two, better"
	expect_json superseded "$json" '.commits | map(.superseded_by // "-") | join(",")' "-,$new,-"
	expect_json kinds "$json" '.commits | map(.kind) | join(",")' "commit,commit,amend"
	old=$(jq -r '.commits[1].commit_hash' <<<"$json")
	expect_eq "live in text" "$(runwake show alpha-1 | grep -c 'alpha two')" 1
	expect_match "the rest on demand" "$(runwake show alpha-1)" '\(1 more that others replaced: --all\)'
	expect_match "with its successor" "$(runwake show alpha-1 --all)" "${old:0:10} +commit .* ${new:0:10}"
	expect_json "by the old hash" "$(runwake show "$old" --json)" \
		'.runs[0].run_id + " " + .commit.superseded_by + " " + (.lineage | map(.relation) | join(","))' "alpha-1 $new self,successor"
	expect_json "by the new hash" "$(runwake show "$new" --json)" \
		'.runs[0].run_id + " " + .commit.commit_hash + " " + (.lineage | map(.relation) | join(","))' "alpha-1 $new self,predecessor"
	# Amended while gamma is at work: gamma made it, of what alpha-1 made.
	git checkout -q --detach main
	git commit -q --amend --date=2026-02-02T00:00:00 --no-edit
	expect_json "by what another run made of it" "$(runwake show HEAD --json)" '.runs | map(.run_id) | join(",")' "gamma,alpha-1"
	git checkout -q topic
}

names_are_understood()
{
	local hash
	cd "$T/r"
	hash=$(git rev-parse topic)
	expect_json latest "$(runwake show @latest --json)" .run.run_id gamma
	expect_json prefix "$(runwake show g --json)" .run.run_id gamma
	expect_json uuid "$(runwake show "$(runwake show gamma --json | jq -r .run.id)" --json)" .run.run_id gamma
	expect_json "short hash" "$(runwake show "${hash:0:6}" --json)" .commit.commit_hash "$hash"
	expect_json HEAD "$(runwake show HEAD --json)" .commit.commit_hash "$hash"
	expect_json branch "$(runwake show topic --json)" .runs[0].run_id gamma
	expect_exit 2 runwake show alpha
	expect_match "candidates" "$(cat "$T/err")" 'alpha-1, alpha-2'
	expect_exit 4 runwake show nobody
	expect_exit 4 runwake show abc
	expect_exit 4 runwake show 0000
	# A run whose id looks like a hash: the exact one wins, a beginning of both is refused.
	runwake finish
	runwake start --run-id "${hash:0:8}" >/dev/null
	expect_json "exact run" "$(runwake show "${hash:0:8}" --json)" .run.run_id "${hash:0:8}"
	expect_exit 2 runwake show "${hash:0:7}"
	expect_match "says why" "$(cat "$T/err")" "begins both a run's id and a commit's hash"
	expect_json "more of it" "$(runwake show "${hash:0:9}" --json)" .commit.commit_hash "$hash"
	runwake finish
}

brought_in_is_nobodys()
{
	cd "$T/r"
	runwake start --run-id merger >/dev/null
	git checkout -q main
	git merge -q --ff-only topic
	expect_eq "made nothing" "$(subjects merger)" ""
	expect_match "but moved" "$(runwake log merger)" 'brought in'
	expect_json "and what came is still gamma's" "$(runwake show main --json)" '.runs | map(.run_id) | join(",")' gamma
	runwake finish
	expect_eq "before the record" "$(runwake show "$(git rev-list --max-parents=0 main)" --json 2>&1 >/dev/null | wc -l)" 1
}

the_log_is_in_order()
{
	cd "$T/r"
	expect_json log "$(runwake log alpha-1 --json)" '.movements | map(.kind + ":" + .verdict) | join(" ")' \
		"commit:made commit:made commit-amend:made"
	expect_json "hashes follow" "$(runwake log alpha-1 --json)" '.movements | .[0].new_hash == .[1].old_hash and .[1].new_hash == .[2].old_hash' true
	expect_match "text" "$(runwake log alpha-1)" 'commit-amend +made +main +marker +alpha two, better'
}

diffs_are_gits_own()
{
	local from to
	cd "$T/r"
	from=$(runwake show alpha-1 --json | jq -r .run.initial_commit_hash)
	to=$(runwake show alpha-1 --json | jq -r .run.final_commit_hash)
	git diff "$from" "$to" >"$T/expected"
	(cd / && runwake diff alpha-1 --committed) >"$T/actual"
	expect_same "diff" "$T/actual" "$T/expected"
	git diff --stat "$from" "$to" >"$T/expected"
	GIT_DIR=/nowhere runwake diff alpha-1 --committed --stat >"$T/actual"
	expect_same "stat" "$T/actual" "$T/expected"
	expect_eq "one path" "$(runwake diff alpha-1 --committed --name-only -- src/b.c)" ""
	expect_eq "one commit" "$(runwake diff alpha-1 --name-only --commit "$(runwake show alpha-1 --json | jq -r '.commits[0].commit_hash[0:8]')")" src/a.c
	expect_exit 4 runwake diff alpha-1 --commit "$(git rev-parse topic)"
	runwake start --run-id differ >/dev/null
	commit_file . d d "d"
	expect_eq "while it runs" "$(runwake diff differ --committed --name-only)" d
	runwake finish
	runwake diff alpha-1 | head -n 1 >/dev/null # a reader that goes is no failure
	git config diff.external "touch $T/pwned; true"
	runwake diff alpha-1 >/dev/null
	git config --unset diff.external
	[ ! -e "$T/pwned" ] || fail "a repository's setting was run"
}

a_persons_word_stands()
{
	local hash movement
	cd "$T/r"
	commit_file . by-hand x "by hand"
	hash=$(git rev-parse HEAD)
	expect_json "nobody's" "$(runwake show "$hash" --json)" '.runs | length' 0
	runwake link alpha-2 "${hash:0:8}"
	expect_eq "linked" "$(subjects alpha-2)" "beta,by hand"
	expect_json "as a link" "$(runwake show alpha-2 --json)" '.commits[1].evidence' link
	runwake link gamma "$hash"
	expect_eq "the last word counts" "$(subjects alpha-2) | $(subjects gamma)" "beta | gamma,alpha two, better,by hand"
	runwake unlink "$hash"
	expect_json "taken back" "$(runwake show "$hash" --json)" '.runs | length' 0
	expect_exit 1 runwake unlink "$hash"
	movement=$(in_store "select id from workflow_movements where new_hash = '$hash'")
	runwake link alpha-2 "$movement"
	expect_eq "by the movement" "$(subjects alpha-2)" "beta,by hand"
	runwake unlink "$movement"
	expect_exit 4 runwake link nobody "$hash"
	expect_exit 4 runwake link gamma 1234567890
	expect_exit 2 runwake link gamma
}

pushes_are_shown()
{
	cd "$T/r"
	git init -q --bare "$T/remote.git"
	git remote add origin "$T/remote.git"
	runwake start --run-id pusher >/dev/null
	commit_file . pushed x "to be pushed"
	git push -q origin main
	runwake finish
	runwake record --all
	expect_json push "$(runwake show pusher --json)" '.pushes | map(.remote + " " + .remote_ref + " " + .new_hash) | join(",")' \
		"origin refs/heads/main $(git rev-parse HEAD)"
	expect_match "in text" "$(runwake show pusher)" 'origin +refs/heads/main +0000000000 +'
}

text_is_harmless()
{
	local esc=$'\033'
	cd "$T/r"
	runwake start --run-id hostile --task "${esc}[31mred${esc}[0m"$'\nnext\u202e' --session "${esc}]0;x"$'\a' >/dev/null
	commit_file . hostile x "${esc}[2Jsubject'; drop table workflow_runs; --"
	runwake finish --result "${esc}[5mblink"
	for words in "list" "show hostile" "log hostile" "show HEAD"; do
		# shellcheck disable=SC2086
		runwake $words >"$T/shown"
		! grep -q "$esc" "$T/shown" || fail "runwake $words shows an escape"
		! grep -q $'\u202e' "$T/shown" || fail "runwake $words shows a bidirectional override"
	done
	expect_json "as it was in JSON" "$(runwake show hostile --json)" '.run.task_input | contains("[31mred")' true
	expect_eq "still there" "$(subjects hostile | tail -c 14)" "flow_runs; --"
}

a_terminal_gets_cut_lines()
{
	needs script
	cd "$T/r"
	runwake start --run-id wordy --task "$(printf 'word %.0s' {1..100})" >/dev/null
	runwake finish
	script -qec "stty cols 80; env -u NO_COLOR TERM=xterm runwake list" /dev/null </dev/null >"$T/tty"
	expect_match "colours" "$(cat "$T/tty")" $'\033\\[32mcompleted'
	[ "$(sed 's/\x1b\[[0-9;]*m//g; s/\r//g; s/…/./g' "$T/tty" | awk '{ if (length($0) > most) most = length($0) } END { print most }')" -le 80 ] ||
		fail "a line is longer than the terminal"
	expect_match "none for a file" "$(env -u NO_COLOR TERM=xterm runwake list)" '^RUN '
}

t "three runs" make_ground
t "lists by every filter" lists_by_every_filter
t "run objects have the contract's columns" run_objects_have_the_contracts_columns
t "replaced commits are told" replaced_commits_are_told
t "names are understood" names_are_understood
t "what is brought in is nobody's" brought_in_is_nobodys
t "the log is in order" the_log_is_in_order
t "diffs are git's own" diffs_are_gits_own
t "a person's word stands" a_persons_word_stands
t "pushes are shown" pushes_are_shown
t "text is harmless" text_is_harmless
t "a terminal gets cut lines" a_terminal_gets_cut_lines
end_tests
