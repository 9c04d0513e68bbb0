/* SPDX-License-Identifier: MIT */
/* An agent that does as it is told, and what looks at how one ended.
 *
 *	tool_agent flood SEED BYTES	lines of all kinds, in writes of odd sizes
 *	tool_agent line BYTES		a stream with one line of so many bytes in it
 *	tool_agent group		its process group and its terminal's: "own", "ours" or "none"
 *	tool_agent status COMMAND…	runs it, and prints "exit N" or "signal N": a shell shows 128 + N for both
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t wrote = write(STDOUT_FILENO, bytes, len);

		if (wrote < 0)
			exit(1);
		bytes += wrote;
		len -= (size_t)wrote;
	}
}

static void put_text(const char *text)
{
	put(text, strlen(text));
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static int flood(uint32_t seed, size_t bytes)
{
	static const char letters[] = "{}[]\",:\\u0019 \xc3\xa9\xff\n\r\n{\"type\":\"result\"}\n";
	static char block[200000];

	while (bytes > 0) {
		size_t len = 1 + next(&seed) % (next(&seed) % 8 ? 300 : sizeof(block));

		len = len < bytes ? len : bytes;
		for (size_t i = 0; i < len; i++)
			block[i] = letters[next(&seed) % (sizeof(letters) - 1)];
		put(block, len);
		bytes -= len;
	}
	return 0;
}

static int line(size_t bytes)
{
	static char block[100000];

	memset(block, 'x', sizeof(block));
	put_text("{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s\",\"model\":\"m\"}\n{\"type\":\"user\",\"x\":\"");
	for (size_t done = 0; done < bytes; done += sizeof(block))
		put(block, bytes - done < sizeof(block) ? bytes - done : sizeof(block));
	put_text("\"}\n{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"after it\",\"num_turns\":1}\n");
	return 0;
}

static int group(void)
{
	int terminal = open("/dev/tty", O_RDWR);

	if (terminal < 0)
		put_text(getpgrp() == getpid() ? "none own\n" : "none ours\n");
	else
		put_text(tcgetpgrp(terminal) == getpgrp() ? "front ours\n" : "back own\n");
	return 0;
}

static int status(char **argv)
{
	int ended = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(99);
	}
	if (pid < 0 || waitpid(pid, &ended, 0) < 0)
		return 1;
	if (WIFSIGNALED(ended))
		printf("signal %d\n", WTERMSIG(ended));
	else
		printf("exit %d\n", WEXITSTATUS(ended));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "flood") == 0)
		return flood((uint32_t)strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "line") == 0)
		return line(strtoul(argv[2], NULL, 10));
	if (argc == 2 && strcmp(argv[1], "group") == 0)
		return group();
	if (argc > 2 && strcmp(argv[1], "status") == 0)
		return status(argv + 2);
	fprintf(stderr, "tool_agent: what?\n");
	return 2;
}
