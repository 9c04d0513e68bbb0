/* SPDX-License-Identifier: MIT */
/* What runwake-watcher is and takes, for help, man page and completion. The program itself lies in watcher/.
 */
#include "cli/commands.h"

static const struct wake_option options[] = {
	{ .name = "detach", .help = "go to the background at once; do nothing if one runs already" },
	{ .name = "stop",
	    .help = "end the one that runs, and wait until it has; what is pending is recorded first" },
	{ .name = "status", .help = "print what the one that runs says of itself, as one JSON document" },
	{ .name = "version", .letter = 'V', .help = "print the program's version" },
	{ 0 },
};

static const struct wake_example examples[] = {
	{ "runwake-watcher", "Watch in the foreground, and say how the first scan goes on" },
	{ "runwake-watcher --detach", "Watch from now on, where no service does" },
	{ "systemctl --user reload runwake-watcher", "Read the settings again and plan everything anew" },
	{ "runwake doctor", "What is watched, and what hinders it" },
	{ 0 },
};

const struct wake_command wake_program_watcher = {
	.name = "watcher",
	.is_program = true,
	.summary = "see what happens in recorded worktrees between commits",
	.usage = (const char *const[]){ "[--detach|--stop|--status]", NULL },
	.description =
	    (const char *const[]){
	        "Watches the worktrees of all recorded repositories, without the directories that git "
	        "ignores, and "
	        "tells the recorder what changes: uncommitted edits when they have come to rest (300 ms of "
	        "quiet, 3 s at most), commits and pushes that no hook saw, runs whose process is gone. It "
	        "puts "
	        "back the marker of an active run, and keeps runwake record --follow as its child.",
	        "Without an option it stays in the foreground, and takes over from one that runs. It is "
	        "started by its service, runwake-watcher.service of the user's systemd, which install.sh "
	        "sets "
	        "up; else by runwake start, unless the setting runwake.watcher is false. A hook never "
	        "starts it. Without it, runs, commits and pushes are recorded all the same, and "
	        "uncommitted edits when a run starts and finishes.",
	        "A user's systemd ends with the last session, and the service with it. loginctl "
	        "enable-linger lets it go on.",
	        "Each directory takes one inotify watch. Where fs.inotify.max_user_watches is reached, that "
	        "worktree is looked through from time to time instead, and runwake doctor names the number "
	        "that is needed. SIGHUP has it read everything again; SIGTERM and SIGINT end it when what is "
	        "pending is recorded.",
	        NULL },
	.options = options,
	.examples = examples,
	.exits = "15",
};
