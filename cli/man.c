/* SPDX-License-Identifier: MIT */
/* Man pages in man(7), made of the tables of commands, exit codes and settings; `mandoc -Tlint` finds
 * nothing. */
#include <ctype.h>
#include <string.h>

#include "base/config.h"
#include "cli/commands.h"
#include "cli/help.h"

#define MAN_DATE "2026-11-22"	/* fixed, so that a build gives the same bytes again */
#define MAN_LINE 78		/* bytes of a source line; longer ones are bad style to mandoc */

struct row {
	const char *tag;
	const char *text;
};

static const struct row environment[] = {
	{ "RUNWAKE_STORE", "The store, as sqlite:/absolute/path; outranks the setting runwake.store." },
	{ "RUNWAKE_RUN_ID", "In the environment of git: the run that the commits made there belong to." },
	{ "XDG_STATE_HOME", "Moves spool and store; default ~/.local/state." },
	{ "XDG_CONFIG_HOME", "Moves the settings; default ~/.config." },
	{ "NO_COLOR", "If set to anything, nothing is coloured." },
};

static const struct row files[] = {
	{ ".runwake", "The marker in a workspace's root: which run works there." },
	{ "$XDG_STATE_HOME/runwake/runwake.db", "The default store, an SQLite database." },
	{ "$XDG_STATE_HOME/runwake/spool/", "Events that wait for the recorder." },
	{ "$XDG_STATE_HOME/runwake/runs/", "One directory for each active run." },
	{ "$XDG_STATE_HOME/runwake/kept/",
	    "Contents of uncommitted edits: a bare git repository for each recorded one." },
	{ "$XDG_STATE_HOME/runwake/watcher/", "The watcher's lock, socket and log." },
	{ "$XDG_CONFIG_HOME/systemd/user/runwake-watcher.service", "The watcher's user service." },
	{ "$XDG_CONFIG_HOME/runwake/config", "The settings, in the syntax of git-config(1)." },
	{ "GIT_DIR/runwake/",
	    "Who a repository and its worktrees are, and from where on they are recorded." },
};

/* A hyphen in a word that is typed must not become a typographic one. */
static void append_char(struct wake_str *out, char c)
{
	if (c == '\\')
		wake_str_append(out, "\\e");
	else if (c == '-')
		wake_str_append(out, "\\-");
	else
		wake_str_append_char(out, c);
}

static void append_word(struct wake_str *out, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		append_char(out, word[i]);
}

/* The rest of a macro's line: it must stay one. */
static void append_line(struct wake_str *out, const char *text)
{
	append_word(out, text, strlen(text));
	wake_str_append_char(out, '\n');
}

/* Text as source lines; a line must not begin with a control character of roff. */
static void append_text(struct wake_str *out, const char *text)
{
	const char *newline = out->len > 0 ? strrchr(out->data, '\n') : NULL;
	size_t start = newline ? (size_t)(newline + 1 - out->data) : 0;
	bool fresh = true; /* no word of ours stands on the line */

	while (*text) {
		size_t len = strcspn(text, " ");

		if (!fresh && out->len - start + 1 + 2 * len > MAN_LINE) {
			wake_str_append_char(out, '\n');
			start = out->len;
		} else if (!fresh) {
			wake_str_append_char(out, ' ');
		}
		fresh = false;
		if (out->len == start && (*text == '.' || *text == '\''))
			wake_str_append(out, "\\&");
		append_word(out, text, len);
		text += len;
		text += strspn(text, " ");
	}
	wake_str_append_char(out, '\n');
}

static void append_sentence(struct wake_str *out, const char *text)
{
	wake_auto_str struct wake_str sentence = WAKE_STR(64 * 1024);
	size_t len = strlen(text);

	wake_str_append_char(&sentence, (char)toupper((unsigned char)text[0]));
	wake_str_append(&sentence, text + 1);
	if (len > 0 && text[len - 1] != '.')
		wake_str_append_char(&sentence, '.');
	append_text(out, wake_str_text(&sentence));
}

static void append_rows(struct wake_str *out, const char *section, const struct row *rows, size_t count)
{
	wake_str_appendf(out, ".SH %s\n", section);
	for (size_t i = 0; i < count; i++) {
		wake_str_append(out, ".TP\n.B ");
		append_line(out, rows[i].tag);
		append_sentence(out, rows[i].text);
	}
}

static void append_option(struct wake_str *out, const struct wake_option *option)
{
	wake_str_append(out, ".TP\n");
	if (option->letter) {
		wake_str_appendf(out, "\\fB\\-%c\\fR, ", option->letter);
	}
	wake_str_append(out, "\\fB\\-\\-");
	append_word(out, option->name, strlen(option->name));
	wake_str_append(out, "\\fR");
	if (option->value) {
		wake_str_append(out, " \\fI");
		append_word(out, option->value, strlen(option->value));
		wake_str_append(out, "\\fR");
	}
	wake_str_append_char(out, '\n');
	append_sentence(out, option->help);
}

