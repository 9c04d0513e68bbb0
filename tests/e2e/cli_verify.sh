#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# verify, record and db: gaps are found, told and repaired; the store is looked after.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

summary() # ARG… of verify
{
	runwake verify --json "$@" | jq -r '[.movements, .recorded, (.gaps | length)] | join(" ")'
}

hookless()
{
	git -c core.hooksPath=/dev/null "$@"
}

old_repo() # DIR; wired; its first commit is from long ago
{
	GIT_COMMITTER_DATE="2026-01-01T00:00:00Z" new_repo "$1"
	runwake install "$1" >/dev/null
}

nothing_yet()
{
	expect_exit 0 runwake verify
	expect_match "no repository" "$(cat "$T/out")" '^0 movements, 0 recorded, 0 gaps$'
	old_repo "$T/r"
	cd "$T/r"
	expect_eq "what came before the record" "$(summary)" "0 0 0"
}

gaps_are_told_and_repaired()
{
	cd "$T/r"
	runwake start --run-id gappy >/dev/null
	commit_file . a a "with a hook"
	wait_until 60 is_settled
	expect_eq "recorded" "$(summary)" "1 1 0"
	echo b >b
	git add b
	hookless commit -q -m "without a hook"
	expect_exit 1 runwake verify
	expect_match "GAP" "$(cat "$T/out")" $'\nGAP  +'
	expect_match "recorded" "$(cat "$T/out")" '^recorded '
	expect_match "mend" "$(cat "$T/out")" $'\n2 movements, 1 recorded, 1 gap \\(--repair records them\\)$'
	expect_json "gap" "$(runwake verify --json || :)" '.gaps[0] | [.repository, .worktree, .old, .new, .kind] | join(" ")' \
		"$T/r/.git $T/r $(git rev-parse HEAD~1 HEAD | tr '\n' ' ')commit"
	expect_json "its movement and time" "$(runwake verify --json || :)" \
		'.gaps[0] | (.movement | length | tostring) + " " + .at' "36 $(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%S.000000Z --format=%cd)"
	expect_eq "looking changes nothing" "$(summary || :)" "2 1 1"
	expect_exit 0 runwake verify --repair
	expect_match "repaired" "$(cat "$T/out")" $'\n2 movements, 2 recorded, 0 gaps, 1 repaired$'
	expect_eq "stays so" "$(summary)" "2 2 0"
	expect_eq "on the right run" "$(runwake show gappy --json | jq -r '.commits | map(.subject) | join(",")')" \
		"with a hook,without a hook"
	runwake finish
}

quiet_tells_only_gaps()
{
	cd "$T/r"
	expect_eq "one line" "$(runwake verify --quiet | wc -l)" 1
	hookless commit -q --allow-empty -m "quiet"
	expect_eq "two lines" "$(runwake verify -q | wc -l || :)" 2
	runwake record --all
	expect_eq "by record --all" "$(summary)" "3 3 0"
}

the_next_hook_brings_it_in()
{
	cd "$T/r"
	git worktree add -q "$T/wt"
	hookless -C "$T/wt" commit -q --allow-empty -m "in another worktree, without a hook"
	commit_file . c c "with a hook, in the main one"
	wait_until 60 is_settled
	expect_match "no gap" "$(summary)" ' 0$'
}

a_lost_spool_and_cursors_are_repaired()
{
	cd "$T/r"
	commit_file . lost x "to be lost"
	wait_until 60 is_settled
	# The store goes back in time, as by a backup put in its place: cursors say that all was told.
	sqlite "$STATE/runwake.db" "delete from workflow_movements where new_hash = '$(git rev-parse HEAD)';
		delete from workflow_events where id not in (select id from workflow_movements) and type = 'moved'"
	expect_exit 1 runwake verify
	expect_exit 0 runwake verify --repair
	expect_match "no gap" "$(summary)" ' 0$'
}

named_repositories_only()
{
	old_repo "$T/other"
	hookless -C "$T/other" commit -q --allow-empty -m "a gap elsewhere"
	cd "$T/r"
	expect_match "this one" "$(summary .)" ' 0$'
	expect_match "from below" "$(mkdir -p sub && cd sub && summary .)" ' 0$'
	expect_exit 1 runwake verify "$T/other"
	expect_exit 1 runwake verify "$T/r" "$T/other"
	expect_exit 1 runwake verify
	new_repo "$T/unknown"
	expect_exit 4 runwake verify "$T/unknown"
	expect_match "mend" "$(cat "$T/err")" 'runwake install'
	expect_exit 4 runwake verify "$T/nowhere"
	rm -rf "$T/unknown"
	runwake verify --repair >/dev/null
}

