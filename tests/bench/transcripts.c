/* SPDX-License-Identifier: MIT */
/* Makes up transcripts of Claude Code:  transcripts DIR MEGABYTES [SEED]
 *
 * DIR/-project-N/SESSION.jsonl, some with subagents, until so many megabytes are written. The same seed
 * gives the same bytes. What lines there are, how long they are and how often an answer is repeated is as
 * real ones have it: two fifths are snapshots of the prompt, a quarter shapes of requests, a line for each
 * block of an answer. Models and kinds of tokens are those that every counter of tokens knows the prices
 * of. Prints the sums that are right. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char *const models[] = { "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101",
	"claude-haiku-4-5-20251001" };
static uint64_t state = 1;
static int64_t written, clock_seconds = 1767225600; /* 2026-01-01T00:00:00Z */
static uint64_t answers, sums[4];

static uint64_t draw(uint64_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % below;
}

static void put(FILE *file, const char *text)
{
	written += fputs(text, file) < 0 ? 0 : (int64_t)strlen(text);
}

/* Text as code is: words, quotes and line ends, escaped. */
static void put_text(FILE *file, size_t len)
{
	static const char *const words[] = { "int ", "return ", "the ", "value\\n", "\\\"name\\\" ",
		"if (a[i] < b) { ", "\\t", "\\u2014 ", "struct wake ", "0x7f, " };

	for (size_t done = 0; done < len;) {
		const char *word = words[draw(sizeof(words) / sizeof(words[0]))];

		put(file, word);
		done += strlen(word);
	}
}

static void put_end(FILE *file, const char *session)
{
	char text[512], time[32];
	time_t now = (time_t)(clock_seconds += (int64_t)draw(20));
	struct tm broken;

	(void)strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now, &broken));
	(void)snprintf(text, sizeof(text),
	    ",\"uuid\":\"%016" PRIx64
	    "\",\"timestamp\":\"%s.%03dZ\",\"sessionId\":\"%s\",\"version\":\"2.1.330\",\"cwd\":\"/project\","
	    "\"gitBranch\":\"main\",\"userType\":\"external\",\"entrypoint\":\"cli\"}\n",
	    draw(UINT64_C(1) << 31), time, (int)draw(1000), session);
	put(file, text);
}

static void put_filler(FILE *file, const char *session)
{
	put(file, "{\"parentUuid\":null,\"isSidechain\":false,\"attachment\":{\"type\":\"prompt_snapshot\","
	          "\"text\":\"");
	put_text(file, 20000 + draw(20000));
	put(file, "\"},\"type\":\"attachment\"");
	put_end(file, session);
	put(file, "{\"type\":\"api-request-shape\",\"tools\":[{\"name\":\"Bash\",\"schema\":\"");
	put_text(file, 12000 + draw(12000));
	put(file, "\"}]");
	put_end(file, session);
}

static void put_usage(FILE *file, const uint64_t tokens[4])
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "],\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":%" PRIu64
	    ",\"output_tokens\":%" PRIu64 ",\"cache_read_input_tokens\":%" PRIu64
	    ",\"cache_creation_input_tokens\":%" PRIu64 "}}",
	    tokens[0], tokens[1], tokens[2], tokens[3]);
	put(file, text);
}

