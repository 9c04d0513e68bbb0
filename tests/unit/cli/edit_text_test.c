/* SPDX-License-Identifier: MIT */
/* cli/edit_text: which entries a person means, and how they read. */
#include "cli/edit_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct wake_error err;

static json_t *entries(void)
{
	json_t *files = json_loads(
	    "[{\"path\":\"a.c\",\"status\":\"M\",\"added\":3,\"removed\":1,\"binary\":false,\"kept\":\"yes\","
	    "\"new_id\":\"0123\"},"
	    "{\"path\":\"src/"
	    "b.c\",\"status\":\"?\",\"added\":5,\"removed\":0,\"binary\":false,\"kept\":\"size\"},"
	    "{\"path\":\"src\\u001b[2J/c\\nd\",\"status\":\"?\",\"added\":0,\"removed\":0,\"binary\":true,"
	    "\"kept\":\"what\"},"
	    "{\"path\":\"\\\"src/\\\\351\\\"\",\"status\":\"D\",\"added\":0,\"removed\":2,\"binary\":false}]",
	    0, NULL);

	assert_non_null(files);
	return files;
}

static void chooses(const char *const *words, size_t count)
{
	wake_auto_json json_t *files = entries();
	wake_auto_json json_t *chosen = NULL;

	assert_int_equal(wake_edit_choose(files, words, &chosen, &err), WAKE_OK);
	assert_int_equal(json_array_size(chosen), count);
}

#define CHOOSES(count, ...) chooses((const char *const[]){ __VA_ARGS__, NULL }, count)

static void words_are_files_or_directories(void **state)
{
	(void)state;
	chooses(NULL, 4);
	CHOOSES(1, "a.c");
	CHOOSES(1, "./a.c");
	CHOOSES(2, "src");
	CHOOSES(2, "./src/");
	CHOOSES(4, ".");
	CHOOSES(4, "./");
	CHOOSES(2, "a.c", "src/b.c");
	CHOOSES(0, "sr");
	CHOOSES(0, "a.c/b");
	CHOOSES(0, "*.c");
	CHOOSES(1, "src/\xe9"); /* bytes, though it is stored quoted */
}

static void refuses_what_is_no_path(void **state)
{
	wake_auto_json json_t *files = json_loads("[{\"path\":\"\\\"open\"}]", 0, NULL);
	json_t *chosen = NULL;

	(void)state;
	assert_int_not_equal(wake_edit_choose(files, NULL, &chosen, &err), WAKE_OK);
	assert_null(chosen);
}

static void reads_well(void **state)
{
	wake_auto_json json_t *files = entries();
	wake_auto_str struct wake_str out = WAKE_STR(4096);

	(void)state;
	wake_edit_append_sum(&out, files);
	assert_string_equal(wake_str_text(&out), "4 files, +8 -3");
	wake_str_clear(&out);
	wake_edit_append_unkept(&out, "# ", files);
	assert_string_equal(wake_str_text(&out), "# not kept: src/b.c (larger than runwake.keepfilemax)\n"
	                                         "# not kept: src\\x1b[2J/c\\x0ad (why is not known)\n"
	                                         "# not kept: \"src/\\351\" (why is not known)\n");
	wake_str_clear(&out);
	wake_edit_append_stat(&out, files);
	assert_string_equal(wake_str_text(&out),
	    " a.c | +3 -1\n src/b.c | +5 -0\n src\\x1b[2J/c\\x0ad | Bin\n \"src/\\351\" | +0 -2\n");
}

static void outlines_leave_ids_out(void **state)
{
	wake_auto_json json_t *files = entries();
	wake_auto_json json_t *outline = NULL;

	(void)state;
	assert_int_equal(wake_edit_outline(files, &outline, &err), WAKE_OK);
	assert_int_equal(json_array_size(outline), 4);
	assert_null(json_object_get(json_array_get(outline, 0), "new_id"));
	assert_int_equal(json_object_size(json_array_get(outline, 3)), 7);
	assert_true(json_is_null(json_object_get(json_array_get(outline, 3), "kept")));
}

static void outlines_of_what_was_thrown_away(void **state)
{
	wake_auto_json json_t *discarded = json_pack("[{s:s, s:s, s:s, s:s, s:o}, {s:[]}]", "at", "T",
	    "state", "S", "before", "B", "kept_new", "X", "files", entries(), "files");
	wake_auto_json json_t *outline = NULL;

	(void)state;
	assert_int_equal(
	    wake_edit_outline_discarded(discarded, (const char *const[]){ "a.c", NULL }, &outline, &err),
	    WAKE_OK);
	assert_int_equal(json_array_size(outline), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(outline, 0), "files")), 1);
	assert_null(json_object_get(json_array_get(outline, 0), "kept_new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_files_or_directories),
		cmocka_unit_test(refuses_what_is_no_path),
		cmocka_unit_test(reads_well),
		cmocka_unit_test(outlines_leave_ids_out),
		cmocka_unit_test(outlines_of_what_was_thrown_away),
	};

	return cmocka_run_group_tests_name("cli/edit_text", tests, NULL, NULL);
}
