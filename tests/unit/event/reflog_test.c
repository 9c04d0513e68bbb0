/* SPDX-License-Identifier: MIT */
/* event/reflog: lines, also damaged ones; ids and ordinals; reading on; and every shape of message. */
#include "event/reflog.h"

#include "event/reflog_parse.h"
#include "fake_repo.h"

#define WHEN " 1700000000 +0200"
#define NONCE "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

/* ---- one line ----------------------------------------------------------------------------------- */

static void expect_bytes(const char *bytes, size_t len, const char *expected)
{
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(bytes, expected, len);
}

static void parse(const char *text, struct wake_reflog_line *line)
{
	if (!wake_reflog_parse(text, strlen(text), line))
		fail_msg("no line: %s", text);
}

static void parses_what_git_writes(void **state)
{
	struct wake_reflog_line line;

	(void)state;
	parse(HASH_A " " HASH_B " Ann van Example <ann@example.org>" WHEN "\tcommit: Say it ", &line);
	assert_string_equal(line.old_hash, HASH_A);
	assert_string_equal(line.new_hash, HASH_B);
	expect_bytes(line.name, line.name_len, "Ann van Example");
	expect_bytes(line.email, line.email_len, "ann@example.org");
	assert_true(line.time == 1700000000);
	assert_string_equal(line.zone, "+0200");
	expect_bytes(line.message, line.message_len, "commit: Say it"); /* space at the end means nothing */
	assert_true(line.position == 0);
}

static void parses_what_git_hardly_writes(void **state)
{
	static const char *const empty[] = { HASH_A " " HASH_B " " WHO WHEN, HASH_A " " HASH_B " " WHO WHEN "\t",
		HASH_A " " HASH_B " " WHO WHEN " \t\r" };
	struct wake_reflog_line line;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(empty); i++) {
		parse(empty[i], &line);
		assert_int_equal(line.message_len, 0);
	}
	parse(HASH_A " " HASH_B "  <>" WHEN "\tx", &line); /* nobody */
	assert_int_equal(line.name_len, 0);
	assert_int_equal(line.email_len, 0);
	parse(HASH_A " " HASH_B " A <b> <c@d>" WHEN "\tx", &line); /* brackets in a name */
	expect_bytes(line.name, line.name_len, "A <b>");
	expect_bytes(line.email, line.email_len, "c@d");
	parse(HASH_A " " HASH_B " A <a> 5 +0000\tb> 6 +0100", &line); /* only the first counts */
	assert_true(line.time == 5);
	parse(HASH_A HASH_0 " " HASH_B " " WHO WHEN "\tx", &line); /* of 80 digits, the last 40 */
	assert_string_equal(line.old_hash, HASH_0);
	parse(HASH_A "000000000000000000000000 " HASH_B "111111111111111111111111 " WHO WHEN "\tx", &line);
	assert_string_equal(line.new_hash, HASH_B "111111111111111111111111"); /* SHA-256 */
	parse(HASH_A " " HASH_B " A <a> -5 -1234\tx", &line);
	assert_true(line.time == -5);
	parse(HASH_A " " HASH_B " A <a> 99999999999999999999999 +0000\tx", &line);
	assert_true(line.time == INT64_C(1) << 53);
	parse(HASH_A " " HASH_B " A <a> 1 +12345\tx", &line);
	assert_string_equal(line.zone, "+12345");
}

static void refuses_what_is_no_line(void **state)
{
	static const char *const bad[] = {
		"", "\n", "x", HASH_A, HASH_A " " HASH_B, HASH_A " " HASH_B " ", HASH_A " " HASH_B " " WHO,
		HASH_A " " HASH_B " " WHO " 1", HASH_A " " HASH_B " " WHO " 1 ", HASH_A " " HASH_B " " WHO " 1 0000",
		HASH_A " " HASH_B " " WHO " 1 +000", HASH_A " " HASH_B " " WHO " x +0000\tm",
		HASH_A " " HASH_B " " WHO " 1 +0000x", HASH_A " " HASH_B " Ann 1 +0000\tm",
		HASH_A "\t" HASH_B " " WHO WHEN, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " HASH_B " " WHO WHEN,
		HASH_A " bbbbbb " WHO WHEN, HASH_A " " HASH_B HASH_B " " WHO WHEN,
	};
	struct wake_reflog_line line;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		if (wake_reflog_parse(bad[i], strlen(bad[i]), &line))
			fail_msg("a line: %s", bad[i]);
	}
}

