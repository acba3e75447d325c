/* Who holds a sampled heap, for people. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/report.h"
#include "share/format.h"
#include "share/growth/names.h"
#include "share/profile/sum.h"
#include "share/text.h"

/* ---- first of all ---- */

static char *format_error(char out[FORMAT_SIZE], int64_t spread)
{
	return format_memory(out, heap_error(spread));
}

static void print_sums(const struct report *p)
{
	char every[FORMAT_SIZE], live[FORMAT_SIZE], error[FORMAT_SIZE], most[FORMAT_SIZE];
	char moment[FORMAT_SIZE], back[FORMAT_SIZE], most_error[FORMAT_SIZE];
	const struct profile_heap *h = &p->profile->heap;
	double mean = report_heap_mean(p->profile);
	int64_t spread = 0, at_peak = 0, after = h->peak.us - p->start;
	for (size_t i = 0; i < h->n_frames; i++) {
		spread = sum_of(spread, h->frames[i].spread);
		at_peak = sum_of(at_peak, h->frames[i].spread_at_peak);
	}
	char until[FORMAT_SIZE], end[2 * FORMAT_SIZE] = "the end";
	int64_t written = heap_written_until(p->profile);
	if (written > 0)
		snprintf(end, sizeof end, "%s, when last written",
			 format_duration(until, sample_seconds(written - p->start)));
	printf("The heap, sampled%s%s: %s (± %s) live at %s, %s (± %s) at its peak at %s; "
	       "%s given back\n",
	       mean > 0 ? " every " : "", mean > 0 ? heap_say_mean(every, mean) : "",
	       format_memory(live, sample_mib(h->live)), format_error(error, spread), end,
	       format_memory(most, sample_mib(h->peak.umib)), format_error(most_error, at_peak),
	       format_duration(moment, sample_seconds(after > 0 ? after : 0)),
	       format_memory(back, sample_mib(h->given_back)));
}

/* ---- the tables ---- */

static void print_figures(const struct profile_heap_frame *f)
{
	printf("%10.1f %7.1f %10.1f %7.1f %11.1f  ", sample_mib(f->live), heap_error(f->spread),
	       sample_mib(f->at_peak), heap_error(f->spread_at_peak), sample_mib(f->given_back));
}

/* What is less than so manieth of all is noise. */
enum { SMALLEST = 100 };

static bool is_notable(const struct profile_heap_frame *f, const struct profile_heap_frame *all)
{
	return f->live > all->live / SMALLEST || f->at_peak > all->at_peak / SMALLEST ||
	       f->given_back > all->given_back / SMALLEST;
}

/* The rows that held most at the peak, and gave most back, are shown wherever they stand. */
static size_t choose_always(const struct heap_table *t, size_t top, bool shown[])
{
	size_t peak = 0, back = 0, n = 0;
	for (size_t i = 1; i < t->n; i++) {
		const struct heap_row *row = &t->rows[i];
		peak = row->figures.at_peak > t->rows[peak].figures.at_peak ? i : peak;
		back = row->figures.given_back > t->rows[back].figures.given_back ? i : back;
	}
	if (t->n > 0 && top > 1) {
		shown[peak] = true;
		n++;
	}
	if (t->n > 0 && top > 2 && !shown[back]) {
		shown[back] = true;
		n++;
	}
	return n;
}

/* Who asks for more rows than usual gets the small ones, too. */
static void choose(const struct heap_table *t, size_t top, bool shown[])
{
	size_t n = choose_always(t, top, shown);
	for (size_t i = 0; i < t->n && n < top; i++) {
		if (shown[i] ||
		    (top <= REPORT_TOP && i > 0 && !is_notable(&t->rows[i].figures, &t->all)))
			continue;
		shown[i] = true;
		n++;
	}
}

static int width_of(const struct report *p, const struct heap_table *t, const bool shown[],
		    enum growth_by by)
{
	int widest = 0;
	for (size_t i = 0; i < t->n; i++) {
		int width = shown[i] ? report_name_width(p, &t->rows[i].who, by) : 0;
		widest = width > widest ? width : widest;
	}
	return widest;
}

