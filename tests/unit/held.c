/* Who holds a sampled heap, by made-up records. */
#include "share/growth/heap.h"

#include <stdio.h>

#include "tests/check.h"

static const char head[] = "CMDLINE a\nMETA format=1 pid=10 heap=262144\nMEM 10.0 100.0\n"
			   "PATH 1 /srv/a.py\nFRAME 1 0 1 5 keep\nFRAME 2 0 1 9 pass\n"
			   "FRAME 3 1 1 5 keep\n";
static struct profile profile;
static struct profile_loader *loader;

static void feed(const char *text)
{
	CHECK_INT(profile_loader_feed(loader, text, strlen(text)), 0);
}

static void begin(void)
{
	CHECK_INT(profile_loader_open(&loader, "a.dat", NULL), 0);
	feed(head);
}

static const struct profile_heap *end(const char *text)
{
	feed(text);
	CHECK_INT(profile_loader_finish(loader, &profile), 0);
	return &profile.heap;
}

static void what_lives_is_told_of_three_moments(void)
{
	begin();
	const struct profile_heap *h = end(
		"HEAP 10 1 10.0 0 40 2.5 101.0\nHEAP 10 2 50.0 0 200 12.5 101.0\nMEM 90.0 102.0\n"
		"HEAP 10 1 20.0 0 80 5.0 103.0\nHEAP 10 2 -50.0 50.0 -200 -12.5 104.0\n"
		"MEM 40.0 105.0\nGONE 10 105.1 90.0 0\nEXIT 0 105.2 90.0 4 0\n");
	CHECK_INT(h->live, 30000000);
	CHECK_INT(h->peak.umib, 80000000);
	CHECK_INT(h->peak.us, 103000000);
	CHECK_INT(h->at_rss_peak, 60000000);
	CHECK_INT(h->given_back, 50000000);
	CHECK_INT(h->frames[1].live, 30000000);
	CHECK_INT(h->frames[1].spread, 7500000);
	CHECK_INT(h->frames[1].blocks, 120);
	CHECK_INT(h->frames[2].live, 0);
	CHECK_INT(h->frames[2].at_peak, 50000000);
	profile_free(&profile);
}

static void what_a_process_held_goes_with_it(void)
{
	begin();
	const struct profile_heap *h =
		end("HEAP 10 1 10.0 0 40 2.5 101.0\nPROC 11 10 101.0 worker\nHEAP 11 1 7.0 0 1 1 "
		    "102.0 inherited\n"
		    "HEAP 11 2 30.0 0 120 7.5 102.0\nGONE 11 103.0 40.0 0\nHEAP 11 2 5.0 0 20 1.25 "
		    "102.5\n"
		    "HEAP 10 1 1.0 0 4 0.25 109.0\nMEM 5.0 110.0\nGONE 10 110.0 90.0 0\n"
		    "EXIT 0 110.0 90.0 4 0\n");
	CHECK_INT(h->live, 11000000);
	CHECK_INT(h->frames[2].live, 0);
	CHECK_INT(h->frames[2].spread, 0);
	CHECK_INT(h->peak.umib, 45000000);
	CHECK_INT(h->inherited, 7000000);
	CHECK_INT(h->given_back, 0);
	profile_free(&profile);
}

/* As behind a shell, which ends at once when what it started has. */
static void who_ended_with_the_run_was_there_until_then(void)
{
	begin();
	const struct profile_heap *h =
		end("HEAP 11 1 30.0 0 120 7.5 101.0\nMEM 1.0 110.0\nGONE 11 109.9 40.0 0\n"
		    "EXIT 0 110.0 90.0 4 0\n");
	CHECK_INT(h->live, 30000000);
	profile_free(&profile);
	begin();
	h = end("HEAP 11 1 30.0 0 120 7.5 101.0\nHEAP 11 1 -30.0 0 -120 -7.5 103.0\n"
		"MEM 1.0 110.0\nEXIT 0 110.0 90.0 4 0\n");
	CHECK_INT(h->live, 0);
	CHECK_INT(h->peak.umib, 30000000);
	profile_free(&profile);
}