#define WHOLE HASH_C " " HASH_D " " WHO " 1700000009 +0000\tcommit: whole"

/* A full disk leaves the beginning of a line without its end, cut anywhere; the next one follows at once. */
static void parses_the_last_of_glued_lines(void **state)
{
	static const char cut[] = HASH_A " " HASH_B " " WHO WHEN "\tcommit: the one that was cut";
	struct wake_reflog_line line;

	(void)state;
	for (size_t len = 1; len < sizeof(cut); len++) {
		char text[sizeof(cut) + sizeof(WHOLE)];

		memcpy(text, cut, len);
		memcpy(text + len, WHOLE, sizeof(WHOLE));
		parse(text, &line);
		assert_string_equal(line.old_hash, HASH_C);
		assert_string_equal(line.new_hash, HASH_D);
		assert_true(line.position == len);
		expect_bytes(line.message, line.message_len, "commit: whole");
	}
	parse(cut, &line); /* by itself it is one */
	assert_string_equal(line.new_hash, HASH_B);
	parse(HASH_A " " HASH_B " Ann <a" HASH_C " " HASH_D " " WHO WHEN, &line); /* no TAB, where there is no message */
	assert_string_equal(line.new_hash, HASH_D);
	parse(HASH_A " " HASH_C " " HASH_D " " WHO WHEN "\tx", &line); /* cut behind its first hash */
	assert_string_equal(line.old_hash, HASH_C);
}

/* git turns TABs in a message into spaces: so no subject makes a line. */
static void a_subject_cannot_forge_a_line(void **state)
{
	struct wake_reflog_line line;

	(void)state;
	parse(HASH_A " " HASH_B " " WHO WHEN "\tcommit: " HASH_C " " HASH_D " Eve <e@e> 1 +0000 commit: forged", &line);
	assert_string_equal(line.new_hash, HASH_B);
	parse(HASH_A " " HASH_B " " WHO WHEN "\tcommit: " HASH_C " " HASH_D " Eve <e@e> 1 +0000", &line);
	assert_string_equal(line.new_hash, HASH_B);
	assert_true(line.time == 1700000000);
}

/* ---- ids ------------------------------------------------------------------------------------------ */

static void id_of(const char *text, uint64_t ordinal, const char *nonce, const char *name, char id[WAKE_ID_SIZE])
{
	struct wake_reflog_line line;

	parse(text, &line);
	line.ordinal = ordinal;
	wake_reflog_line_id(&line, nonce, name, id);
}

static void expect_id(const char *text, const char *expected)
{
	char id[WAKE_ID_SIZE];

	id_of(text, 0, NONCE, "HEAD", id);
	assert_string_equal(id, expected);
}

/* An id that changed from one version of this program to the next would record everything twice: this one,
 * worked out by other means (Python: uuid.uuid5), stands for ever. */
static void ids_stay(void **state)
{
	(void)state;
	expect_id(HASH_A " " HASH_B " " WHO WHEN "\tcommit: one", "018bcfe5-6800-8f6d-bb9f-a99e1489447c");
}

static void ids_ignore_what_gc_changes(void **state)
{
	char id[WAKE_ID_SIZE];

	(void)state;
	id_of(HASH_A " " HASH_B " " WHO WHEN "\tcommit: one", 0, NONCE, "HEAD", id);
	expect_id(HASH_C " " HASH_B " " WHO WHEN "\tcommit: one", id); /* reflog delete --rewrite */
	expect_id(HASH_A " " HASH_B " " WHO WHEN "\tcommit: one  ", id);
	id_of(HASH_A " " HASH_B " " WHO WHEN, 0, NONCE, "HEAD", id);
	expect_id(HASH_A " " HASH_B " " WHO WHEN "\t", id); /* expiry writes a TAB where there was none */
}

