/* SPDX-License-Identifier: MIT */
/* git/made: the rules, one by one, and in their order. */
#include "git/made.h"

#include "../base/scratch.h"
#include "event/reflog.h"

static void expect(const struct wake_made_facts *facts, bool made, const char *reason)
{
	struct wake_verdict verdict = wake_made_judge(facts);

	assert_string_equal(verdict.reason, reason);
	assert_int_equal(verdict.made, made);
}

/* A plain commit, seen at once. */
static const struct wake_made_facts commit = { .moved = true,
	.flags = WAKE_REFLOG_COMMIT,
	.has_line = true,
	.committer_is_line = true,
	.same_committer = true,
	.graph = WAKE_GRAPH_PARENT };

static void test_a_commit_is_made(void **state)
{
	(void)state;
	expect(&commit, true, "committer");
}

static void test_what_did_not_move_is_brought(void **state)
{
	struct wake_made_facts facts = commit;

	(void)state;
	facts.moved = false;
	expect(&facts, false, "no-movement");
}

static void test_a_push_is_brought_whoever_committed(void **state)
{
	struct wake_made_facts facts = commit;

	(void)state;
	facts.flags = WAKE_REFLOG_PUSH;
	expect(&facts, false, "push");
}

static void test_what_was_known_is_brought(void **state)
{
	struct wake_made_facts facts = commit;

	(void)state;
	facts.flags = WAKE_REFLOG_MOVE;
	facts.known_earlier = true;
	expect(&facts, false, "known");
	facts.known_earlier = false;
	facts.known_remote = true;
	expect(&facts, false, "remote");
}

/* Two worktrees may make one commit in one second: both made it. */
static void test_a_commit_line_that_signs_is_made_though_known(void **state)
{
	struct wake_made_facts facts = commit;

	(void)state;
	facts.known_earlier = facts.known_remote = true;
	expect(&facts, true, "committer");
	facts.committer_is_line = false;
	expect(&facts, false, "known");
	facts.known_earlier = false;
	expect(&facts, false, "remote");
}

static void test_a_replay_is_made_if_the_graph_fits(void **state)
{
	struct wake_made_facts facts = {
		.moved = true, .flags = WAKE_REFLOG_REPLAY, .has_line = true, .lag = 100000
	};

	(void)state;
	expect(&facts, false, "none");
	facts.graph = WAKE_GRAPH_PARENT;
	expect(&facts, true, "replay");
	facts.graph = WAKE_GRAPH_SAME_PARENTS;
	expect(&facts, true, "replay");
	facts.graph = WAKE_GRAPH_ROOT;
	expect(&facts, true, "replay");
	facts.known_earlier = true;
	expect(&facts, false, "known");
}

static void test_plumbing_is_made_within_a_minute(void **state)
{
	struct wake_made_facts facts = {
		.moved = true, .has_line = true, .same_committer = true, .graph = WAKE_GRAPH_PARENT
	};

	(void)state;
	expect(&facts, true, "plumbing");
	facts.lag = 60;
	expect(&facts, true, "plumbing");
	facts.lag = 61;
	expect(&facts, false, "none");
	facts.lag = -1;
	expect(&facts, false, "none");
	facts.lag = 0;
	facts.same_committer = false;
	expect(&facts, false, "none");
	facts.same_committer = true;
	facts.graph = WAKE_GRAPH_NONE;
	expect(&facts, false, "none");
}

static void test_without_a_line_nothing_signs(void **state)
{
	struct wake_made_facts facts = commit;

	(void)state;
	facts.has_line = false;
	facts.flags = 0;
	expect(&facts, false, "none");
}

static void test_names_of_graphs(void **state)
{
	(void)state;
	for (int i = WAKE_GRAPH_NONE; i <= WAKE_GRAPH_ROOT; i++)
		assert_int_equal(wake_graph_named(wake_graph_name((enum wake_graph)i)), i);
	assert_string_equal(wake_graph_name(WAKE_GRAPH_SAME_PARENTS), "same-parents");
	assert_int_equal(wake_graph_named("something else"), WAKE_GRAPH_NONE);
	assert_int_equal(wake_graph_named(NULL), WAKE_GRAPH_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_commit_is_made),
		cmocka_unit_test(test_what_did_not_move_is_brought),
		cmocka_unit_test(test_a_push_is_brought_whoever_committed),
		cmocka_unit_test(test_what_was_known_is_brought),
		cmocka_unit_test(test_a_commit_line_that_signs_is_made_though_known),
		cmocka_unit_test(test_a_replay_is_made_if_the_graph_fits),
		cmocka_unit_test(test_plumbing_is_made_within_a_minute),
		cmocka_unit_test(test_without_a_line_nothing_signs),
		cmocka_unit_test(test_names_of_graphs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