/* One answer: a line for each of its blocks, and the result of its tool. */
static void put_answer(FILE *file, const char *session, bool last)
{
	const uint64_t tokens[4] = { 1 + draw(2000), 1 + draw(1500), draw(120000), draw(9000) };
	const char *model = models[draw(sizeof(models) / sizeof(models[0]))];
	uint64_t id = answers++;
	char head[512];

	for (int i = 0; i < 4; i++)
		sums[i] += tokens[i];
	for (int block = last ? 1 : 0; block < 2; block++) {
		(void)snprintf(head, sizeof(head),
		    "{\"parentUuid\":\"x\",\"isSidechain\":false,\"message\":{\"id\":\"msg_%016" PRIx64
		    "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[",
		    id, model);
		put(file, head);
		put(file,
		    block == 0
		        ? "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"Edit\",\"input\":{\"text\":\""
		        : "{\"type\":\"text\",\"text\":\"");
		put_text(file, 200 + draw(3000));
		put(file, block == 0 ? "\"}}" : "\"}");
		put_usage(file, tokens);
		(void)snprintf(
		    head, sizeof(head), ",\"requestId\":\"req_%016" PRIx64 "\",\"type\":\"assistant\"", id);
		put(file, head);
		put_end(file, session);
	}
	if (last)
		return;
	put(file, "{\"parentUuid\":\"x\",\"isSidechain\":false,\"type\":\"user\",\"message\":{\"role\":"
	          "\"user\",\"content\":["
	          "{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_1\",\"content\":\"");
	put_text(file, 500 + draw(8000));
	put(file, "\"}]},\"toolUseResult\":{\"stdout\":\"");
	put_text(file, 500 + draw(2000));
	put(file, "\"}");
	put_end(file, session);
}

static FILE *open_new(const char *path)
{
	FILE *file = fopen(path, "wx");

	if (!file) {
		(void)fprintf(stderr, "transcripts: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	(void)setvbuf(file, NULL, _IOFBF, 1 << 20);
	return file;
}

static void make_dir(const char *path)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		(void)fprintf(stderr, "transcripts: %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

static void make_session(const char *directory, unsigned number)
{
	char project[4096], session[64], path[4200];
	FILE *file;
	unsigned turns = 1 + (unsigned)draw(4);

	(void)snprintf(project, sizeof(project), "%s/-project-%u", directory, number % 20);
	make_dir(project);
	(void)snprintf(
	    session, sizeof(session), "%08x-0000-4000-8000-%012" PRIx64, number, draw(UINT64_C(1) << 31));
	(void)snprintf(path, sizeof(path), "%s/%s.jsonl", project, session);
	file = open_new(path);
	for (unsigned turn = 0; turn < turns; turn++) {
		unsigned steps = 1 + (unsigned)draw(10);

		put(file, "{\"parentUuid\":null,\"isSidechain\":false,\"promptSource\":\"typed\",\"type\":"
		          "\"user\",\"message\":{\"role\":"
		          "\"user\",\"content\":\"");
		put_text(file, 50 + draw(500));
		put(file, "\"}");
		put_end(file, session);
		put_filler(file, session);
		for (unsigned step = 0; step < steps; step++)
			put_answer(file, session, step + 1 == steps);
	}
	(void)fclose(file);
	if (draw(10) > 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", project, session);
	make_dir(path);
	(void)snprintf(path, sizeof(path), "%s/%s/subagents", project, session);
	make_dir(path);
	(void)snprintf(path, sizeof(path), "%s/%s/subagents/agent-1.jsonl", project, session);
	file = open_new(path);
	for (unsigned step = 0; step < 5; step++)
		put_answer(file, session, step == 4);
	(void)fclose(file);
}

int main(int argc, char **argv)
{
	int64_t bytes;
	unsigned sessions = 0;

	if (argc < 3) {
		(void)fputs("usage: transcripts DIR MEGABYTES [SEED]\n", stderr);
		return 2;
	}
	bytes = strtoll(argv[2], NULL, 10) * 1000000;
	state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	make_dir(argv[1]);
	while (written < bytes)
		make_session(argv[1], sessions++);
	printf("{\"sessions\":%u,\"answers\":%" PRIu64 ",\"input_tokens\":%" PRIu64
	       ",\"output_tokens\":%" PRIu64 ",\"cache_read_tokens\":%" PRIu64
	       ",\"cache_write_tokens\":%" PRIu64 ",\"bytes\":%" PRId64 "}\n",
	    sessions, answers, sums[0], sums[1], sums[2], sums[3], written);
	return 0;
}
