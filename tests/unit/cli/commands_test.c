/* SPDX-License-Identifier: MIT */
/* cli/commands: the table is whole, and what is made of it names everything in it. */
#include "cli/commands.h"

#include "../base/scratch.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/help.h"

#define COLUMNS_MAX 79 /* of a man page's source line */

static void every_command_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; wake_commands[i]; i++) {
		const struct wake_command *command = wake_commands[i];

		assert_ptr_equal(wake_command_named(command->name), command);
		assert_non_null(command->run);
		assert_non_null(command->summary);
		assert_non_null(command->usage[0]);
		assert_non_null(command->description[0]);
		assert_non_null(command->options);
		assert_true(command->words_min <= command->words_max);
		assert_true(command->summary[strlen(command->summary) - 1] != '.');
	}
	assert_null(wake_command_named("nothing"));
	assert_null(wake_command_named(""));
}

static void options_do_not_clash(void **state)
{
	(void)state;
	for (size_t i = 0; wake_commands[i]; i++) {
		for (const struct wake_option *one = wake_commands[i]->options; one->name; one++) {
			assert_non_null(one->help);
			assert_string_not_equal(one->name, "help");
			assert_true(one->letter != 'h');
			for (const struct wake_option *other = one + 1; other->name; other++) {
				assert_string_not_equal(one->name, other->name);
				assert_true(one->letter == 0 || one->letter != other->letter);
			}
		}
	}
}

static void exit_codes_are_told_by_the_table(void **state)
{
	(void)state;
	for (int i = 0; i < WAKE_EXIT_COUNT; i++) {
		assert_int_equal(wake_exits[i].code, i);
		assert_non_null(wake_exits[i].meaning);
	}
	assert_int_equal(wake_exit_of(WAKE_OK), 0);
	assert_int_equal(wake_exit_of(WAKE_SYSTEM), 1);
	assert_int_equal(wake_exit_of(WAKE_NOMEM), 1);
	assert_int_equal(wake_exit_of(WAKE_INVALID), 2);
	assert_int_equal(wake_exit_of(WAKE_NOTFOUND), 4);
	assert_int_equal(wake_exit_of(WAKE_BUSY), 5);
	assert_int_equal(wake_exit_of(WAKE_EXISTS), 5);
	assert_int_equal(wake_exit_of(WAKE_UNAVAILABLE), 6);
	assert_int_equal(wake_exit_of(WAKE_CORRUPT), 6);
	for (size_t i = 0; wake_commands[i]; i++) {
		const char *exits = wake_commands[i]->exits;

		assert_true(!exits || strspn(exits, "13456") == strlen(exits));
		assert_true(!exits || !wake_commands[i]->own_exits);
	}
}

/* Names in the source have their hyphens escaped. */
static void assert_named(const char *page, const char *name)
{
	wake_auto_str struct wake_str escaped = WAKE_STR(256);

	for (; *name; name++)
		wake_str_append(&escaped, *name == '-' ? "\\-" : (char[2]){ *name, '\0' });
	assert_non_null(strstr(page, wake_str_text(&escaped)));
}

static void assert_page(const char *page, size_t len)
{
	assert_true(wake_text_is_utf8(page, len));
	assert_memory_equal(page, ".\\\" SPDX", 8);
	for (const char *line = page; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= COLUMNS_MAX || line[0] == '.');
}

static void man_pages_name_every_option(void **state)
{
	(void)state;
	for (size_t i = 0; wake_commands[i]; i++) {
		wake_auto_str struct wake_str page = WAKE_STR(1024 * 1024);

		wake_man_append(&page, wake_commands[i]);
		assert_false(page.failed);
		assert_page(page.data, page.len);
		assert_named(page.data, wake_commands[i]->name);
		for (const struct wake_option *row = wake_commands[i]->options; row->name; row++)
			assert_named(page.data, row->name);
	}
}

static void the_main_page_names_commands_exits_and_settings(void **state)
{
	wake_auto_str struct wake_str page = WAKE_STR(1024 * 1024);

	(void)state;
	wake_man_append(&page, NULL);
	assert_page(wake_str_text(&page), page.len);
	for (size_t i = 0; wake_commands[i]; i++) {
		if (wake_commands[i]->group)
			assert_named(page.data, wake_commands[i]->name);
	}
	assert_non_null(strstr(page.data, "\n.B 7\n"));
	assert_non_null(strstr(page.data, "\n.B runwake.store\n"));
	assert_non_null(strstr(page.data, "\n.B RUNWAKE_STORE\n"));
	assert_non_null(strstr(page.data, "\n.B .runwake\n"));
	assert_null(strstr(page.data, "generate"));
}

static void completion_names_commands_and_options(void **state)
{
	wake_auto_str struct wake_str script = WAKE_STR(1024 * 1024);

	(void)state;
	wake_completion_append(&script);
	assert_non_null(strstr(wake_str_text(&script), "complete -o default -F _runwake runwake\n"));
	assert_non_null(strstr(script.data, " --replace"));
	assert_non_null(strstr(script.data, "list:--status) "));
	assert_null(strstr(script.data, "generate)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_whole),
		cmocka_unit_test(options_do_not_clash),
		cmocka_unit_test(exit_codes_are_told_by_the_table),
		cmocka_unit_test(man_pages_name_every_option),
		cmocka_unit_test(the_main_page_names_commands_exits_and_settings),
		cmocka_unit_test(completion_names_commands_and_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