static int print_rows(const struct report *p, const struct heap_table *t,
		      const struct report_options *o)
{
	bool *shown = calloc(t->n + 1, sizeof *shown);
	size_t hidden = t->n;
	if (!shown)
		return -ENOMEM;
	choose(t, o->top, shown);
	int width = width_of(p, t, shown, o->by);
	puts("   end MiB     ±   peak MiB     ±   given back");
	for (size_t i = 0; i < t->n; i++) {
		if (!shown[i])
			continue;
		print_figures(&t->rows[i].figures);
		if (heap_is_inherited(&t->rows[i]))
			fputs("(inherited) ", stdout);
		report_print_name(p, &t->rows[i].who, o->by, width);
		hidden--;
	}
	free(shown);
	if (hidden > 0)
		printf("%*s… and %zu more\n", 51, "", hidden);
	print_figures(&t->all);
	puts("in all");
	return 0;
}

/* ---- from mark to mark ---- */

enum { MOST_INTERVALS = 40 };

struct marking {
	const struct report *report;
	const struct heap_table *table;
	size_t shown;
};

static int64_t size_of(int64_t change)
{
	return change < 0 ? -change : change;
}

enum { NAMED = 3, SMALL = 10 };

/* The rows that changed most, whichever way; what is small against the first is left out. */
static size_t find_changes(const struct marking *m, const struct report_interval *interval,
			   size_t named[NAMED])
{
	size_t n = 0;
	int64_t most[NAMED + 1] = { 0 };
	for (size_t i = 0; i < m->table->n; i++) {
		int64_t size = size_of(interval->change[i]);
		size_t at = n;
		for (; at > 0 && size > most[at - 1]; at--)
			if (at < NAMED) {
				most[at] = most[at - 1];
				named[at] = named[at - 1];
			}
		if (at == NAMED || size == 0)
			continue;
		most[at] = size;
		named[at] = i;
		n += n < NAMED;
	}
	while (n > 0 && most[n - 1] < most[0] / SMALL)
		n--;
	return n;
}

static void print_changes(const struct marking *m, const struct report_interval *interval)
{
	char name[GROWTH_NAME];
	size_t named[NAMED] = { 0 }, n = find_changes(m, interval, named);
	for (size_t i = 0; i < n; i++) {
		char *shown = text_printable(growth_name(
			name, &m->report->growth, &m->table->rows[named[i]].who, GROWTH_BY_LINE));
		printf("%s%+.1f %s", i ? ", " : "  ", sample_mib(interval->change[named[i]]),
		       shown ? shown : "");
		free(shown);
	}
}

static int print_interval(void *context, const struct report_interval *interval)
{
	struct marking *m = context;
	int64_t start = m->report->start;
	int64_t to = interval->to == INT64_MAX ? m->report->end : interval->to;
	if (!interval->mark && interval->net == 0)
		return 0; /* nothing yet */
	if (m->shown++ >= MOST_INTERVALS)
		return 0;
	char *mark = text_printable(interval->mark ? interval->mark : "(the beginning)");
	printf("%8.2f %8.2f %+10.1f %10.1f  %s:", sample_seconds(interval->from - start),
	       sample_seconds(to - start), sample_mib(interval->net), sample_mib(interval->live),
	       mark ? mark : "");
	free(mark);
	print_changes(m, interval);
	putchar('\n');
	return 0;
}

static int print_marks(const struct report *p)
{
	struct heap_table table;
	struct marking m = { p, &table, 0 };
	if (p->profile->n_marks == 0)
		return 0;
	int r = heap_table_make(&table, &p->profile->heap, &p->growth, GROWTH_BY_LINE,
				GROWTH_TO_USER);
	if (r < 0)
		return r;
	puts("\nFrom mark to mark\n  from s     to s    net MiB   live MiB");
	r = report_heap_marks(p, &table, print_interval, &m);
	if (m.shown > MOST_INTERVALS)
		printf("%*s… and %zu more\n", 41, "", m.shown - MOST_INTERVALS);
	heap_table_free(&table);
	return r;
}

/* ---- all of it ---- */

static int print_table(const struct report *p, const struct report_options *o, const char *title,
		       enum growth_to to)
{
	struct heap_table table;
	int r = heap_table_make(&table, &p->profile->heap, &p->growth, o->by, to);
	if (r < 0)
		return r;
	printf("\n%s\n", title);
	r = print_rows(p, &table, o);
	heap_table_free(&table);
	return r;
}

int report_print_heap(const struct report *p, const struct report_options *o)
{
	print_sums(p);
	int r = print_table(p, o, "Who holds it, by your own code, with what it called",
			    GROWTH_TO_USER);
	r = r < 0 ? r
		  : print_table(p, o, "Who holds it, by the innermost code, whoever's it is",
				GROWTH_TO_INNERMOST);
	r = r < 0 ? r : print_marks(p);
	r = r < 0 ? r : report_print_outlook(p, o);
	if (r == 0)
		report_print_heap_known(p);
	return r;
}