a_repository_that_is_gone_is_no_gap()
{
	old_repo "$T/gone"
	commit_file "$T/gone" a a a
	wait_until 60 is_settled
	rm -rf "$T/gone"
	expect_exit 0 runwake verify
	expect_match "said" "$(cat "$T/err")" "'$T/gone/.git' is gone"
}

record_returns_when_it_is_done()
{
	local i
	cd "$T/r"
	runwake start --run-id recorded >/dev/null
	for i in 1 2 3 4 5; do commit_file . "f$i" x "f$i"; done
	runwake record
	expect_eq "all there" "$(sqlite "$STATE/runwake.db" "select count(*) from workflow_movements where verdict = 'made' and workflow_run_id =
		(select id from workflow_runs where run_id = 'recorded')")" 5
	[ -z "$(runwake record)" ] || fail "record prints something"
	runwake finish
}

two_recorders_at_once()
{
	local i
	cd "$T/r"
	for i in 1 2 3 4; do runwake record --all & done
	wait
	expect_match "no gap" "$(summary)" ' 0$'
}

the_store_is_looked_after()
{
	cd "$T/r"
	expect_eq path "$(runwake db path)" "$STATE/runwake.db"
	expect_json status "$(runwake db status --json)" '[.driver, .store, .migrations_pending] | join(" ")' "sqlite sqlite:$STATE/runwake.db 0"
	expect_match "in text" "$(runwake db status)" "\\($(find "$ROOT"/migrations/sqlite -name '*.sql' | wc -l) applied, 0 pending\\)"
	expect_eq migrate "$(runwake db migrate)" "0 migrations applied"
	commit_file . backed-up x "backed up"
	runwake db backup "$T/backup.db"
	expect_eq "all in it" "$(sqlite "$T/backup.db" "select count(*) from workflow_commits where subject = 'backed up'")" 1
	expect_eq "private" "$(stat -c %a "$T/backup.db")" 600
	expect_exit 5 runwake db backup "$T/backup.db"
	expect_exit 2 runwake db
	expect_exit 2 runwake db backup
	expect_exit 2 runwake db drop
	expect_exit 2 runwake db status twice
}

what_cannot_be_read_is_told()
{
	old_repo "$T/damaged"
	cd "$T/damaged"
	commit_file . a a "before"
	printf 'this is no line of a reflog\n' >>.git/logs/HEAD
	commit_file . b b "after"
	wait_until 60 is_settled
	expect_exit 0 runwake verify "$T/damaged"
	expect_match "movements beside the damage" "$(cat "$T/out")" '2 movements, 2 recorded, 0 gaps'
	expect_match "the damage" "$(cat "$T/out")" "unknowable  damaged-lines: 1 lines of '.*/logs/HEAD'"
	expect_json "in JSON" "$(runwake verify --json "$T/damaged")" '.unknowable[0] | "\(.reason) \(.at)"' "damaged-lines null"
	rm -rf "$T/damaged"
}

the_loss_of_a_log_is_told()
{
	old_repo "$T/lost"
	cd "$T/lost"
	commit_file . a a "seen"
	wait_until 60 is_settled
	hookless commit -q --allow-empty -m "unseen"
	rm .git/logs/HEAD
	commit_file . b b "seen again"
	wait_until 60 is_settled
	expect_json "what is lost" "$(runwake verify --json "$T/lost")" '[.unknowable[].reason] | join(" ")' "log-expired"
	rm -rf "$T/lost"
}

t "nothing yet" nothing_yet
t "gaps are told and repaired" gaps_are_told_and_repaired
t "--quiet tells only gaps" quiet_tells_only_gaps
t "the next hook brings in what others left" the_next_hook_brings_it_in
t "what was lost behind a cursor is repaired" a_lost_spool_and_cursors_are_repaired
t "only the repositories named" named_repositories_only
t "what cannot be read is told" what_cannot_be_read_is_told
t "the loss of a log is told" the_loss_of_a_log_is_told
t "a repository that is gone is no gap" a_repository_that_is_gone_is_no_gap
t "record returns when it is done" record_returns_when_it_is_done
t "recorders at once" two_recorders_at_once
t "the store is looked after" the_store_is_looked_after
end_tests
