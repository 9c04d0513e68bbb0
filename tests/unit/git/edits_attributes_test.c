/* SPDX-License-Identifier: MIT */
/* git/edits_attributes: which texts could say something of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "git/edits_inside.h"

static enum wake_attributes scan(const char *text, const char *name)
{
	return wake_attributes_scan(text, strlen(text), name);
}

static void test_what_is_certainly_not_meant(void **state)
{
	(void)state;
	assert_int_equal(scan("", "a.c"), WAKE_ATTRIBUTES_NONE);
	assert_int_equal(
	    scan("*.png binary\n*.psd filter=lfs diff=lfs -text\n", "a.c"), WAKE_ATTRIBUTES_NONE);
	assert_int_equal(scan("package-lock.json -diff\n", "package.json"), WAKE_ATTRIBUTES_NONE);
	assert_int_equal(scan("# * binary\n\n   \n\t# * -diff", "a.c"), WAKE_ATTRIBUTES_NONE);
	assert_int_equal(
	    scan("* whitespace=tab linguist-vendored export-ignore", "a.c"), WAKE_ATTRIBUTES_NONE);
	assert_int_equal(
	    scan("*.c whitespace\n[attr]mine linguist-generated\n", "a.c"), WAKE_ATTRIBUTES_NONE);
}

static void test_what_may_change_lines(void **state)
{
	(void)state;
	assert_int_equal(scan("* text=auto", "a.c"), WAKE_ATTRIBUTES_LINES);
	assert_int_equal(scan("*.png binary\n*.c eol=crlf\n", "a.c"), WAKE_ATTRIBUTES_LINES);
	assert_int_equal(scan("*.c ident", "a.c"), WAKE_ATTRIBUTES_LINES);
	assert_int_equal(scan("*.C crlf", "a.c"), WAKE_ATTRIBUTES_LINES);
	assert_int_equal(scan("\t*.c\t-text\r\n", "a.c"), WAKE_ATTRIBUTES_LINES);
}

static void test_what_only_git_can_tell(void **state)
{
	(void)state;
	assert_int_equal(scan("*.png binary", "a.png"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("*.PNG binary", "a.png"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("*.png binary", ".png"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("a.c -diff", "a.c"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("/a.c -diff", "a.c"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("dir/** filter=x", "a.c"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("[ab]* diff=x", "z"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("\"a b.c\" diff", "z"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("* text\n*.c working-tree-encoding=UTF-16", "a.c"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(scan("[attr]mine -diff", "z"), WAKE_ATTRIBUTES_ALL);
	assert_int_equal(wake_attributes_scan("*.c\0-diff", 9, "z"), WAKE_ATTRIBUTES_ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_certainly_not_meant),
		cmocka_unit_test(test_what_may_change_lines),
		cmocka_unit_test(test_what_only_git_can_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