static void a_table_merges_by_line(void)
{
	struct growth growth;
	struct heap_table table;
	begin();
	const struct profile_heap *h =
		end("HEAP 10 1 10.0 0 40 2.0 101.0\nHEAP 10 3 6.0 1.0 24 2.0 101.0\n"
		    "HEAP 10 2 12.0 0 48 3.0 101.0\nHEAP 10 0 1.0 0 4 0.25 101.0\nMEM 1.0 102.0\n");
	CHECK_INT(growth_open(&growth, &profile.growth, NULL), 0);
	CHECK_INT(heap_table_make(&table, h, &growth, GROWTH_BY_LINE, GROWTH_TO_USER), 0);
	CHECK_INT(table.n, 3);
	CHECK_INT(table.rows[0].figures.live, 16000000);
	CHECK(heap_error(table.rows[0].figures.spread) == 4.0);
	CHECK_INT(table.rows[0].figures.given_back, 1000000);
	CHECK_INT(table.row_of[3], 0);
	CHECK_INT(table.row_of[2], 1);
	CHECK_INT(table.rows[2].who.frame, 0);
	CHECK_INT(table.all.live, 29000000);
	CHECK(heap_error(0) == 0.0 && heap_error(-5) == 0.0);
	heap_table_free(&table);
	growth_close(&growth);
	profile_free(&profile);
}

static void very_many_changes_keep_their_sums(void)
{
	char line[128];
	begin();
	for (int i = 0; i < 400000; i++) {
		snprintf(line, sizeof line, "HEAP 10 %d %s 0.5 1 0 %d.%06d\n", 1 + i % 2,
			 i % 4 < 2 ? "2.0" : "-1.0", 200 + i / 1000, i % 1000 * 1000);
		feed(line);
	}
	const struct profile_heap *h = end("MEM 1.0 700.0\n");
	CHECK_INT(h->live, 200000000000);
	CHECK_INT(h->given_back, 200000000000);
	CHECK_INT(h->frames[1].live, 100000000000);
	CHECK(h->n_steps <= 1 << 17);
	CHECK(h->grain > 0);
	for (size_t i = 1; i < h->n_steps; i++)
		if (h->steps[i].us < h->steps[i - 1].us)
			CHECK_INT(i, 0);
	profile_free(&profile);
}

static void churn_is_told_where_it_is_most(void)
{
	struct heap_churn churn;
	begin();
	end("HEAP 10 1 10.0 90.0 40 2.5 101.0\nMEM 1.0 102.0\n");
	CHECK(heap_churns(&profile, &churn));
	CHECK(churn.sampled);
	CHECK_INT(churn.grew, 100000000);
	CHECK_INT(churn.kept, 10000000);
	profile_free(&profile);
	begin();
	end("HEAP 10 1 100.0 90.0 40 2.5 101.0\nMEM 1.0 102.0\n");
	CHECK(!heap_churns(&profile, &churn));
	profile_free(&profile);
	begin();
	end("GROW 200.0 101.0 210.0 10 10 1 fault\nGROW -150.0 101.0 60.0 10 10 2 fault\nMEM 1.0 "
	    "102.0\n");
	CHECK(heap_churns(&profile, &churn));
	CHECK(!churn.sampled);
	CHECK_INT(churn.kept, 50000000);
	profile_free(&profile);
}

int main(void)
{
	RUN(what_lives_is_told_of_three_moments);
	RUN(what_a_process_held_goes_with_it);
	RUN(who_ended_with_the_run_was_there_until_then);
	RUN(a_table_merges_by_line);
	RUN(very_many_changes_keep_their_sums);
	RUN(churn_is_told_where_it_is_most);
	return DONE();
}
