#include "plotter/page/tables.h"

#include <errno.h>
#include <stdlib.h>

#include "plotter/page/calls.h"
#include "plotter/page/card_bill.h"
#include "plotter/page/markup.h"
#include "plotter/page/source.h"
#include "share/commands/source_file.h"
#include "share/commands/source_right.h"
#include "share/growth/heap.h"
#include "share/growth/names.h"
#include "share/growth/phases.h"
#include "share/growth/table.h"
#include "share/xml.h"

enum { ROWS = 40, CHILDREN = 100 };

struct tables {
	FILE *out;
	const struct profile *profile;
	int64_t zero; /* µs, of the picture's axis */
	struct growth growth;
	struct source_right right;
};

/* ---- lines ---- */

/* "train.py:5 load", and its text where that may be shown. */
static void put_place(const struct tables *t, const struct growth_row *row)
{
	char name[GROWTH_NAME];
	fputs("<td>", t->out);
	xml_text(t->out, growth_marked(name, &t->growth, row, GROWTH_BY_LINE));
	fputs("</td><td class=\"text\"><code>", t->out);
	if (growth_is_place(&t->growth, row->frame) && t->growth.frames[row->frame].line > 0) {
		const struct profile_frame *f = &t->growth.frames[row->frame];
		char *text = source_file_text(t->growth.paths[f->path], f->line,
					      t->profile->start_us, &t->right);
		xml_text(t->out, text ? text : "");
		free(text);
	}
	fputs("</code></td>", t->out);
}

static size_t beyond(size_t n, size_t shown)
{
	return n > shown ? n - shown : 0;
}

static int put_growth(const struct tables *t, const char *caption, enum growth_to to)
{
	static const char *const headings[] = { "#grew MiB", "#share", "#net MiB", "line",
						"source" };
	struct growth_table table;
	int r = growth_table_make(&table, &t->growth, GROWTH_BY_LINE, to);
	if (r < 0)
		return r;
	markup_table(t->out, caption, headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < table.n && i < ROWS; i++) {
		const struct growth_row *row = &table.rows[i];
		fputs("<tr>", t->out);
		markup_mib(t->out, row->grew);
		markup_share(t->out, row->grew, table.grew);
		markup_mib(t->out, row->net);
		put_place(t, row);
		fputs("</tr>\n", t->out);
	}
	markup_end_table_short(t->out, beyond(table.n, ROWS), sizeof headings / sizeof *headings);
	growth_table_free(&table);
	return 0;
}

static int put_heap(const struct tables *t)
{
	static const char *const headings[] = { "#at the end, MiB", "#±",   "#at the peak, MiB",
						"#given back, MiB", "line", "source" };
	struct heap_table table;
	int r = heap_table_make(&table, &t->profile->heap, &t->growth, GROWTH_BY_LINE,
				GROWTH_TO_USER);
	if (r < 0)
		return r;
	markup_table(t->out, "Who holds it, by your own code: the sampled heap", headings,
		     sizeof headings / sizeof *headings);
	for (size_t i = 0; i < table.n && i < ROWS; i++) {
		const struct heap_row *row = &table.rows[i];
		fputs("<tr>", t->out);
		markup_mib(t->out, row->figures.live);
		markup_figure(t->out, heap_error(row->figures.spread), 1);
		markup_mib(t->out, row->figures.at_peak);
		markup_mib(t->out, row->figures.given_back);
		put_place(t, &row->who);
		fputs("</tr>\n", t->out);
	}
	markup_end_table_short(t->out, beyond(table.n, ROWS), sizeof headings / sizeof *headings);
	heap_table_free(&table);
	return 0;
}

/* ---- time ---- */

static int put_contents(const struct tables *t, const struct growth_phase *phase)
{
	enum { NAMED = 3 };
	struct growth_table table;
	char name[GROWTH_NAME];
	int r = growth_table_of_steps(&table, &t->growth, GROWTH_BY_LINE, GROWTH_TO_USER,
				      phase->first, phase->end);
	if (r < 0)
		return r;
	growth_table_sort_by_change(&table);
	fputs("<td>", t->out);
	for (size_t i = 0; i < table.n && i < NAMED && table.rows[i].net != 0; i++) {
		fprintf(t->out, "%s%+.1f ", i ? ", " : "", sample_mib(table.rows[i].net));
		xml_text(t->out, growth_marked(name, &t->growth, &table.rows[i], GROWTH_BY_LINE));
	}
	fputs(phase->first == phase->end ? "nothing moved</td>" : "</td>", t->out);
	growth_table_free(&table);
	return 0;
}

static int put_phases(const struct tables *t)
{
	static const char *const headings[] = { "#from s",   "#to s",     "#net MiB",
						"#held MiB", "#most MiB", "what moved" };
	struct growth_phase phases[2 * GROWTH_PHASES + 1];
	int64_t start = t->profile->start_us;
	int n = growth_phases(&t->growth, profile_end_us(t->profile), phases), r = 0;
	if (n <= 0)
		return n;
	markup_table(t->out, "Phases", headings, sizeof headings / sizeof *headings);
	for (int i = 0; i < n && r == 0; i++) {
		fprintf(t->out, "<tr data-from=\"%.3f\" data-to=\"%.3f\">",
			sample_seconds(phases[i].from - t->zero),
			sample_seconds(phases[i].to - t->zero));
		markup_figure(t->out, sample_seconds(phases[i].from - start), 2);
		markup_figure(t->out, sample_seconds(phases[i].to - start), 2);
		markup_mib(t->out, phases[i].net);
		markup_mib(t->out, phases[i].held);
		markup_mib(t->out, phases[i].most);
		r = put_contents(t, &phases[i]);
		fputs("</tr>\n", t->out);
	}
	markup_end_table(t->out);
	return r;
}

