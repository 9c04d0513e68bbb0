/* SPDX-License-Identifier: MIT */
/* What a copy costs: events a second from a file to a server and back, what is copied already, and the
 * comparison. usage: copy DIRECTORY URL [EVENTS] */
#include <sys/resource.h>

#include "store/copy.h"
#include "store/migrate.h"
#include "store_measure.h"

#define BATCH 500
#define OF_A_RUN 20 /* movements of each run; three events a movement */

static struct wake_store *open_migrated(const char *url)
{
	struct wake_store *store;
	size_t applied;

	must(wake_store_open(url, &store, &err));
	must(wake_migrate(store, &applied, &err));
	return store;
}

static struct wake_store *open_file(const char *directory, const char *name)
{
	wake_auto_free char *url = NULL;

	must(wake_str_format(&url, &err, "sqlite:%s/%s", directory, name));
	return open_migrated(url);
}

static void add(
    struct wake_events *events, enum wake_event_type type, const char *name, int number, json_t *data)
{
	struct wake_event event;
	char text[64], id[WAKE_ID_SIZE];
	int len = snprintf(text, sizeof(text), "%s %d", name, number);

	wake_id_v8(1800000000000 + number, text, (size_t)len, id);
	must(wake_event_make(
	    type, id, INT64_C(1800000000000000) + number * INT64_C(1000), data, &event, &err));
	must(wake_events_add(events, &event, &err));
}

/* What the objects say of a movement, a marker's word for it, and every so often the run's start. */
static void add_beside(struct wake_events *events, int number)
{
	char run[32], hash[WAKE_HASH_SIZE];
	const char *movement = events->items[events->count - 1].id;
	json_t *commit;

	(void)snprintf(run, sizeof(run), "run-%d", number / OF_A_RUN);
	(void)snprintf(hash, sizeof(hash), "%040x", number + 1);
	commit = json_pack("{ss ss s[] ss ss ss ss ss ss ss s[{ss sn si si sb ss}] si si si ss}", "hash",
	    hash, "tree", hash, "parents", "author_name", "A", "author_email", "a@x", "authored_at",
	    "2027-01-15T08:00:00.000000Z", "committer_name", "A", "committer_email", "a@x", "committed_at",
	    "2027-01-15T08:00:00.000000Z", "subject", "A commit like many others", "files", "path",
	    "src/file.c", "old_path", "added", 3, "removed", 1, "binary", 0, "status", "M", "added_lines", 3,
	    "removed_lines", 1, "files_changed", 1, "engine", "walk");
	add(events, WAKE_EVENT_EXAMINED, "examined", number,
	    json_pack("{ss ss sb sb sb sI ss sb so}", "movement", movement, "repository_id",
	        "11111111-1111-8111-8111-111111111111", "missing", 0, "committer_is_line", 1,
	        "same_committer", 1, "lag", (json_int_t)0, "graph", "parent", "known_remote", 0, "commit",
	        commit));
	movement = events->items[events->count - 2].id;
	add(events, WAKE_EVENT_EVIDENCE, "evidence", number,
	    json_pack("{ss ss ss sb}", "movement", movement, "kind", "env", "run_id", run, "exact", 1));
	if (number % OF_A_RUN == 0)
		add(events, WAKE_EVENT_RUN_STARTED, "started", number,
		    json_pack("{ss ss ss}", "run_id", run, "workflow", "implement", "task", "do it"));
}

static void fill(struct wake_store *store, int events)
{
	for (int number = 0; number < events / 3;) {
		wake_auto_events struct wake_events batch = { 0 };

		while (batch.count < BATCH - 4 && number < events / 3) {
			make_event(&batch, number);
			add_beside(&batch, number++);
		}
		must(wake_record_apply(store, &batch, &err));
	}
}

static void measure(const char *what, struct wake_store *from, struct wake_store *to, int events)
{
	struct wake_copy copy = { .from = from, .to = to };
	int64_t start = wake_clock_monotonic();
	double seconds;

	must(wake_copy_run(&copy, &err));
	seconds = (double)(wake_clock_monotonic() - start) / 1e6;
	printf("%-34s %8.2f s  %8.0f events/s\n", what, seconds, events / seconds);
}

static void measure_comparison(struct wake_store *from, struct wake_store *to)
{
	struct wake_copy copy = { .from = from, .to = to };
	struct wake_copy_comparison comparison;
	int64_t start = wake_clock_monotonic(), rows = 0;
	double seconds;

	must(wake_copy_compare(&copy, &comparison, &err));
	seconds = (double)(wake_clock_monotonic() - start) / 1e6;
	for (size_t i = 0; i < comparison.count; i++)
		rows += comparison.tables[i].rows;
	printf("%-34s %8.2f s  %8.0f rows/s   %s\n", "comparison", seconds, (double)rows / seconds,
	    comparison.equal && comparison.alone ? "equal" : "NOT EQUAL");
}

int main(int argc, char **argv)
{
	int events = argc > 3 ? atoi(argv[3]) : 100000;
	struct wake_store *from, *server, *back;
	struct rusage usage;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: copy DIRECTORY URL [EVENTS]\n");
		return 2;
	}
	from = open_file(argv[1], "from.db");
	back = open_file(argv[1], "back.db");
	server = open_migrated(argv[2]);
	fill(from, events);
	printf("%d events\n", events);
	measure("file to server", from, server, events);
	measure("the same again", from, server, events);
	measure_comparison(from, server);
	measure("server to file", server, back, events);
	measure("the same again", server, back, events);
	measure_comparison(from, back);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		printf("resident at most %ld kB\n", usage.ru_maxrss);
	wake_store_close(from);
	wake_store_close(back);
	wake_store_close(server);
	return 0;
}