static void ids_tell_everything_else_apart(void **state)
{
	static const struct {
		const char *text, *nonce, *name;
		uint64_t ordinal;
	} cases[] = {
		{ HASH_A " " HASH_B " A <a> 1 +0000\tx", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " A <a> 1 +0000\tx", NONCE, "HEAD", 1 },
		{ HASH_A " " HASH_B " A <a> 1 +0000\tx", NONCE, "refs/heads/x", 0 },
		{ HASH_A " " HASH_B " A <a> 1 +0000\tx", "another", "HEAD", 0 },
		{ HASH_A " " HASH_C " A <a> 1 +0000\tx", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " B <a> 1 +0000\tx", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " A <b> 1 +0000\tx", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " A <a> 2 +0000\tx", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " A <a> 1 +0100\tx", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " A <a> 1 +0000\ty", NONCE, "HEAD", 0 },
		{ HASH_A " " HASH_B " A <a> 1 +0000", NONCE, "HEAD", 0 },
	};
	char ids[WAKE_COUNT(cases)][WAKE_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		id_of(cases[i].text, cases[i].ordinal, cases[i].nonce, cases[i].name, ids[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	}
}

static void ids_of_long_messages_differ_at_their_end(void **state)
{
	wake_auto_free char *text = malloc(3000001);
	struct wake_reflog_line line;
	char one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 3000000);
	text[3000000] = '\0';
	memcpy(text, HASH_A " " HASH_B " A <a> 1 +0000\t", strlen(HASH_A " " HASH_B " A <a> 1 +0000\t"));
	parse(text, &line);
	line.ordinal = 0;
	wake_reflog_line_id(&line, NONCE, "HEAD", one);
	text[2999999] = 'y';
	wake_reflog_line_id(&line, NONCE, "HEAD", other);
	assert_string_not_equal(one, other);
}

/* ---- files ---------------------------------------------------------------------------------------- */

static struct wake_reflog *read_log(const char *path)
{
	struct wake_reflog *log = NULL;
	struct wake_error err = { 0 };

	if (wake_reflog_read(path, &log, &err) < 0)
		fail_msg("%s", err.text);
	return log;
}

static void reads_up_to_the_last_newline(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log");
	wake_auto_reflog struct wake_reflog *log = NULL;

	scratch_write(path, HASH_0 " " HASH_A " " WHO WHEN "\tone\nnonsense\n\n" HASH_A " " HASH_B " " WHO WHEN
	    "\ttwo\n" HASH_B " " HASH_C " " WHO WHEN "\tthr");
	log = read_log(path);
	assert_int_equal(wake_reflog_count(log), 2);
	assert_int_equal(wake_reflog_bad(log), 2);
	assert_string_equal(wake_reflog_line(log, 1)->new_hash, HASH_B);
	assert_true(wake_reflog_line(log, 1)->position == strlen(HASH_0 " " HASH_A " " WHO WHEN "\tone\nnonsense\n\n"));
	assert_true(wake_reflog_end(log) ==
	    strlen(HASH_0 " " HASH_A " " WHO WHEN "\tone\nnonsense\n\n" HASH_A " " HASH_B " " WHO WHEN "\ttwo\n"));
	assert_true(wake_reflog_inode(log) != 0);
	assert_true(wake_reflog_is_whole(log));
}

static void a_missing_log_is_empty(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log");
	wake_auto_reflog struct wake_reflog *log = read_log(path);

	assert_int_equal(wake_reflog_count(log), 0);
	assert_true(wake_reflog_inode(log) == 0);
	assert_true(wake_reflog_end(log) == 0);
}

static void refuses_what_is_no_file_or_too_large(void **state)
{
	wake_auto_free char *fifo = scratch_path(state, "fifo");
	wake_auto_free char *large = scratch_path(state, "large");
	struct wake_reflog *log = NULL;
	struct wake_error err;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(wake_reflog_read(fifo, &log, &err), WAKE_INVALID); /* and does not wait for a writer */
	assert_int_equal(wake_reflog_read(*state, &log, &err), WAKE_INVALID);
	scratch_write(large, "");
	assert_int_equal(truncate(large, (off_t)WAKE_REFLOG_FILE_MAX + 1), 0);
	assert_int_equal(wake_reflog_read(large, &log, &err), WAKE_INVALID);
	assert_null(log);
}

static void counts_identical_lines(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log");
	wake_auto_reflog struct wake_reflog *log = NULL;
	static const uint64_t expected[] = { 0, 0, 1, 0, 2, 0, 3 };

	scratch_write(path, HASH_A " " HASH_A " " WHO WHEN "\tstash\n" HASH_A " " HASH_B " " WHO WHEN "\tstash\n"
	    HASH_C " " HASH_A " " WHO WHEN "\tstash\n" HASH_A " " HASH_A " " WHO WHEN "\tother\n"
	    HASH_A " " HASH_A " " WHO WHEN "\tstash\n" HASH_A " " HASH_A " " WHO " 1700000001 +0200\tstash\n"
	    HASH_A " " HASH_A " " WHO WHEN "\tstash \n");
	log = read_log(path);
	assert_int_equal(wake_reflog_count(log), WAKE_COUNT(expected));
	for (size_t i = 0; i < WAKE_COUNT(expected); i++)
		assert_true(wake_reflog_line(log, i)->ordinal == expected[i]);
}

/* ---- reading on ----------------------------------------------------------------------------------- */

/* A line of a small world, so that twins are many: three hashes, a few seconds, two messages. */
static void append_random(struct wake_str *text, unsigned *seed, int64_t *clock)
{
	static const char *const hashes[] = { HASH_A, HASH_B, HASH_C };
	static const char *const messages[] = { "\tcheckout: moving from a to b", "\treset: moving to HEAD", "" };
	int64_t time;

	*clock += rand_r(seed) % 3 == 0;
	time = rand_r(seed) % 8 == 0 ? *clock - rand_r(seed) % 4 : *clock;
	if (rand_r(seed) % 20 == 0)
		wake_str_append(text, "garbage\n");
	wake_str_appendf(text, "%s %s " WHO " %lld +0000%s\n", hashes[rand_r(seed) % 3], hashes[rand_r(seed) % 3],
	    (long long)time, messages[rand_r(seed) % 3]);
}

/* Reads on from mark, and compares all that is new with the whole log. */
static void expect_same_as_whole(const char *path, const struct wake_reflog_mark *mark)
{
	wake_auto_reflog struct wake_reflog *whole = read_log(path);
	wake_auto_reflog struct wake_reflog *part = NULL;
	struct wake_reflog_mark after, expected = wake_reflog_mark_of(whole);
	struct wake_error err;
	size_t next = 0, skipped;

	assert_int_equal(wake_reflog_read_on(path, mark, &part, &next, &err), WAKE_OK);
	assert_true(next != SIZE_MAX);
	assert_true(wake_reflog_count(part) <= wake_reflog_count(whole));
	skipped = wake_reflog_count(whole) - wake_reflog_count(part);
	for (size_t i = next > 0 ? next - 1 : 0; i < wake_reflog_count(part); i++) {
		char one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

		wake_reflog_line_id(wake_reflog_line(part, i), NONCE, "HEAD", one);
		wake_reflog_line_id(wake_reflog_line(whole, skipped + i), NONCE, "HEAD", other);
		assert_string_equal(one, other);
		assert_true(wake_reflog_line(part, i)->position == wake_reflog_line(whole, skipped + i)->position);
	}
	after = wake_reflog_mark_of(part);
	assert_true(after.inode == expected.inode && after.end == expected.end && after.line == expected.line &&
	    after.ordinal == expected.ordinal && after.peak == expected.peak && after.peak_from == expected.peak_from);
}

/* However a log grows, in whatever steps, with clocks that go back: reading on gives what reading all
 * gives. */
static void reading_on_equals_reading_all(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log");
	unsigned seed = 20261122;

	for (int round = 0; round < 40; round++) {
		int64_t clock = 1700000000;

		scratch_write(path, round % 2 ? "" : "garbage first\n");
		for (int step = 0; step < 25; step++) {
			wake_auto_reflog struct wake_reflog *before = read_log(path);
			wake_auto_str struct wake_str text = WAKE_STR(65536);
			struct wake_reflog_mark mark = wake_reflog_mark_of(before);

			for (int i = rand_r(&seed) % 4; i > 0; i--)
				append_random(&text, &seed, &clock);
			repo_append(*state, "log", wake_str_text(&text));
			expect_same_as_whole(path, &mark);
		}
	}
}

static void reads_only_the_tail_of_a_long_log(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log");
	wake_auto_str struct wake_str text = WAKE_STR(1024 * 1024);
	wake_auto_reflog struct wake_reflog *before = NULL;
	wake_auto_reflog struct wake_reflog *part = NULL;
	struct wake_reflog_mark mark;
	struct wake_error err;
	size_t next;

	for (int i = 0; i < 2000; i++)
		wake_str_appendf(&text, HASH_A " " HASH_B " " WHO " %d +0000\tcommit: x\n", 1700000000 + i / 2);
	scratch_write(path, wake_str_text(&text));
	before = read_log(path);
	mark = wake_reflog_mark_of(before);
	repo_append(*state, "log", HASH_B " " HASH_C " " WHO " 1700009999 +0000\tcommit: y\n");
	assert_int_equal(wake_reflog_read_on(path, &mark, &part, &next, &err), WAKE_OK);
	assert_false(wake_reflog_is_whole(part));
	assert_int_equal(wake_reflog_count(part), 3); /* the two lines of the last second, and the new one */
	assert_int_equal(next, 2);
}

/* What the mark was made of is not there any more. */
static void a_mark_that_does_not_fit_is_told(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log");
	static const char one[] = HASH_A " " HASH_B " " WHO WHEN "\tone\n";
	static const char two[] = HASH_A " " HASH_B " " WHO WHEN "\tone\n" HASH_B " " HASH_C " " WHO WHEN "\ttwo\n";
	wake_auto_reflog struct wake_reflog *before = NULL;
	struct wake_reflog_mark mark;
	struct wake_error err;

	scratch_write(path, two);
	before = read_log(path);
	mark = wake_reflog_mark_of(before);
	for (int way = 0; way < 4; way++) {
		wake_auto_reflog struct wake_reflog *log = NULL;
		size_t next = 0;

		if (way == 0)
			scratch_write(path, one); /* shorter */
		else if (way == 1)
			scratch_write(path, two + 1); /* shifted by a byte */
		else if (way == 2)
			repo_replace(*state, "log", two); /* another file */
		else
			assert_int_equal(unlink(path), 0);
		assert_int_equal(wake_reflog_read_on(path, &mark, &log, &next, &err), WAKE_OK);
		assert_true(next == SIZE_MAX);
		assert_true(wake_reflog_is_whole(log));
		assert_int_equal(wake_reflog_count(log), way == 0 ? 1 : way == 1 ? 1 : way == 2 ? 2 : 0);
	}
}

/* ---- kinds ---------------------------------------------------------------------------------------- */

static const struct {
	const char *message, *name, *commit;
	unsigned flags;
} kinds[] = {
	{ "commit: s", "commit", "commit", WAKE_REFLOG_COMMIT },
	{ "commit: s (pick): t", "commit", "commit", WAKE_REFLOG_COMMIT },
	{ "commit (initial): s", "commit-initial", "commit", WAKE_REFLOG_COMMIT },
	{ "commit (amend): s", "commit-amend", "amend", WAKE_REFLOG_COMMIT },
	{ "commit (merge): Merge branch 'x'", "commit-merge", "merge", WAKE_REFLOG_COMMIT },
	{ "commit (cherry-pick): s", "commit-cherry-pick", "cherry-pick", WAKE_REFLOG_COMMIT },
	{ "commit (something): s", "commit", "commit", WAKE_REFLOG_COMMIT },
	{ "am: s", "am", "am", WAKE_REFLOG_REPLAY },
	{ "am --abort", "am-abort", "am", WAKE_REFLOG_MOVE },
	{ "cherry-pick: s", "cherry-pick", "cherry-pick", 0 },
	{ "cherry-pick: s: Fast-forward", "cherry-pick", "cherry-pick", 0 },
	{ "cherry-pick: fast-forward", "cherry-pick-ff", "cherry-pick", WAKE_REFLOG_MOVE },
	{ "revert: Revert \"s\"", "revert", "revert", 0 },
	{ "merge x: Merge made by the 'ort' strategy.", "merge", "merge", 0 },
	{ "merge x y: Merge made by the 'octopus' strategy.", "merge", "merge", 0 },
	{ "merge x: Merge made by the 'subtree' strategy.", "merge", "merge", 0 },
	{ "merge origin/main: Fast-forward", "merge-ff", "merge", WAKE_REFLOG_MOVE },
	{ "pull: Fast-forward", "pull-ff", "merge", WAKE_REFLOG_MOVE },
	{ "pull -q https://user:token@h/x.git main: Fast-forward", "pull-ff", "merge", WAKE_REFLOG_MOVE },
	{ "pull --no-rebase o main: Merge made by the 'ort' strategy.", "pull-merge", "merge", 0 },
	{ "pull --rebase (start): checkout 1234", "rebase-start", "rebase", WAKE_REFLOG_MOVE },
	{ "pull --rebase o main (pick): s", "rebase-pick", "rebase", WAKE_REFLOG_REPLAY },
	{ "pull --rebase (finish): returning to refs/heads/b", "rebase-finish", "rebase", WAKE_REFLOG_MOVE },
	{ "initial pull", "pull-initial", "plumbing", WAKE_REFLOG_MOVE },
	{ "fetch -u . x:main: fast-forward", "fetch", "plumbing", WAKE_REFLOG_MOVE },
	{ "rebase (start): checkout main", "rebase-start", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase (pick): s", "rebase-pick", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (pick): s (finish): t", "rebase-pick", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase -i (pick): s", "rebase-pick", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (squash): # This is a combination of 2 commits.", "rebase-squash", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (fixup): s", "rebase-fixup", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (reword): s", "rebase-reword", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (edit): s", "rebase-edit", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (continue): s", "rebase-continue", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (merge): Merge branch 'x'", "rebase-merge", "rebase", WAKE_REFLOG_REPLAY },
	{ "rebase (reset): 'onto'", "rebase-reset", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase (finish): returning to refs/heads/b", "rebase-finish", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase (abort): returning to refs/heads/b", "rebase-abort", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase: fast-forward", "rebase-ff", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase finished: returning to refs/heads/b", "rebase-finish", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase: checkout main", "rebase-start", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase: aborting", "rebase-abort", "rebase", WAKE_REFLOG_MOVE },
	{ "rebase: s", "rebase-pick", "rebase", WAKE_REFLOG_REPLAY },
	{ "reset: moving to HEAD", "reset", "plumbing", WAKE_REFLOG_MOVE },
	{ "checkout: moving from a to b", "checkout", "plumbing", WAKE_REFLOG_MOVE },
	{ "branch: Reset to x", "branch-reset", "plumbing", WAKE_REFLOG_MOVE },
	{ "branch: Created from HEAD", "branch-create", "plumbing", WAKE_REFLOG_MOVE },
	{ "Branch: renamed refs/heads/a to refs/heads/b", "branch-rename", "plumbing", WAKE_REFLOG_MOVE },
	{ "Branch: copied refs/heads/a to refs/heads/b", "branch-copy", "plumbing", WAKE_REFLOG_MOVE },
	{ "clone: from https://h/x", "clone", "plumbing", WAKE_REFLOG_MOVE },
	{ "push", "push", "plumbing", WAKE_REFLOG_MOVE | WAKE_REFLOG_PUSH },
	{ "update by push", "update-by-push", "plumbing", WAKE_REFLOG_PUSH },
	{ "filter-branch: rewrite", "filter-branch", "filter-branch", 0 },
	{ "fast-import", "fast-import", "plumbing", 0 },
	{ "", "none", "plumbing", 0 },
	{ "Z: s", "other", "commit", 0 },
	{ "Z", "other", "commit", 0 },
	{ "Z (pick): s", "rebase-pick", "rebase", WAKE_REFLOG_REPLAY },
	{ "Z (finish): returning to refs/heads/b", "rebase-finish", "rebase", WAKE_REFLOG_MOVE },
	{ "Z: Fast-forward", "merge-ff", "merge", WAKE_REFLOG_MOVE },
	{ "Z: Merge made by the 'ort' strategy.", "merge", "merge", 0 },
	{ "Z: updating HEAD", "reset", "plumbing", WAKE_REFLOG_MOVE },
	{ "committed: s", "other", "commit", 0 },
	{ "amend: s", "other", "commit", 0 },
	{ "pushed", "other", "commit", 0 },
};

static void names_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(kinds); i++) {
		const struct wake_reflog_kind *kind = wake_reflog_kind(kinds[i].message, strlen(kinds[i].message));
		const struct wake_reflog_kind *named = wake_reflog_kind_named(kinds[i].name);

		if (strcmp(kind->name, kinds[i].name) != 0)
			fail_msg("'%s' is %s, expected %s", kinds[i].message, kind->name, kinds[i].name);
		assert_string_equal(kind->commit, kinds[i].commit);
		assert_int_equal(kind->flags, kinds[i].flags);
		assert_string_equal(named->name, kind->name); /* what is stored is found again */
		assert_string_equal(named->commit, kind->commit);
		assert_int_equal(named->flags, kind->flags);
	}
	assert_string_equal(wake_reflog_kind_named("implied")->commit, "plumbing");
	assert_string_equal(wake_reflog_kind_named("no such kind")->name, "other");
}

