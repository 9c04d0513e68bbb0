/* SPDX-License-Identifier: MIT */
/* The statements of each file, as PostgreSQL's own parser reads them, as a JSON document of one line:
 * sql_parse FILE… One that it does not read is named on stderr, and its exit code is 1. */
#include <pg_query.h>
#include <stdio.h>

#define TEXT_MAX (4u << 20) /* bytes */

static char text[TEXT_MAX];

static int read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, TEXT_MAX - 1, file) : 0;

	text[length] = 0;
	if (file)
		fclose(file);
	if (length == 0)
		fprintf(stderr, "%s: cannot be opened, or is empty\n", path);
	return length > 0;
}

static int parse_file(const char *path)
{
	PgQueryParseResult result;
	int parsed;

	if (!read_text(path))
		return 0;
	result = pg_query_parse(text);
	parsed = !result.error;
	if (parsed)
		printf("{\"file\": \"%s\", \"tree\": %s}\n", path, result.parse_tree);
	else
		fprintf(stderr, "%s: %s\n", path, result.error->message);
	pg_query_free_parse_result(result);
	return parsed;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= !parse_file(argv[i]);
	return failed;
}
