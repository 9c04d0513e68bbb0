#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake stats and runwake prices; and that both stores come to the same sums.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$ROOT/tests/e2e/transcripts.bash"

stats() # ARG…; sums of rows as "key runs output cost without", in order
{
	runwake stats --json "$@" | jq -r '.by as $by | .rows[] | [.[$by] // "none", .runs, .output_tokens, .cost, .runs_without_cost] | join(" ")'
}

nothing_is_said_of_nothing()
{
	needs jq
	runwake stats >"$T/out" 2>"$T/err"
	expect_eq out "$(cat "$T/out")" ""
	expect_match err "$(cat "$T/err")" "no run matches"
	expect_json json "$(runwake stats --json)" '[.schema_version, .total.runs, .total.cost, (.rows | length)] | join(" ")' "1 0 0 0"
}

sums_are_by_what_is_asked()
{
	session s-one
	prompt "One"
	answer a1 "x" 1000 100 5 6
	cost_state 0.5 1000 100 5 6
	session s-two
	CLOCK=$((CLOCK + 86400))
	prompt "Two"
	MODEL=gpt-9 answer a2 "x" 10 10 0 0
	session s-three
	CLOCK=$((CLOCK + 86400))
	prompt "Three"
	answer a3 "x" 0 1000000 0 0
	raw '{"type":"custom-title","customTitle":"Named"}'
	interrupt
	import >/dev/null
	new_repo "$T/r"
	cd "$T/r"
	runwake start --workflow fix --model claude-opus-5-5 --task x >/dev/null
	commit_file . a "two
lines" "Add a"
	runwake finish
	expect_json total "$(runwake stats --json)" '.total | [.runs, .completed, .failed, .killed, .input_tokens, .output_tokens,
		.cache_read_tokens, .cache_write_tokens, .cost, .runs_without_cost, .own_added_lines, .own_removed_lines] | join(" ")' \
		"4 3 0 1 1010 1000110 5 6 20.5 2 2 0"
	expect_eq day "$(stats --by day)" "$(date -u +%Y-%m-%d) 1 0 0 1
2026-01-03 1 1000000 20 0
2026-01-02 1 10 0 1
2026-01-01 1 100 0.5 0"
	expect_eq model "$(stats --by model)" "claude-opus-5-5 3 1000100 20.5 1
gpt-9 1 10 0 1"
	expect_eq workflow "$(stats --by workflow)" "unknown 3 1000110 20.5 1
fix 1 0 0 1"
	expect_eq repo "$(stats --by repo)" "none 3 1000110 20.5 1
$T/r 1 0 0 1"
	expect_eq session "$(runwake stats --by session --json | jq -r '.rows[] | [.session_name // "none", .output_tokens] | join(" ")')" "Named 1000000
none 100
none 0
none 10"
	expect_eq "some time" "$(stats --by day --since 2026-01-02 --until 2026-01-03)" "2026-01-02 1 10 0 1"
	expect_eq "not included" "$(runwake stats --json --until 2026-01-01T00:00:10Z | jq .total.runs)" 0
	expect_eq "included" "$(runwake stats --json --since 2026-01-01T00:00:10Z --until 2026-01-01T00:00:11Z | jq .total.runs)" 1
}

a_person_reads_a_table()
{
	runwake stats --by model >"$T/out"
	expect_match titles "$(head -n 1 "$T/out")" "^MODEL +RUNS +COMPLETED +FAILED +KILLED +INPUT +OUTPUT +CACHE +USD +LINES$"
	expect_match "a cost that is not all" "$(sed -n 2p "$T/out")" "^claude-opus-5-5 +3 +2 +0 +1 +1.0 k +1.0 M +11 +20.50\+ +\+2 -0$"
	expect_match "one that is not known" "$(sed -n 3p "$T/out")" "^gpt-9 +1 +1 +0 +0 +10 +10 +0 +unknown "
	expect_match "all" "$(tail -n 1 "$T/out")" "^all +4 "
	expect_exit 2 runwake stats --by author
	expect_match says "$(cat "$T/err")" "day, model, repo, workflow or session"
	expect_exit 2 runwake stats --since soon
	expect_exit 2 runwake stats day
}

