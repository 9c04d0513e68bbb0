/* SPDX-License-Identifier: MIT */
/* Command lines of agents. */
#include "agent/invocation.h"

#include <string.h>

static const struct {
	const char *word, *type;
} agents[] = {
	[WAKE_AGENT_NONE] = { "none", NULL },
	[WAKE_AGENT_CLAUDE] = { "claude", "claude-code" },
	[WAKE_AGENT_CODEX] = { "codex", "codex" },
	[WAKE_AGENT_GEMINI] = { "gemini", "gemini" },
};

int wake_agent_named(const char *word)
{
	for (size_t i = 0; i < WAKE_COUNT(agents); i++) {
		if (strcmp(word, agents[i].word) == 0)
			return (int)i;
	}
	return -1;
}

const char *wake_agent_type(enum wake_agent agent)
{
	return agents[agent].type;
}

static int agent_of(const char *program)
{
	const char *slash = strrchr(program, '/');
	int agent = wake_agent_named(slash ? slash + 1 : program);

	return agent < 0 ? WAKE_AGENT_NONE : agent;
}

static bool is_word(const char *arg)
{
	return arg && arg[0] != '-';
}

static bool is_any(const char *arg, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(arg, *words) == 0)
			return true;
	}
	return false;
}

static bool has_any(const char *const *argv, const char *const *words)
{
	for (size_t i = 1; argv[i]; i++) {
		if (is_any(argv[i], words))
			return true;
	}
	return false;
}

/* The value of an option: "--name value" or "--name=value"; of several the last. NULL: not given. */
static const char *value_of(const char *const *argv, const char *const *names)
{
	const char *value = NULL;

	for (size_t i = 1; argv[i]; i++) {
		for (const char *const *name = names; *name; name++) {
			size_t len = strlen(*name);

			if (strncmp(argv[i], *name, len) == 0 && argv[i][len] == '=')
				value = argv[i] + len + 1;
		}
		if (is_any(argv[i], names) && argv[i + 1])
			value = argv[i + 1];
	}
	return value;
}

/* Flags of one letter may stand together: -pc, and -r takes its value beside it. */
static bool has_letter(const char *const *argv, const char *letters)
{
	for (size_t i = 1; argv[i]; i++) {
		const char *arg = argv[i];

		if (arg[0] == '-' && arg[1] != '-' && strpbrk(arg, letters))
			return true;
	}
	return false;
}

/* A flag takes no value, so a word after it is the prompt; but only where no other word could be it. */
static const char *word_after(const char *const *argv, const char *const *flags)
{
	const char *found = NULL;

	if (!argv[1] || is_word(argv[1]))
		return NULL;
	for (size_t i = 1; argv[i]; i++) {
		bool follows = is_any(argv[i], flags) && is_word(argv[i + 1]);

		/* Two words side by side: the second belongs to no option that takes one value. */
		if (i > 1 && is_word(argv[i]) && is_word(argv[i - 1]))
			return NULL;
		if (follows && found)
			return NULL;
		if (follows)
			found = argv[i + 1];
	}
	return found;
}

static void read_claude(const char *const *argv, struct wake_invocation *ret)
{
	static const char *const format[] = { "--output-format", NULL }, *const print[] = { "-p", "--print", NULL };
	static const char *const input[] = { "--input-format", NULL };
	static const char *const resume[] = { "--resume", "--continue", "--fork-session", "--from-pr", "--teleport",
		NULL };
	const char *output = value_of(argv, format), *taken = value_of(argv, input);

	ret->takes_stream = taken && strcmp(taken, "stream-json") == 0;
	ret->is_quiet = has_any(argv, print);
	ret->has_stream = output && (strcmp(output, "stream-json") == 0 || strcmp(output, "json") == 0);
	ret->is_resumed = has_any(argv, resume) || value_of(argv, resume) || has_letter(argv, "cr");
	ret->prompt = word_after(argv, print);
}

/* `codex exec [--json …] [resume …] PROMPT` */
static void read_codex(const char *const *argv, struct wake_invocation *ret)
{
	static const char *const json[] = { "--json", "--experimental-json", NULL };
	static const char *const exec[] = { "exec", "e", NULL };
	static const char *const resume[] = { "resume", "fork", NULL };
	bool is_exec = has_any(argv, exec);

	ret->has_stream = is_exec && has_any(argv, json);
	ret->is_resumed = has_any(argv, resume);
	if (is_exec && !ret->is_resumed) {
		const char *const *last = argv;

		while (last[1])
			last++;
		if (last - argv >= 2 && is_word(*last) && (is_any(last[-1], json) || is_any(last[-1], exec)))
			ret->prompt = *last;
	}
}

static void read_gemini(const char *const *argv, struct wake_invocation *ret)
{
	static const char *const format[] = { "--output-format", "-o", NULL };
	static const char *const prompt[] = { "--prompt", "-p", NULL }, *const resume[] = { "--resume", "-r", NULL };
	const char *output = value_of(argv, format);

	ret->has_stream = output && strcmp(output, "stream-json") == 0;
	ret->is_resumed = has_any(argv, resume) || value_of(argv, resume) != NULL;
	ret->prompt = value_of(argv, prompt);
}

void wake_invocation_read(
    const char *const *argv, int named, bool is_terminal, struct wake_invocation *ret_invocation)
{
	struct wake_invocation *ret = ret_invocation;

	*ret = (struct wake_invocation){ .agent = (enum wake_agent)(named >= 0 ? named : agent_of(argv[0])) };
	switch (ret->agent) {
	case WAKE_AGENT_CLAUDE:
		ret->source = WAKE_STREAM_CLAUDE;
		read_claude(argv, ret);
		break;
	case WAKE_AGENT_CODEX:
		ret->source = WAKE_STREAM_CODEX;
		read_codex(argv, ret);
		break;
	case WAKE_AGENT_GEMINI:
		ret->source = WAKE_STREAM_GEMINI;
		read_gemini(argv, ret);
		break;
	case WAKE_AGENT_NONE:
		break;
	}
	if (named > WAKE_AGENT_NONE && !is_terminal)
		ret->has_stream = true;
}
