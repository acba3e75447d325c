#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/report.h"
#include "share/commands/source_file.h"
#include "share/format.h"
#include "share/growth/card_print.h"
#include "share/growth/names.h"
#include "share/growth/phases.h"
#include "share/link.h"
#include "share/profile/profile.h"
#include "share/profile/sum.h"
#include "share/text.h"

enum { WIDEST_NAME = 44, SHOWN_SOURCE = 60 }; /* cells */

/* ---- columns ---- */

static double cells(void *context, const char *text)
{
	double n = 0;
	(void)context;
	for (uint32_t c; (c = text_next(&text));)
		n += text_cells(c);
	return n;
}

/* Printable and, where something follows, of one width; the caller frees it. */
static char *name_of(const struct report *p, const struct growth_row *row, enum growth_by by)
{
	char name[GROWTH_NAME];
	return text_printable(growth_marked(name, &p->growth, row, by));
}

int report_name_width(const struct report *p, const struct growth_row *row, enum growth_by by)
{
	char *name = name_of(p, row, by);
	int width = name ? (int)cells(NULL, name) : 0;
	free(name);
	return width < WIDEST_NAME ? width : WIDEST_NAME;
}

static int width_of(const struct report *p, const struct growth_table *table,
		    const struct report_options *o)
{
	int widest = 0;
	for (size_t i = 0; i < table->n && i < o->top; i++) {
		int width = report_name_width(p, &table->rows[i], o->by);
		widest = width > widest ? width : widest;
	}
	return widest;
}

static char *source_of(const struct report *p, const struct growth_row *row, enum growth_by by)
{
	if (by != GROWTH_BY_LINE || !growth_is_place(&p->growth, row->frame))
		return NULL;
	const struct profile_frame *f = &p->growth.frames[row->frame];
	if (f->line == 0)
		return NULL;
	char *text = source_file_text(p->growth.paths[f->path], f->line, p->start, &p->right);
	if (text)
		text_shorten(text, SHOWN_SOURCE, cells, NULL);
	return text;
}

void report_print_name(const struct report *p, const struct growth_row *row, enum growth_by by,
		       int width)
{
	char *name = name_of(p, row, by), *source = source_of(p, row, by);
	int pad = name && source ? width - (int)cells(NULL, name) : 0;
	const char *path = source ? p->growth.paths[p->growth.frames[row->frame].path] : "";
	link_begin(stdout, path); /* where its source can be shown, it is here to be opened */
	printf("%s", name ? name : "");
	link_end(stdout, path);
	if (source)
		printf("%*s  | %s", pad > 0 ? pad : 0, "", source);
	putchar('\n');
	free(source);
	free(name);
}

/* ---- tables ---- */

