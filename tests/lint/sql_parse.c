/* SPDX-License-Identifier: MIT */
/* The statements of a file, as PostgreSQL's own parser reads them, as one JSON document:  sql_parse FILE */
#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX (4u << 20) /* bytes */

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
	char *text = calloc(1, TEXT_MAX);
	PgQueryParseResult result;

	if (!file || !text || fread(text, 1, TEXT_MAX - 1, file) == 0) {
		fprintf(stderr, "sql_parse: cannot read the file\n");
		return 1;
	}
	result = pg_query_parse(text);
	if (result.error) {
		fprintf(stderr, "%s: %s\n", argv[1], result.error->message);
		return 1;
	}
	puts(result.parse_tree);
	return 0;
}