prices_are_shown()
{
	expect_json "a model" "$(runwake prices claude-sonnet-4-5-20250929 --json)" '.prices[] | [.model, .input, .output, .cache_write_5m,
		.cache_write_1h, .cache_read, .web_search, .source] | join(" ")' "claude-sonnet-4-5 3 15 3.75 6 0.3 0.01 installed"
	expect_match "a table" "$(runwake prices claude-fable-5-1)" "claude-fable-5-1 +2020-01-01 +10.00 +50.00 +12.50 +20.00 +0.25 +0.01 +installed"
	expect_exit 1 runwake prices gpt-9
	expect_match unknown "$(cat "$T/err")" "no price of gpt-9 is known"
	runwake prices --json | jq '{schema_version, prices: [.prices[] | select(.model == "claude-opus-5-5") |
		.from = "2026-06-01", .from = "2026-07-01" | .input = 1 | .output = 0.123456]}' >"$T/prices"
	cp "$T/prices" "$XDG_CONFIG_HOME/runwake/prices.json"
	expect_match "one's own" "$(runwake prices claude-opus-5-5)" "2026-07-01 +1.00 +0.123456 .*config/runwake/prices.json"
	expect_eq "and no other of it" "$(runwake prices claude-opus-5-5 --json | jq '[.prices[].source] | unique | length')" 1
	echo '{"schema_version":1,"prices":[{"model":"x","from":"2026-01-01","input":"3"}]}' >"$XDG_CONFIG_HOME/runwake/prices.json"
	expect_exit 2 runwake prices
	expect_match "what is wrong" "$(cat "$T/err")" "prices.json: row 1 of prices: 'input': a price is a number"
	rm "$XDG_CONFIG_HOME/runwake/prices.json"
}

columns()
{
	runwake list --limit 0 --json | jq -cS '[.runs[] | {run_id, status, result, task_input, input_tokens, output_tokens, cache_read_tokens,
		cache_write_tokens, cost_estimate, started_at, completed_at, session_id, session_name, num_turns, ai_model, git_branch}] | sort_by(.run_id)'
}

# Also with what only one of them would take: hostile texts, and answers that several sessions tell of.
both_stores_come_to_the_same()
{
	export CLAUDE_CONFIG_DIR=$T/both/claude
	PROJECTS=$CLAUDE_CONFIG_DIR/projects
	mkdir -p "$PROJECTS"
	"$BUILD/tests/bench/transcripts" "$PROJECTS" 3 5 >/dev/null
	session odd
	prompt 'a\u0000b \ud800 \u202e \ud83d\ude00'
	answer o1 'nul \u0000 and half \udfff' 1 2 3 4
	cp "$FILE" "$T/odd"
	session odd-fork
	sed 's/"sessionId":"odd"/"sessionId":"odd-fork"/' "$T/odd" >"$FILE"
	prompt "and on"
	answer o2 "x" 5 6 7 8
	export XDG_STATE_HOME=$T/both/sqlite
	import >/dev/null
	columns >"$T/sqlite.runs"
	runwake stats --json --by model >"$T/sqlite.stats"
	start_postgres || skip "no PostgreSQL server is installed"
	export XDG_STATE_HOME=$T/both/postgres
	runwake db use "$POSTGRES_URL" >/dev/null
	runwake db migrate >/dev/null
	import >/dev/null
	columns >"$T/postgres.runs"
	runwake stats --json --by model >"$T/postgres.stats"
	expect_same runs "$T/postgres.runs" "$T/sqlite.runs"
	expect_same sums "$T/postgres.stats" "$T/sqlite.stats"
	[ "$(jq length "$T/sqlite.runs")" -gt 10 ] || fail "hardly a run: $(cat "$T/sqlite.runs")"
}

t "nothing is said of nothing" nothing_is_said_of_nothing
t "sums are by what is asked" sums_are_by_what_is_asked
t "a person reads a table" a_person_reads_a_table
t "prices are shown" prices_are_shown
t "both stores come to the same" both_stores_come_to_the_same
end_tests
