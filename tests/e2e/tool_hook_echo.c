/* SPDX-License-Identifier: MIT */
/* A hook that is a program: writes down all that git gave it, so that two runs can be compared.
 *
 * $HOOK_LOG: the file to append to. $HOOK_EXIT: how to end; $HOOK_SIGNAL: by which signal. What a shell
 * between git and a hook sets by itself (PWD, OLDPWD, SHLVL, _) is left out, and so is the hook's own path.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_of_shells(const char *variable)
{
	static const char *const names[] = { "PWD=", "OLDPWD=", "SHLVL=", "_=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return 1;
	}
	return 0;
}

static int by_text(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static void write_environment(FILE *log)
{
	size_t count = 0;

	while (environ[count])
		count++;
	qsort(environ, count, sizeof(*environ), by_text);
	for (size_t i = 0; i < count; i++) {
		if (!is_of_shells(environ[i]))
			fprintf(log, "env %s\n", environ[i]);
	}
}

static void write_input(FILE *log)
{
	char data[65536];
	size_t got;

	fputs("input:\n", log);
	while ((got = fread(data, 1, sizeof(data), stdin)) > 0)
		fwrite(data, 1, got, log);
	fputs("\nend\n", log);
}

int main(int argc, char **argv)
{
	const char *path = getenv("HOOK_LOG"), *code = getenv("HOOK_EXIT"), *number = getenv("HOOK_SIGNAL");
	FILE *log = path ? fopen(path, "a") : NULL;
	char *directory = getcwd(NULL, 0);

	if (!log)
		return 70;
	fprintf(log, "hook %s\nin %s\n", getenv("HOOK_NAME") ? getenv("HOOK_NAME") : "",
	    directory ? directory : "?");
	for (int i = 1; i < argc; i++)
		fprintf(log, "argument %s\n", argv[i]);
	write_environment(log);
	write_input(log);
	fclose(log);
	free(directory);
	if (number)
		(void)raise((int)strtol(number, NULL, 10));
	return code ? (int)strtol(code, NULL, 10) : 0;
}
