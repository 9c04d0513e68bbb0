/* SPDX-License-Identifier: MIT */
/* What an agent keeps of its sessions, as runs. A session's file is read line by line, in one pass and
 * with bounded memory; what it tells is gathered by openings: a session is one run, or several where it
 * was resumed.
 *
 * An opening ends where the agent wrote down what the session had cost (it does so when it ends, also when
 * it is interrupted or terminated) and somebody or something speaks again behind it. An agent that was
 * killed, or is too old to write that, leaves no such line: what follows then belongs to the same opening.
 * So whoever reads the file, whenever it grows, counts the same openings, and a hook that wants to name
 * the run which begins now counts them as well.
 *
 * A fork is a new session that begins with copies of another's lines. What is copied belongs to the other;
 * only what comes behind it is the fork's, and it is the fork's first opening. */
#ifndef WAKE_TRANSCRIPT_H
#define WAKE_TRANSCRIPT_H

#include <stdbool.h>

#include "agent/prices.h"
#include "agent/run_name.h"
#include "agent/scan.h"
#include "base/str.h"
#include "event/event.h"
#include "event/redact.h"

#define WAKE_TRANSCRIPT_TEXT_MAX ((size_t)256 * 1024) /* bytes of a text; the rest is cut off */
#define WAKE_TRANSCRIPT_NAME_MAX 256                  /* bytes of a name */
#define WAKE_TRANSCRIPT_MODEL_MAX 100                 /* bytes of a model's id */
#define WAKE_TRANSCRIPT_MODELS_MAX 256                /* models of one opening */
#define WAKE_TRANSCRIPT_SAID_MAX 20000 /* texts of one opening; what a person says more is counted */
#define WAKE_TRANSCRIPT_TOKENS_MAX INT64_C(1000000000)            /* of one answer: no model gives as many */
#define WAKE_TRANSCRIPT_SAID_BYTES_MAX ((size_t)64 * 1024 * 1024) /* of all of these together */
#define WAKE_TRANSCRIPT_SUM_MAX INT64_C(1000000000000) /* tokens, and micro-dollars, of a session */
#define WAKE_TRANSCRIPT_COST_MAX INT64_C(1000000000)   /* micro-dollars of one answer */

/* One answer of a model. */
struct wake_transcript_answer {
	char response[WAKE_ID_SIZE];
	const char *model; /* borrowed from the opening */
	int64_t at;
	struct wake_tokens tokens;
	int64_t cost; /* micro-dollars, where the agent itself tells it; -1: it does not */
	bool is_fast; /* in a mode that has prices of its own */
	bool is_told; /* a reading before this one has told it, and as large */
};

/* What a person said or did. */
struct wake_transcript_said {
	char message[WAKE_ID_SIZE];
	const char *kind; /* static: as in a said event */
	int64_t at;
	char *text;   /* owned; never NULL */
	bool is_told; /* by a reading before this one */
};

/* What a session had cost at some time, as the agent counts it. */
struct wake_transcript_totals {
	int64_t input, output, cache_read, cache_write;
	int64_t cost;    /* micro-dollars */
	bool is_guessed; /* the agent did not know a model's price */
};

/* Where an opening stands now. */
enum wake_transcript_state {
	WAKE_TRANSCRIPT_NOTHING,
	WAKE_TRANSCRIPT_PROMPTED, /* asked, and nothing answered yet */
	WAKE_TRANSCRIPT_WORKING,  /* in the middle of a turn */
	WAKE_TRANSCRIPT_ANSWERED, /* the turn is over */
	WAKE_TRANSCRIPT_INTERRUPTED,
	WAKE_TRANSCRIPT_FAILED, /* its model gave an error, or a limit was reached */
};

struct wake_transcript_opening {
	unsigned ordinal;    /* from 1 */
	int64_t offset;      /* of its first line in the file */
	int64_t first, last; /* times of its lines, microseconds UTC */
	enum wake_transcript_state state;
	bool is_over; /* the agent has ended: it wrote down what the session cost, and nothing came behind */
	bool has_totals; /* totals are this opening's alone, and no answer is missing in them */
	struct wake_transcript_totals totals;
	int64_t turns; /* answers in the conversation itself, without subagents */
	char *model;   /* owned, as all texts here; NULL: not told. The last one of the conversation itself */
	char *result;  /* the last text of the last answer */
	char *error;   /* where state is FAILED */
	char *title;   /* what a person named the session */
	char *directory, *branch, *version, *entrypoint;
	char *forked_from; /* the session that it is a fork of, where its own lines say so */
	struct wake_transcript_answer *answers;
	size_t answer_count, answer_room;
	struct wake_transcript_said *said;
	size_t said_count, said_room, said_bytes;
	uint64_t said_dropped;

	char **models; /* inner: what the answers borrow */
	size_t model_count;
	uint32_t *places;   /* inner: answers by their response; 0: none, else the answer's place + 1 */
	size_t place_count; /* a power of two */
};

/* From where on a session is read. {0}: from its beginning. */
struct wake_transcript_place {
	int64_t offset;    /* of an opening's first line */
	unsigned ordinal;  /* openings before it */
	bool base_unknown; /* what the session had cost before cannot be told */
	struct wake_transcript_totals base;
};

