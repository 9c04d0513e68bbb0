#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same transcripts, counted by Runwake and by ccusage: the same tokens and the same cost where both know the prices, and
# every difference by a rule that is named here.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$ROOT/tests/e2e/transcripts.bash"
# shellcheck source=tests/e2e/ccusage.bash
. "$ROOT/tests/e2e/ccusage.bash"

install_ccusage || { echo "1..0 # SKIP ccusage $CCUSAGE_VERSION cannot be installed by npm"; exit 0; }

# Each test has a home of transcripts and a record of its own.
begin() # NAME
{
	export CLAUDE_CONFIG_DIR=$T/$1/claude XDG_STATE_HOME=$T/$1/state
	PROJECTS=$CLAUDE_CONFIG_DIR/projects
	mkdir -p "$PROJECTS"
	MODEL=claude-sonnet-4-5-20250929
}

count() # into ours and theirs
{
	runwake import claude >/dev/null
	runwake stats --json | jq -c .total >"$T/ours"
	"$CCUSAGE" claude daily --json --offline | jq -c .totals >"$T/theirs"
}

ours()
{
	jq -r "$1" "$T/ours"
}

theirs()
{
	jq -r "$1" "$T/theirs"
}

same_tokens()
{
	expect_eq tokens "$(ours '[.input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens] | join(" ")')" \
		"$(theirs '[.inputTokens, .outputTokens, .cacheReadTokens, .cacheCreationTokens] | join(" ")')"
}

# Rule "rounding": each answer's price is rounded to a millionth of a dollar; theirs are sums of fractions.
cost_differs_by() # DOLLARS ANSWERS
{
	jq -en --argjson ours "$(ours .cost)" --argjson theirs "$(theirs .totalCost)" --argjson by "$1" --argjson n "$2" \
		'($ours - $theirs - $by) | fabs <= $n * 0.0000005 + 0.0000001' >/dev/null ||
		fail "the cost is $(ours .cost) here and $(theirs .totalCost) there, which should differ by $1"
}

what_both_know_is_equal()
{
	begin equal
	"$BUILD/tests/bench/transcripts" "$PROJECTS" 5 3 >"$T/right"
	count
	same_tokens
	expect_eq "and right" "$(ours .output_tokens)" "$(jq .output_tokens "$T/right")"
	cost_differs_by 0 "$(jq .answers "$T/right")"
}

copies_count_once()
{
	begin copies
	session one
	prompt x
	answer a1 "A" 10 1 100 1000
	answer a1 "A, more" 10 55 100 1000
	answer a1 "A" 10 1 100 1000
	answer a2 "C" 30 30 0 0
	REQUEST=',"requestId":"other"' answer a2 "D" 40 40 0 0
	cp "$FILE" "$T/one"
	session two
	sed 's/"sessionId":"one"/"sessionId":"two"/' "$T/one" >"$FILE"
	answer a3 "E" 5 5 0 0
	session three
	prompt y
	answer b1 "F" 1 1 0 0
	subagent x
	answer b1 "F, in the subagent's file too" 1 1 0 0
	answer b2 "G" 7 7 0 0
	count
	same_tokens
	cost_differs_by 0 8
}

# Rule "a message is a message": lines of one message that tell no request are one answer, whenever and in whatever session they
# were written; it takes those of another time or session for another answer.
a_message_without_request_is_one()
{
	begin requestless
	session one
	prompt x
	REQUEST='' answer a1 "A" 20 20 0 0
	CLOCK=$((CLOCK - 10))
	REQUEST='' answer a1 "A, at the same time" 20 20 0 0
	count
	same_tokens
	REQUEST='' answer a1 "A, more" 20 20 0 0
	cp "$FILE" "$T/one"
	session two
	sed 's/"sessionId":"one"/"sessionId":"two"/' "$T/one" >"$FILE"
	count
	expect_eq ours "$(ours .output_tokens)" 20
	expect_eq theirs "$(theirs .outputTokens)" 80
}

an_old_lines_own_cost_counts()
{
	begin own
	session one
	prompt x
	REQUEST=',"requestId":"r","costUSD":1.25' answer a1 "A" 10 10 0 0
	count
	same_tokens
	cost_differs_by 0 1
	expect_eq "as told" "$(ours .cost)" 1.25
}

synthetic_tokens_count()
{
	begin synthetic
	session one
	prompt x
	MODEL='<synthetic>' answer a1 "No response requested." 100 100 0 0
	answer a2 "A" 10 10 0 0
	count
	same_tokens
	cost_differs_by 0 2
}

hours_are_priced_as_hours()
{
	begin hours
	session one
	prompt x
	answer a1 "A" 0 0 0 100000 40000
	count
	same_tokens
	expect_eq ours "$(ours .cost)" 0.465
	cost_differs_by 0 1
}

# Rule "one price for any length": the client counts with one price; it counts what comes behind 200,000 tokens of an answer's
# input at a higher one.
long_inputs_have_one_price()
{
	begin long
	session one
	prompt x
	answer a1 "A" 300000 0 0 0
	count
	same_tokens
	expect_eq ours "$(ours .cost)" 0.9
	cost_differs_by "$(jq -n '-0.1 * (6 - 3)')" 1
}

# Rule "what it does not know": models that its table lacks are priced at nothing there.
new_models_are_priced()
{
	begin new
	MODEL=claude-opus-5-5
	session one
	prompt x
	answer a1 "A" 1000000 0 0 0
	count
	same_tokens
	expect_eq ours "$(ours .cost)" 4
	expect_eq theirs "$(theirs .totalCost)" 0
}

# Rule "unknown is not nothing".
unknown_models_are_unknown()
{
	begin unknown
	MODEL=nobody-knows-1
	session one
	prompt x
	answer a1 "A" 1000000 0 0 0
	count
	same_tokens
	expect_eq ours "$(ours .runs_without_cost)" 1
	expect_eq theirs "$(theirs .totalCost)" 0
}

# Rule "the client's own total": where it wrote down what a session cost, that counts, and a compaction is in it.
compaction_is_counted()
{
	begin compaction
	session one
	prompt x
	answer a1 "A" 10 10 0 0
	line system '"subtype":"compact_boundary"'
	cost_state 0.5 1010 510 0 0
	count
	expect_eq ours "$(ours '[.input_tokens, .output_tokens, .cost] | join(" ")')" "1010 510 0.5"
	expect_eq theirs "$(theirs '[.inputTokens, .outputTokens] | join(" ")')" "10 10"
}

# Rule "JSON is JSON": it reads compact lines only.
spaces_are_read()
{
	begin spaces
	session one
	prompt x
	answer a1 "A" 10 10 0 0
	sed -i 's/":/" : /g' "$FILE"
	count
	expect_eq ours "$(ours .output_tokens)" 10
	expect_eq theirs "$(theirs '.outputTokens // 0')" 0
}

t "what both know is equal" what_both_know_is_equal
t "copies count once" copies_count_once
t "a message without request is one" a_message_without_request_is_one
t "an old line's own cost counts" an_old_lines_own_cost_counts
t "synthetic tokens count" synthetic_tokens_count
t "hours are priced as hours" hours_are_priced_as_hours
t "long inputs have one price" long_inputs_have_one_price
t "new models are priced" new_models_are_priced
t "unknown models are unknown" unknown_models_are_unknown
t "compaction is counted" compaction_is_counted
t "spaces are read" spaces_are_read
end_tests
