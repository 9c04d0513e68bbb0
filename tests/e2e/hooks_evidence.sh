#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What only a hook can know: whose RUNWAKE_RUN_ID is in its environment, which commit git made of which, what is
# about to be pushed. And what it must not conclude: that a line is its own because it is the last.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

evidence_of() # COMMIT; "KIND RUN" lines
{
	in_store "select json_extract(e.payload, '$.kind') || ' ' || json_extract(e.payload, '$.run_id') from workflow_events e
	    join workflow_movements m on m.id = json_extract(e.payload, '$.movement')
	    where e.type = 'evidence' and m.new_hash = '$(git rev-parse "$1")' order by 1" || echo "the question failed"
}

environment_speaks_for_its_own()
{
	wired_repo "$T/env"
	cd "$T/env"
	RUNWAKE_RUN_ID=run-env git commit -q --allow-empty -m Mine
	expect_eq "evidence" "$(evidence_of HEAD)" "env run-env"
	git commit -q --allow-empty -m "A person's"
	expect_eq "evidence of a person's" "$(evidence_of HEAD)" ""
}

# Neither writes a line, so the last one, a person's, must not become the agent's.
last_line_is_not_its_own()
{
	cd "$T/env"
	git commit -q --allow-empty -m "A person's again"
	RUNWAKE_RUN_ID=run-env git checkout -q
	RUNWAKE_RUN_ID=run-env git checkout -q -- README
	expect_eq "evidence after checkouts of nothing" "$(evidence_of HEAD)" ""
	git checkout -q -b squashed
	echo more >extra && git add extra && git commit -q -m "To be squashed"
	git checkout -q main
	RUNWAKE_RUN_ID=run-env git merge -q --squash squashed >/dev/null
	expect_eq "evidence after a squash" "$(evidence_of HEAD)" ""
	git reset -q --hard
}

# The agent's hook finds a person's reset, which ran none, before its own commit.
only_the_last_of_several()
{
	cd "$T/env"
	git commit -q --allow-empty -m One
	git reset -q --hard HEAD~1
	RUNWAKE_RUN_ID=run-env git commit -q --allow-empty -m Two
	expect_eq "evidence of the reset" "$(evidence_of HEAD~1)" ""
	expect_eq "evidence of the commit" "$(evidence_of HEAD)" "env run-env"
}

rewrites_are_told()
{
	local before after
	cd "$T/env"
	git commit -q --allow-empty -m Draft
	before=$(git rev-parse HEAD)
	RUNWAKE_RUN_ID=run-env git commit -q --allow-empty --amend -m Final
	after=$(git rev-parse HEAD)
	expect_eq "told" "$(in_store "select count(*) from workflow_events where type = 'rewritten'
	    and json_extract(payload, '\$.pairs[0][0]') = '$before' and json_extract(payload, '\$.pairs[0][1]') = '$after'")" 1
	expect_eq "evidence" "$(evidence_of HEAD)" "env run-env"
}

long_rebases_are_split()
{
	local n
	new_repo "$T/long"
	cd "$T/long"
	runwake install . >/dev/null
	for n in $(seq 1 1203); do printf '%040x %040x\n' "$n" $((n + 5000)); done | "$PROGRAMS/post-rewrite" rebase
	expect_eq "events and pairs" "$(in_store "select count(*), sum(json_array_length(payload, '\$.pairs')) from workflow_events
	    where type = 'rewritten' and json_extract(payload, '\$.command') = 'rebase'")" "3|1203"
}

pushes_are_told()
{
	cd "$T/env"
	git init -q --bare "$T/env.git"
	RUNWAKE_RUN_ID=run-env git push -q "$T/env.git" main
	expect_eq "by the environment" "$(in_store "select json_extract(payload, '\$.run_id'), json_extract(payload, '\$.evidence'),
	    json_extract(payload, '\$.refs[0].remote_ref') from workflow_events where type = 'push-intended'")" \
	    "run-env|env|refs/heads/main"
	printf '{"version":1,"run_id":"run-marker"}' >.runwake
	git push -q "$T/env.git" main:other
	rm .runwake
	expect_eq "by the marker" "$(in_store "select json_extract(payload, '\$.run_id'), json_extract(payload, '\$.evidence')
	    from workflow_events where type = 'push-intended' and json_extract(payload, '\$.refs[0].remote_ref') = 'refs/heads/other'")" \
	    "run-marker|marker"
	# Nothing to push, nothing told.
	git push -q "$T/env.git" main
	git push -q "$T/env.git" :other
	expect_eq "pushes told" "$(in_store "select count(*) from workflow_events where type = 'push-intended'")" 3
}

# What the hook had in its environment must not colour what the recorder does for all.
recorder_is_nobodys()
{
	cd "$T/env"
	cat >"$T/spy" <<-SPY
		#!/bin/sh
		env >"$T/spied.\$\$" && mv "$T/spied.\$\$" "$T/spied"
	SPY
	chmod 755 "$T/spy"
	prefix=$(own_prefix "$T/spying")
	cp "$T/spy" "$prefix/bin/runwake"
	wait_until 60 is_settled
	git -c core.hooksPath=/dev/null commit -q --allow-empty -m Spied
	RUNWAKE_RUN_ID=run-env GIT_AUTHOR_NAME=x GIT_DIR=.git "$prefix/libexec/runwake/hooks/post-commit"
	wait_until 60 test -s "$T/spied"
	grep -E '^(GIT_|RUNWAKE_)' "$T/spied" | grep -v '^RUNWAKE_TEST_' && fail "the recorder inherits what speaks of one run"
	runwake record
}

t "the environment speaks for its own movement" environment_speaks_for_its_own
t "the last line is not a hook's own because it is the last" last_line_is_not_its_own
t "of several new lines only the last one" only_the_last_of_several
t "rewrites are told" rewrites_are_told
t "long rebases are split" long_rebases_are_split
t "pushes are told" pushes_are_told
t "the recorder is nobody's" recorder_is_nobodys
end_tests
