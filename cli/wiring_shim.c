/* SPDX-License-Identifier: MIT */
/* Making and knowing shims. */
#include "cli/wiring_shim.h"

#include <string.h>

#include "base/fs.h"
#include "base/id.h"
#include "hooks/contract.h"

#define MARK WAKE_HOOK_SHIM_MARK "1 "
#define OURS "\nours="
#define OLD_SCRIPT_MAX (1024 * 1024) /* bytes of an old hook that we read to see how it wants to be run */

static bool begins(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

bool wake_shim_is_one(const char *text, size_t len)
{
	return begins(text, len, WAKE_HOOK_SHIM_MARK);
}

bool wake_shim_is_unchanged(const char *text, size_t len)
{
	size_t head = strlen(WAKE_HOOK_SHIM_MARK);
	const char *print, *end;
	char id[WAKE_ID_SIZE];

	if (!wake_shim_is_one(text, len))
		return false;
	end = memchr(text + head, '\n', len - head);
	print = end ? memchr(text + head, ' ', (size_t)(end - text) - head) : NULL;
	if (!print || end - print != WAKE_ID_SIZE)
		return false;
	wake_id_v5(end + 1, len - (size_t)(end + 1 - text), id);
	return memcmp(print + 1, id, WAKE_ID_SIZE - 1) == 0;
}

static void append_quoted(struct wake_str *out, const char *text)
{
	wake_str_append_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			wake_str_append(out, "'\\''");
		else
			wake_str_append_char(out, *text);
	}
	wake_str_append_char(out, '\'');
}

/* Undoes append_quoted. */
char *wake_shim_program(const char *text)
{
	wake_auto_str struct wake_str out = WAKE_STR(WAKE_SHIM_MAX);
	struct wake_error err = { 0 };
	const char *at = strstr(text, OURS);
	char *program = NULL;

	if (!at || at[strlen(OURS)] != '\'')
		return NULL;
	for (at += strlen(OURS) + 1; *at; at++) {
		if (strncmp(at, "'\\''", 4) == 0)
			at += 3;
		else if (*at == '\'')
			break;
		wake_str_append_char(&out, *at);
	}
	return *at && wake_str_steal(&out, &program, &err) == WAKE_OK ? program : NULL;
}

/* Hooks that look at their own name ("basename $0": husky's, hand-made dispatchers) would not find themselves
 * under the new one. A shell script can be run under the old name. Returns its shell, NULL if it is run as
 * any other. */
static const char *shell_of(const char *old)
{
	static const struct {
		const char *first_line, *shell;
	} shells[] = {
		{ "#!/bin/sh\n", "/bin/sh" },
		{ "#!/usr/bin/sh\n", "/usr/bin/sh" },
		{ "#!/usr/bin/env sh\n", "sh" },
		{ "#!/bin/bash\n", "/bin/bash" },
		{ "#!/usr/bin/bash\n", "/usr/bin/bash" },
		{ "#!/usr/bin/env bash\n", "bash" },
	};
	static const char *const looks[] = { "basename \"$0\"", "basename $0", "basename -- \"$0\"",
		"${0##*/}", ". \"$(dirname \"$0\")/h\"", ". \"$(dirname -- \"$0\")/_/husky.sh\"" };
	wake_auto_free char *text = NULL;
	struct wake_error err = { 0 };
	const char *shell = NULL;
	size_t len = 0;

	if (!old || wake_fs_read(old, OLD_SCRIPT_MAX, WAKE_FS_PLAIN, &text, &len, &err) < 0)
		return NULL;
	for (size_t i = 0; i < WAKE_COUNT(shells) && !shell; i++)
		shell = begins(text, len, shells[i].first_line) ? shells[i].shell : NULL;
	for (size_t i = 0; shell && i < WAKE_COUNT(looks); i++) {
		if (strstr(text, looks[i]))
			return shell;
	}
	return NULL;
}

static bool reads_input(const char *name)
{
	return strcmp(name, "pre-push") == 0 || strcmp(name, "post-rewrite") == 0;
}

/* run: how the old hook is run, with its words. Both hooks want the same input: it is read once and given
 * twice; where it cannot be read, the old hook gets it untouched. The dot keeps the newlines at the end. */
static void append_feeding(struct wake_str *out, const char *run)
{
	wake_str_append(out, "if [ -x \"$ours\" ] && input=$(cat && echo .); then\n"
	                     "\tinput=${input%.}\n"
	                     "\tprintf '%s' \"$input\" 2>/dev/null | " WAKE_HOOK_SHIM "=1 \"$ours\" \"$@\"\n"
	                     "\t[ -z \"${" WAKE_HOOK_PROBE "-}\" ] && [ -x \"$old\" ] || exit 0\n");
	wake_str_appendf(out, "\tprintf '%%s' \"$input\" 2>/dev/null | %s\n\texit\nfi\n", run);
}

static void append_body(struct wake_str *out, const char *name, const char *program, const char *run)
{
	wake_str_appendf(out,
	    "# Runs Runwake's %s hook if it is there, then always the hook that was here before. Undo:\n"
	    "# runwake install --uninstall",
	    name);
	wake_str_append(out, OURS);
	append_quoted(out, program);
	wake_str_appendf(out, "\nold=${0%%/*}/%s" WAKE_HOOK_CHAINED_SUFFIX "\n", name);
	if (reads_input(name))
		append_feeding(out, run);
	else
		wake_str_append(
		    out, "[ -x \"$ours\" ] && " WAKE_HOOK_SHIM "=1 \"$ours\" \"$@\" </dev/null\n");
	wake_str_append(out, "[ -z \"${" WAKE_HOOK_PROBE "-}\" ] && [ -x \"$old\" ] || exit 0\n");
	wake_str_appendf(out, "exec %s\n", run);
}

int wake_shim_make(
    const char *name, const char *program, const char *old, struct wake_str *ret_text, struct wake_error *err)
{
	wake_auto_str struct wake_str body = WAKE_STR(WAKE_SHIM_MAX);
	wake_auto_str struct wake_str run = WAKE_STR(WAKE_SHIM_MAX);
	const char *shell = shell_of(old);
	char print[WAKE_ID_SIZE];

	if (shell) /* inside, $0 is this shim's name: the one that the old hook had */
		wake_str_appendf(&run, "%s -c '. \"$0" WAKE_HOOK_CHAINED_SUFFIX "\"' \"$0\" \"$@\"", shell);
	else
		wake_str_append(&run, "\"$old\" \"$@\"");
	append_body(&body, name, program, wake_str_text(&run));
	if (wake_str_check(&run, err) < 0 || wake_str_check(&body, err) < 0)
		return err->code;
	wake_id_v5(body.data, body.len, print);
	wake_str_clear(ret_text);
	wake_str_appendf(ret_text, MARK "%s\n", print);
	wake_str_append_bytes(ret_text, body.data, body.len);
	return wake_str_check(ret_text, err);
}