/* One session to be read, and what was found. */
struct wake_transcript_reading {
	const char *path;          /* borrowed, as all here: the session's file */
	const char *const *beside; /* its subagents' files */
	size_t beside_count;
	struct wake_transcript_place from;
	int64_t told;               /* up to here a reading before this one has told it; 0: nothing */
	const int64_t *beside_told; /* the same of each file beside; NULL: nothing */
	/* Somebody may be writing it now: what the next line might make another thing of is left to the next
	 * reading. */
	bool may_go_on;
	bool counts_only; /* each is told of the openings themselves, and of nothing that is in them */
	/* Each opening, in order. A negative return ends the reading and is handed on. */
	int (*each)(void *context, const struct wake_transcript_opening *opening, struct wake_error *err);
	/* Does another session tell of this answer already? NULL: no. */
	int (*is_elsewhere)(void *context, const char *response, bool *ret_is, struct wake_error *err);
	void *context;

	struct wake_transcript_place last; /* found: where the last opening begins */
	int64_t end;                       /* behind the last whole line that was made use of */
	int64_t *beside_end;               /* borrowed, room for beside_count; NULL: not wanted */
	uint64_t openings, lines, unreadable, too_long;
};

/* The transcripts of Claude Code, as its versions up to 2.1.330 write them:
 * PROJECTS/DIRECTORY/SESSION.jsonl, and the subagents' beside it. Lines that are no JSON, or not as these
 * versions write them, are counted as unreadable and otherwise ignored; lines of unknown types are
 * ignored. */
int wake_transcript_claude_read(
    struct wake_transcript_reading *reading, struct wake_error *err) WAKE_MUST_CHECK;

/* How many openings a session has, the one that goes on included; and whether the next prompt begins
 * another. For who names a run before its first line is written. A file that is not there has none. 100 MB
 * take about 30 ms. */
int wake_transcript_claude_openings(
    const char *path, unsigned *ret_count, bool *ret_next_is_new, struct wake_error *err) WAKE_MUST_CHECK;

/* The rollouts of Codex, transcript_codex.h: HOME/sessions/YEAR/MONTH/DAY/rollout-TIME-THREAD.jsonl. beside: the
 * rollouts of the threads that its agent started. */
int wake_transcript_codex_read(
    struct wake_transcript_reading *reading, struct wake_error *err) WAKE_MUST_CHECK;

/* How an opening is told: whose run it is, and what its lines do not say. */
struct wake_transcript_telling {
	const char *agent; /* workflow_runs.agent_type, run_name.h; NULL: Claude Code's */
	const char *run_id, *session; /* session: the agent's own id */
	const struct wake_prices *prices;
	const struct wake_redactor *redactor; /* for everything that a person or a model wrote */
	bool tells_all;      /* also what a reading before has told */
	bool may_go_on;      /* the agent is at work on it, as far as anybody knows */
	bool is_announced;   /* somebody else tells that it began */
	bool is_nested;      /* the run is another session's, whose tool this one was: only what it took is the run's */
	bool is_ended;       /* it is to be told as ended */
	int64_t ended_at;    /* when that was, microseconds UTC; 0: when its last line was written */
	bool without_totals; /* the totals are of more than this run, or of less */
	const char *workspace_id, *workspace_path, *repository_id, *worktree_id,
	    *git_repo;             /* NULL: not known */
	const char *parent_run_id; /* what it goes on from; NULL: nothing */
	const char *forked_from;   /* the session that it is a fork of */
};

/* The events of an opening: run-started, said, usage, run-reported, run-ended. Their ids are of what they
 * say, so what was told before is told again under the same ids. While a turn goes on, its report has no
 * result: that of the turn before is told already, and this one's is to come. */
int wake_transcript_tell(const struct wake_transcript_opening *opening,
    const struct wake_transcript_telling *telling, struct wake_events *events,
    struct wake_error *err) WAKE_MUST_CHECK;

/* ---- between the files transcript*.c -------------------------------------------------------------- */

void wake_transcript_opening_release(struct wake_transcript_opening *opening);

/* Of two that tell of one answer the larger stays. model: copied; at most WAKE_TRANSCRIPT_MODEL_MAX bytes.
 * ret_new may be NULL. WAKE_INVALID: too many models. */
int wake_transcript_add_answer(struct wake_transcript_opening *opening,
    const struct wake_transcript_answer *answer, const char *model, bool *ret_new,
    struct wake_error *err) WAKE_MUST_CHECK;

/* kind: static. text: taken over. */
int wake_transcript_add_said(struct wake_transcript_opening *opening, const char *message, const char *kind,
    int64_t at, struct wake_str *text, struct wake_error *err) WAKE_MUST_CHECK;

/* Puts them in the order of time; they are then no longer where their responses are looked for. */
void wake_transcript_sort_answers(struct wake_transcript_opening *opening);

/* Those of beside up to a time become the opening's own: the next of them is *next. */
int wake_transcript_take_beside(struct wake_transcript_opening *opening,
    const struct wake_transcript_opening *beside, size_t *next, int64_t until,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Takes the place of *text; value that is no string, or an empty one, changes nothing. */
int wake_transcript_set(
    char **text, struct wake_scan value, size_t max, struct wake_error *err) WAKE_MUST_CHECK;

#endif