static void append_exit(struct wake_str *out, const struct wake_exit_row *row)
{
	wake_str_appendf(out, ".TP\n.B %d\n", (int)row->code);
	append_sentence(out, row->meaning);
}

static void append_exits(struct wake_str *out, const struct wake_command *command)
{
	const struct wake_exit_row *own = command ? command->own_exits : NULL;

	wake_str_append(out, ".SH EXIT STATUS\n");
	for (const struct wake_exit_row *row = own; row && row->meaning; row++)
		append_exit(out, row);
	for (size_t i = 0; !own && i < WAKE_EXIT_COUNT; i++) {
		if (!command || wake_help_has_exit(command, wake_exits[i].code))
			append_exit(out, &wake_exits[i]);
	}
}

static void append_command(struct wake_str *out, const struct wake_command *command)
{
	static const struct wake_option help = { "help", 'h', false, NULL, "show a help text", NULL };

	wake_str_append(out, ".SH SYNOPSIS\n");
	for (size_t i = 0; command->usage[i]; i++) {
		wake_str_appendf(out, "%s.B runwake%s%s\n", i ? ".br\n" : "",
		    command->is_program ? "\\-" : " ", command->name);
		if (*command->usage[i])
			append_text(out, command->usage[i]);
	}
	wake_str_append(out, ".SH DESCRIPTION\n");
	for (size_t i = 0; command->description[i]; i++) {
		wake_str_append(out, i ? ".PP\n" : "");
		append_text(out, command->description[i]);
	}
	wake_str_append(out, ".SH OPTIONS\n");
	for (const struct wake_option *row = command->options; row->name; row++)
		append_option(out, row);
	append_option(out, &help);
	append_exits(out, command);
	if (command->examples)
		wake_str_append(out, ".SH EXAMPLES\n");
	for (const struct wake_example *row = command->examples; row && row->line; row++) {
		wake_str_append(out, ".TP\n.B ");
		append_line(out, row->line);
		append_sentence(out, row->about);
	}
	wake_str_append(out, ".SH SEE ALSO\n.BR runwake (1)\n");
}

static void append_settings(struct wake_str *out)
{
	wake_str_append(out, ".SH SETTINGS\n");
	append_text(out, "One file, $XDG_CONFIG_HOME/runwake/config, in the syntax of git-config(1).");
	for (size_t i = 0; i < WAKE_SETTING_COUNT; i++) {
		wake_str_append(out, ".TP\n.B ");
		append_line(out, wake_settings[i].key);
		append_sentence(out, wake_settings[i].help);
		if (*wake_settings[i].fallback) {
			wake_str_append(out, "Default:\n");
			append_text(out, wake_settings[i].fallback);
		}
	}
}

static void append_program(struct wake_str *out)
{
	wake_str_append(
	    out, ".SH SYNOPSIS\n.B runwake\n.I COMMAND\n[OPTION...] [WORD...]\n.SH DESCRIPTION\n");
	append_text(out, wake_help_purpose);
	wake_str_append(out, ".PP\n");
	append_text(out,
	    "Data goes to standard output, talk to standard error. With --json a command prints one document "
	    "with a schema_version; times are RFC 3339 UTC, money is in US dollars.");
	wake_str_append(out, ".SH COMMANDS\n");
	for (size_t i = 0; wake_commands[i]; i++) {
		if (!wake_commands[i]->group)
			continue;
		wake_str_appendf(out, ".TP\n.BR runwake\\-%s (1)\n", wake_commands[i]->name);
		append_sentence(out, wake_commands[i]->summary);
	}
	wake_str_append(out, ".TP\n.BR runwake\\-watcher (1)\n");
	append_sentence(out, wake_program_watcher.summary);
	append_exits(out, NULL);
	append_settings(out);
	append_rows(out, "ENVIRONMENT", environment, WAKE_COUNT(environment));
	append_rows(out, "FILES", files, WAKE_COUNT(files));
	wake_str_append(out, ".SH SEE ALSO\n.BR git (1),\n.BR githooks (5)\n");
}

static void append_upper(struct wake_str *out, const char *text)
{
	for (; *text; text++)
		wake_str_append_char(out, (char)toupper((unsigned char)*text));
}

void wake_man_append(struct wake_str *out, const struct wake_command *command)
{
	wake_str_append(out, ".\\\" SPDX-License-Identifier: MIT\n.TH RUNWAKE");
	if (command) {
		wake_str_append_char(out, '-');
		append_upper(out, command->name);
	}
	wake_str_append(out, " 1 " MAN_DATE " \"Runwake " RUNWAKE_VERSION "\"\n.SH NAME\nrunwake");
	if (command)
		wake_str_appendf(out, "\\-%s \\- ", command->name);
	else
		wake_str_append(out, " \\- ");
	append_text(out, command ? command->summary : "record which agent's run made which commit");
	if (command)
		append_command(out, command);
	else
		append_program(out);
}