static void put_marks(const struct tables *t)
{
	static const char *const headings[] = { "#at s", "#held MiB", "mark" };
	const struct profile *p = t->profile;
	if (p->n_marks == 0)
		return;
	markup_table(t->out, "Marks", headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < p->n_marks; i++) {
		fputs("<tr>", t->out);
		markup_figure(t->out, sample_seconds(p->marks[i].at.us - p->start_us), 3);
		markup_mib(t->out, p->marks[i].at.umib);
		markup_cell(t->out, p->marks[i].label);
		fputs("</tr>\n", t->out);
	}
	markup_end_table(t->out);
}

/* ---- what it consisted of ---- */

static void put_bill(const struct tables *t)
{
	static const char *const headings[] = { "#at its highest, MiB", "#last, MiB", "what",
						"that is" };
	const struct profile_bills *bills = &t->profile->bills;
	enum bill_class sorted[BILL_CLASSES];
	if (bills->taken == 0)
		return;
	markup_table(t->out, "What it consisted of", headings, sizeof headings / sizeof *headings);
	for (size_t i = 0, n = bill_sort(&bills->highest, sorted); i < n; i++) {
		fputs("<tr>", t->out);
		markup_mib(t->out, bills->highest.umib[sorted[i]]);
		markup_mib(t->out, bills->last.umib[sorted[i]]);
		markup_cell(t->out, bill_names[sorted[i]]);
		markup_cell(t->out, bill_meanings[sorted[i]]);
		fputs("</tr>\n", t->out);
	}
	markup_end_table(t->out);
}

/* ---- children ---- */

static int by_peak(const void *a, const void *b)
{
	const struct profile_child *const *x = a, *const *y = b;
	int64_t p = (*x)->series.peak.umib, q = (*y)->series.peak.umib;
	return p < q ? 1 : p > q ? -1 : (*x)->pid - (*y)->pid;
}

static void put_child(const struct tables *t, const struct profile_child *child)
{
	int64_t start = t->profile->start_us;
	char pid[16];
	snprintf(pid, sizeof pid, "%d", (int)child->pid);
	fputs("<tr>", t->out);
	if (child->series.samples > 0)
		markup_mib(t->out, child->series.peak.umib);
	else
		markup_cell(t->out, "not sampled");
	if (child->born)
		markup_figure(t->out, sample_seconds(child->born - start), 2);
	else
		markup_cell(t->out, "");
	if (child->gone)
		markup_figure(t->out, sample_seconds(child->gone - start), 2);
	else
		markup_cell(t->out, "");
	markup_cell(t->out, pid);
	markup_cell(t->out, child->name ? child->name : "");
	fputs("</tr>\n", t->out);
}

static int put_children(const struct tables *t)
{
	static const char *const headings[] = { "#highest sample, MiB", "#from s", "#to s",
						"process", "name" };
	const struct profile *p = t->profile;
	if (p->n_children == 0)
		return 0;
	const struct profile_child **sorted = calloc(p->n_children, sizeof *sorted);
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_children; i++)
		sorted[i] = &p->children[i];
	qsort(sorted, p->n_children, sizeof *sorted, by_peak);
	markup_table(t->out, "Children", headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < p->n_children && i < CHILDREN; i++)
		put_child(t, sorted[i]);
	markup_end_table_short(t->out, beyond(p->n_children, CHILDREN),
			       sizeof headings / sizeof *headings);
	free(sorted);
	return 0;
}

/* ---- all of it ---- */

static int put_places(const struct tables *t)
{
	bool grew = t->growth.n_steps > 0;
	int r = t->profile->heap.records > 0 ? put_heap(t) : 0;
	if (r == 0 && grew)
		r = put_growth(t, "Where it grew, by your own code, with what it called",
			       GROWTH_TO_USER);
	if (r == 0)
		r = source_put(t->out, t->profile, &t->growth, &t->right);
	if (r == 0 && grew)
		r = put_growth(t, "Where it grew, by the innermost code, whoever's it is",
			       GROWTH_TO_INNERMOST);
	return r == 0 && grew ? put_phases(t) : r;
}

int tables_put(FILE *out, const struct profile *profile, int64_t zero, growth_own own)
{
	struct tables t = { .out = out, .profile = profile, .zero = zero };
	source_right_of(&t.right, profile);
	int r = growth_open(&t.growth, &profile->growth, own);
	if (r < 0)
		return r;
	r = put_places(&t);
	if (r == 0)
		r = card_bill_put(out, profile, &t.growth);
	if (r == 0) {
		put_marks(&t);
		put_bill(&t);
		r = calls_put(out, profile);
	}
	if (r == 0)
		r = put_children(&t);
	growth_close(&t.growth);
	return r;
}
