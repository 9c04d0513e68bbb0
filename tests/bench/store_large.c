/* SPDX-License-Identifier: MIT */
/* How long the lists and totals of a large store take, and the statements behind them.
 *
 *	store_large migrate URL		makes the tables of a new one
 *	store_large measure URL		one that store_large.sh has filled: p50 and p99
 *	store_large chat URL SESSION	pages of one that store_chat.sh has filled: p50 and p99, and processor
 *time store_large text DRIVER NAME	the statement that the driver runs under that name
 */
#include "store_measure.h"

#include <time.h>

#include "store/migrate.h"
#include "store/query_chat.h"

static void measure_totals(struct wake_store *store, const char *name, enum wake_totals_by by, int64_t since)
{
	int64_t times[ROUNDS];
	size_t found = 0;

	for (int i = 0; i < ROUNDS; i++) {
		wake_auto_json json_t *totals = NULL;
		int64_t from = wake_clock_monotonic();

		must(wake_query_totals(store, by, since, WAKE_TIME_NONE, &totals, &err));
		times[i] = wake_clock_monotonic() - from;
		found = json_array_size(totals);
	}
	print_times(name, found, times);
}

static double processor_us(void)
{
	return (double)clock() * 1e6 / CLOCKS_PER_SEC;
}

static void measure_page(
    struct wake_store *store, const char *session, const char *name, struct wake_chat_page page)
{
	struct wake_chat_place places[2];
	int64_t times[ROUNDS];
	double used = processor_us();
	size_t found = 0;

	page.limit = 50;
	page.characters = 2000;
	for (int i = 0; i < ROUNDS; i++) {
		wake_auto_json json_t *items = NULL;
		int64_t from = wake_clock_monotonic();
		bool more;

		must(wake_query_chat(store, session, &page, &items, places, &more, &err));
		times[i] = wake_clock_monotonic() - from;
		found = json_array_size(items);
	}
	used = processor_us() - used;
	print_times(name, found, times);
	printf("%-22s %.0f us of this program's processor time a page\n", "", used / ROUNDS);
}

static void measure_chat(struct wake_store *store, const char *session)
{
	struct wake_chat_place first = { 0 }, middle = { 0 };

	must(wake_chat_place_parse(
	    "2024-06-01T00:00:00.000000Z,0,0,00000000-0000-0000-0000-000000000000", &middle, &err));
	must(wake_chat_place_parse(
	    "2000-01-01T00:00:00.000000Z,0,0,00000000-0000-0000-0000-000000000000", &first, &err));
	printf("%-22s %6s %10s %10s %10s\n", "a page of 50", "found", "best us", "p50 us", "p99 us");
	measure_page(store, session, "at the end", (struct wake_chat_page){ 0 });
	measure_page(store, session, "in the middle", (struct wake_chat_page){ .from = &middle });
	measure_page(
	    store, session, "on from the middle", (struct wake_chat_page){ .from = &middle, .after = true });
	measure_page(
	    store, session, "from the beginning", (struct wake_chat_page){ .from = &first, .after = true });
}

static int print_text(const char *driver, const char *name)
{
	for (size_t i = 0; i < WAKE_SQL_COUNT; i++) {
		const struct wake_sql_text *text = &wake_sql_texts[i];

		if (strcmp(text->name, name) == 0) {
			(void)fputs(strcmp(driver, "sqlite") == 0 ? text->sqlite : text->postgres, stdout);
			return 0;
		}
	}
	(void)fprintf(stderr, "store_large: no statement %s\n", name);
	return 1;
}

int main(int argc, char **argv)
{
	wake_auto_store struct wake_store *store = NULL;
	size_t applied;

	if (argc == 4 && strcmp(argv[1], "text") == 0)
		return print_text(argv[2], argv[3]);
	if (argc != 3 && !(argc == 4 && strcmp(argv[1], "chat") == 0)) {
		(void)fprintf(
		    stderr, "usage: store_large measure|migrate URL | chat URL SESSION | text DRIVER NAME\n");
		return 2;
	}
	must(wake_store_open(argv[2], &store, &err));
	must(wake_migrate(store, &applied, &err));
	if (argc == 4)
		measure_chat(store, argv[3]);
	if (strcmp(argv[1], "measure") != 0)
		return 0;
	measure_lists(store);
	measure_totals(store, "totals by day", WAKE_TOTALS_BY_DAY, WAKE_TIME_NONE);
	measure_totals(store, "of the last 30 days", WAKE_TOTALS_BY_DAY, INT64_C(1727400000000000));
	measure_totals(store, "totals by model", WAKE_TOTALS_BY_MODEL, WAKE_TIME_NONE);
	measure_totals(store, "totals by repo", WAKE_TOTALS_BY_REPO, WAKE_TIME_NONE);
	measure_totals(store, "totals by workflow", WAKE_TOTALS_BY_WORKFLOW, WAKE_TIME_NONE);
	return 0;
}