static double share_of(int64_t part, int64_t all)
{
	return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

static void print_row(const struct report *p, const struct growth_table *table, size_t at,
		      enum growth_by by, int width)
{
	const struct growth_row *row = &table->rows[at];
	printf("%+10.1f %10.1f %4.0f%% %6llu  ", sample_mib(row->net), sample_mib(row->grew),
	       share_of(row->grew, table->grew), (unsigned long long)row->steps);
	report_print_name(p, row, by, width);
}

/* The first rows are those that grew most; the one that released most is shown wherever it stands.
 */
static void print_rows(const struct report *p, const struct growth_table *table,
		       const struct report_options *o)
{
	int width = width_of(p, table, o);
	size_t release, first = growth_table_choose(table, o->top, &release), hidden = table->n;
	puts("   net MiB   grew MiB share  steps");
	for (size_t i = 0; i < table->n; i++) {
		if (i >= first && i != release)
			continue;
		print_row(p, table, i, o->by, width);
		hidden--;
	}
	if (hidden > 0)
		printf("%*s… and %zu more\n", 36, "", hidden);
}

static int print_growth(const struct report *p, const struct report_options *o, const char *title,
			enum growth_to to)
{
	struct growth_table table;
	int r = growth_table_make(&table, &p->growth, o->by, to);
	if (r < 0)
		return r;
	printf("\n%s: %.1f MiB in all, %.1f held when last seen\n", title, sample_mib(table.grew),
	       sample_mib(table.net));
	print_rows(p, &table, o);
	growth_table_free(&table);
	return 0;
}

/* What a line released that another had taken stands in its own figure, so that the sum is right;
 * where that is most of the peak, the figures of the others say nothing. */
static bool is_telling(const struct report *p, const struct growth_table *table)
{
	enum { PART = 2 };
	int64_t peak = p->growth.peak.at.umib, released = growth_table_astray(table);
	if (-released <= peak / PART)
		return true;
	printf("\nWho held it at the peak is not to be told by growth: %.1f MiB were released "
	       "where "
	       "something else had grown.\n%s\n",
	       sample_mib(-released),
	       p->profile->heap.n_steps > 0 ? "The sampled heap tells: mprof-c report --heap"
					    : "A sampled heap would tell: mprof-c run --heap");
	return false;
}

static void print_holders(const struct report *p, const struct report_options *o,
			  const struct growth_table *table)
{
	int width = width_of(p, table, o);
	int64_t others = 0, peak = p->growth.peak.at.umib;
	for (size_t i = 0; i < table->n && table->rows[i].at_peak > 0; i++) {
		const struct growth_row *row = &table->rows[i];
		if (i >= o->top) {
			others = sum_of(others, row->at_peak);
			continue;
		}
		printf("%10.1f %4.0f%%  ", sample_mib(row->at_peak), share_of(row->at_peak, peak));
		report_print_name(p, row, o->by, width);
	}
	if (p->profile->growth.inherited_at_peak > 0)
		printf("%10.1f %4.0f%%  inherited by children at their birth\n",
		       sample_mib(p->profile->growth.inherited_at_peak),
		       share_of(p->profile->growth.inherited_at_peak, peak));
	if (others > 0)
		printf("%10.1f %4.0f%%  all others\n", sample_mib(others), share_of(others, peak));
}

static int print_alive(const struct report *p, const struct report_options *o)
{
	struct growth_table table;
	int r = growth_table_make(&table, &p->growth, o->by, GROWTH_TO_USER);
	if (r < 0)
		return r;
	growth_table_sort_by_peak(&table);
	if (is_telling(p, &table)) {
		int64_t released = growth_table_astray(&table);
		printf("\nAlive at the peak, by your own code: an estimate, what each had grown by "
		       "until then\n       MiB  share\n");
		print_holders(p, o, &table);
		if (released < 0)
			printf("%10.1f        released where something else had grown\n",
			       sample_mib(released));
	}
	growth_table_free(&table);
	return 0;
}

/* ---- what forks share ---- */

static void print_inherited(const struct report *p)
{
	const struct profile_growth *told = &p->profile->growth;
	if (told->inherited > 0)
		printf("\nChildren held %.1f MiB from their birth on, inherited: that is no "
		       "growth.\n",
		       sample_mib(told->inherited));
}

/* The head of a loop takes a reference to each element, so it is the first to write to what the
 * body is there to read: who looks for the loop looks for its body. */
static void print_body(const struct report *p, const struct growth_row *row)
{
	if (!growth_is_place(&p->growth, row->frame))
		return;
	const struct profile_frame *f = &p->growth.frames[row->frame];
	const char *path = p->growth.paths[f->path];
	int line = source_file_body(path, f->line, p->start, &p->right);
	char *text = line ? source_file_text(path, line, p->start, &p->right) : NULL;
	if (!text)
		return;
	text_shorten(text, SHOWN_SOURCE, cells, NULL);
	char *name = text_printable(growth_path(&p->growth, f->path));
	printf("%*sfor the loop's body: %s:%d  | %s\n", 12, "", name ? name : "", line, text);
	free(name);
	free(text);
}

static int print_copied(const struct report *p, const struct report_options *o)
{
	struct growth_table table;
	if (p->profile->growth.copied <= 0)
		return 0;
	int r = growth_table_of_copies(&table, &p->growth, GROWTH_TO_USER);
	if (r < 0)
		return r;
	int width = width_of(p, &table, o);
	printf("\nCopied after a fork, by writing to what was shared: %.1f MiB\n       MiB\n",
	       sample_mib(p->profile->growth.copied));
	for (size_t i = 0; i < table.n && i < o->top; i++) {
		printf("%10.1f  ", sample_mib(table.rows[i].copied));
		report_print_name(p, &table.rows[i], GROWTH_BY_LINE, width);
		print_body(p, &table.rows[i]);
	}
	if (table.n > o->top)
		printf("%*s… and %zu more\n", 12, "", table.n - o->top);
	growth_table_free(&table);
	return 0;
}

/* ---- phases ---- */

static void print_contents(const struct report *p, const struct growth_table *table,
			   const struct growth_phase *phase)
{
	enum { NAMED = 3, SMALL = 10 };
	int64_t most = table->n ? llabs(table->rows[0].net) : 0;
	for (size_t i = 0; i < table->n && i < NAMED; i++) {
		const struct growth_row *row = &table->rows[i];
		if (row->net == 0 || llabs(row->net) * SMALL < most)
			break;
		char *name = name_of(p, row, GROWTH_BY_LINE);
		printf("%s%+.1f %s", i ? ", " : "", sample_mib(row->net), name ? name : "");
		free(name);
	}
	if (phase->begun > 0 && phase->begun * SMALL >= most)
		printf(", %+.1f inherited by children", sample_mib(phase->begun));
	if (phase->ended < 0 && llabs(phase->ended) * SMALL >= most)
		printf(", %+.1f of processes that ended", sample_mib(phase->ended));
}

static int print_phase(const struct report *p, const struct growth_phase *phase)
{
	struct growth_table table;
	int64_t start = p->start;
	int r = growth_table_of_steps(&table, &p->growth, GROWTH_BY_LINE, GROWTH_TO_USER,
				      phase->first, phase->end);
	if (r < 0)
		return r;
	printf("%8.2f %8.2f %+10.1f %10.1f %10.1f  ", sample_seconds(phase->from - start),
	       sample_seconds(phase->to - start), sample_mib(phase->net), sample_mib(phase->held),
	       sample_mib(phase->most));
	growth_table_sort_by_change(&table);
	if (phase->first == phase->end)
		fputs("nothing moved", stdout);
	else
		print_contents(p, &table, phase);
	putchar('\n');
	growth_table_free(&table);
	return 0;
}

static int print_phases(const struct report *p)
{
	struct growth_phase phases[2 * GROWTH_PHASES + 1];
	int n = growth_phases(&p->growth, p->end, phases);
	puts("\nPhases\n  from s     to s    net MiB   held MiB   most MiB");
	for (int i = 0; i < n; i++) {
		int r = print_phase(p, &phases[i]);
		if (r < 0)
			return r;
	}
	return n < 0 ? n : 0;
}

/* ---- the GPUs ---- */

static void print_taken(const struct report *p, const struct growth_table *t,
			const struct report_options *o)
{
	int width = width_of(p, t, o);
	size_t release, first = growth_table_choose(t, o->top, &release), hidden = t->n;
	puts("   net MiB   grew MiB  steps");
	for (size_t i = 0; i < t->n; i++) {
		const struct growth_row *row = &t->rows[i];
		if (i >= first && i != release)
			continue;
		hidden--;
		printf("%+10.1f %10.1f %6llu  ", sample_mib(row->net), sample_mib(row->grew),
		       (unsigned long long)row->steps);
		report_print_name(p, row, o->by, width);
	}
	if (hidden > 0)
		printf("%*s… and %zu more\n", 30, "", hidden);
}

int report_print_card(const struct report *p)
{
	int r = card_print(stdout, p->profile, &p->growth, p->start);
	if (r == 0 && p->profile->n_ooms > 0)
		putchar('\n');
	if (r == 0)
		card_print_bills(stdout, p->profile, p->start, "");
	return r;
}

int report_print_vram(const struct report *p, const struct report_options *o)
{
	const struct profile_vram *v = &p->profile->vram;
	struct growth_table table;
	for (size_t i = 0; i < v->n_devices && o->by != GROWTH_BY_THREAD; i++) {
		int r = growth_table_of_vram(&table, &p->growth, v, i, o->by);
		if (r < 0)
			return r;
		printf("\nWhere the memory of GPU %s grew: %.1f MiB in all, %.1f held when last "
		       "seen.\n"
		       "It was asked for at most ten times a second: the line is the one that "
		       "stood there just after.\n",
		       v->devices[i], sample_mib(table.grew), sample_mib(table.net));
		print_taken(p, &table, o);
		growth_table_free(&table);
	}
	return 0;
}

/* ---- all of it ---- */

int report_print_text(const struct report *p, const struct report_options *o)
{
	char sentence[REPORT_SENTENCE];
	report_sentence(sentence, p);
	char *shown = text_printable(sentence);
	puts(shown ? shown : "");
	free(shown);
	int r = report_print_card(p);
	if (r < 0)
		return r;
	report_warn_of_churn(p->profile);
	if (o->by == GROWTH_BY_THREAD) {
		r = print_growth(p, o, "Growth by thread", GROWTH_TO_INNERMOST);
	} else {
		r = print_growth(p, o, "Growth by your own code, with what it called",
				 GROWTH_TO_USER);
		if (r == 0)
			r = print_growth(p, o, "Growth by the innermost code, whoever's it is",
					 GROWTH_TO_INNERMOST);
	}
	if (r == 0)
		print_inherited(p);
	r = r < 0 ? r : print_copied(p, o);
	r = r < 0 ? r : print_alive(p, o);
	r = r < 0 ? r : print_phases(p);
	r = r < 0 ? r : report_print_vram(p, o);
	r = r < 0 ? r : report_print_outlook(p, o);
	if (r == 0)
		report_print_known(p);
	return r;
}
