/* SPDX-License-Identifier: MIT */
/* Our hooks in one directory. */
#include "cli/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "cli/wiring_slot.h"

#define CHANGES (WAKE_SLOT_LEFT + 1)

/* Hooks of one directory, told by what became of them: a line a directory, not a line a hook. */
struct tally {
	struct wake_str names[CHANGES];
};

static void tally_release(struct tally *tally)
{
	for (size_t i = 0; i < CHANGES; i++)
		wake_str_release(&tally->names[i]);
}

static void tally_add(struct tally *tally, enum wake_slot_change change, const char *name)
{
	tally->names[change].max = WAKE_WIRE_SAID_MAX;
	wake_str_append_char(&tally->names[change], ' ');
	wake_str_append(&tally->names[change], name);
}

static void tally_say(const struct tally *tally, const char *directory, bool dry, struct wake_str *out)
{
	static const struct {
		const char *done, *would;
	} words[CHANGES] = {
		[WAKE_SLOT_KEPT] = { NULL, NULL },
		[WAKE_SLOT_PUT] = { "put:", "would put:" },
		[WAKE_SLOT_CHAINED] = { "put before the hook that was there:",
		    "would put before the hook that is there:" },
		[WAKE_SLOT_RENEWED] = { "renewed:", "would renew:" },
		[WAKE_SLOT_REMOVED] = { "removed:", "would remove:" },
		[WAKE_SLOT_RESTORED] = { "restored what was there before:",
		    "would restore what was there before:" },
	};

	for (size_t i = 0; i < CHANGES; i++) {
		const char *word = dry ? words[i].would : words[i].done;

		if (!word || tally->names[i].len == 0)
			continue;
		wake_str_append(out, "  ");
		wake_text_append_shown(out, directory, strlen(directory), false);
		wake_str_appendf(out, ": %s%s\n", word, tally->names[i].data);
	}
}

static void say_problem(struct wake_wire_report *report, const char *text)
{
	wake_text_append_shown(&report->problems, text, strlen(text), false);
	wake_str_append_char(&report->problems, '\n');
}

static int change_slot(const char *directory, const char *name, const struct wake_wire_options *options,
    bool wire, enum wake_slot_change *ret_change, struct wake_error *err)
{
	wake_auto_slot struct wake_slot slot = { 0 };
	wake_auto_free char *program = NULL;
	int ret = wake_slot_look(directory, name, &slot, err);

	if (ret == WAKE_OK && wire)
		ret = wake_fs_join(options->programs, name, &program, err);
	if (ret < 0)
		return ret;
	if (wire)
		return wake_slot_wire(&slot, program, options->dry, ret_change, err);
	return wake_slot_unwire(&slot, options->dry, ret_change, err);
}

static int change_all(const char *directory, const struct wake_wire_options *options, bool wire,
    struct wake_wire_report *report, struct wake_error *err)
{
	WAKE_CLEANUP(tally_release) struct tally tally = { 0 };
	wake_auto_close int lock = -1;
	int ret = WAKE_OK;

	wake_wire_lock(directory, &lock);
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_WIRING_HOOKS; i++) {
		enum wake_slot_change change = WAKE_SLOT_KEPT;

		ret = change_slot(directory, wake_wiring_names[i], options, wire, &change, err);
		if (ret < 0)
			break;
		if (change == WAKE_SLOT_LEFT)
			say_problem(report, err->text);
		tally_add(&tally, change, wake_wiring_names[i]);
	}
	/* Also of what was done before a failure. */
	tally_say(&tally, directory, options->dry, &report->done);
	return ret;
}

int wake_wire_directory(const char *directory, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	return change_all(directory, options, true, report, err);
}

int wake_unwire_directory(const char *directory, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err)
{
	return change_all(directory, options, false, report, err);
}

void wake_wire_lock(const char *directory, int *ret_fd)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		(void)close(fd);
		fd = -1;
	}
	*ret_fd = fd;
}

void wake_wire_report_release(struct wake_wire_report *report)
{
	wake_str_release(&report->done);
	wake_str_release(&report->problems);
}