static void expect_target(const char *message, const char *expected)
{
	struct wake_reflog_line line = { .message = message, .message_len = strlen(message) };
	wake_auto_free char *target = wake_reflog_checkout_target(&line);

	if (expected)
		assert_string_equal(target, expected);
	else if (target)
		fail_msg("'%s' gives %s", message, target);
}

static void tells_a_checkouts_target(void **state)
{
	static const char *const none[] = { "", "checkout:", "checkout: moving from a to", "commit: moving from a to b",
		("checkout: moving from a to " HASH_A), "checkout: moving from a to HEAD", "checkout: moving from a to HEAD~1",
		"checkout: moving from a to -b", "checkout: moving from a to b..c", "checkout: moving from a to b.lock",
		"checkout: moving from a to @", "checkout: moving from a to x@{1}", "checkout: moving from a to b/",
		"checkout: moving from a to b//c", "checkout: moving from a to b/.c", "checkout: moving from a to b^0",
		"checkout: moving from a to b\x01", "checkout: moving from a to .b", "checkout: moving from a to b." };

	(void)state;
	expect_target("checkout: moving from a to b", "b");
	expect_target("checkout: moving from a to feature/to-do", "feature/to-do");
	expect_target("checkout: moving from " HASH_A " to v1.2", "v1.2");
	expect_target("checkout: moving from to to to", "to");
	expect_target("checkout: moving from a to \xc3\xbc", "\xc3\xbc");
	for (size_t i = 0; i < WAKE_COUNT(none); i++)
		expect_target(none[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_what_git_writes),
		cmocka_unit_test(parses_what_git_hardly_writes),
		cmocka_unit_test(refuses_what_is_no_line),
		cmocka_unit_test(parses_the_last_of_glued_lines),
		cmocka_unit_test(a_subject_cannot_forge_a_line),
		cmocka_unit_test(ids_stay),
		cmocka_unit_test(ids_ignore_what_gc_changes),
		cmocka_unit_test(ids_tell_everything_else_apart),
		cmocka_unit_test(ids_of_long_messages_differ_at_their_end),
		scratch_test(reads_up_to_the_last_newline),
		scratch_test(a_missing_log_is_empty),
		scratch_test(refuses_what_is_no_file_or_too_large),
		scratch_test(counts_identical_lines),
		scratch_test(reading_on_equals_reading_all),
		scratch_test(reads_only_the_tail_of_a_long_log),
		scratch_test(a_mark_that_does_not_fit_is_told),
		cmocka_unit_test(names_every_kind),
		cmocka_unit_test(tells_a_checkouts_target),
	};

	return cmocka_run_group_tests_name("reflog", tests, NULL, NULL);
}
