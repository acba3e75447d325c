#include "plotter/page/members.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "plotter/page/markup.h"
#include "share/fleet/fleet.h"
#include "share/format.h"
#include "share/known.h"

enum { MOST_ROWS = 500 };

static int by_peak(const void *a, const void *b)
{
	const struct fleet_member *const *x = a, *const *y = b;
	int64_t p = (*x)->highest.umib, q = (*y)->highest.umib;
	return p != q ? (p < q) - (p > q) : (*x > *y) - (*x < *y);
}

/* In the unit that is read best: what it is sorted by stands beside it. */
static void put_figure(FILE *out, double value, const char *text)
{
	fprintf(out, "<td class=\"figure\" data-value=\"%.3f\">%s</td>", value, text);
}

static void put_memory(FILE *out, int64_t umib)
{
	char size[FORMAT_SIZE];
	if (umib > 0)
		put_figure(out, (double)umib / 1e6, format_memory(size, (double)umib / 1e6));
	else
		markup_cell(out, "");
}

static void put_end(FILE *out, const struct fleet_member *m)
{
	char end[FORMAT_SIZE];
	bool told = m->ended && m->status != PROFILE_STATUS_UNKNOWN;
	markup_cell(out, m->killed   ? m->killed
			 : !m->ended ? "no end is told"
			 : told      ? format_end(end, m->status)
				     : "");
}

static void put_member(FILE *out, const struct fleet_member *m)
{
	char length[FORMAT_SIZE];
	double seconds = (double)(m->to - m->from) / 1e6;
	fputs("<tr>", out);
	if (m->rank >= 0)
		fprintf(out, "<td class=\"figure\">%ld</td>", m->rank);
	else
		markup_cell(out, "");
	markup_cell(out, m->node ? m->node : "");
	put_memory(out, m->highest.umib);
	markup_cell(out, known_word(m->known));
	put_memory(out, m->limit);
	put_figure(out, seconds, format_duration(length, seconds));
	put_end(out, m);
	markup_cell(out, m->path ? m->path : "");
	fputs("</tr>\n", out);
}

int members_put(FILE *out, const struct fleet *fleet)
{
	static const char *const headings[] = { "#rank",    "node",    "#peak", "known",
						"#allowed", "#lasted", "ended", "recording" };
	size_t shown = fleet->n < MOST_ROWS ? fleet->n : MOST_ROWS;
	const struct fleet_member **order = calloc(fleet->n + 1, sizeof *order);
	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < fleet->n; i++)
		order[i] = &fleet->members[i];
	qsort(order, fleet->n, sizeof *order, by_peak);
	markup_table(out, "Peaks, the highest first", headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < shown; i++)
		put_member(out, order[i]);
	markup_end_table(out);
	if (shown < fleet->n)
		fprintf(out, "<p>%zu more held less.</p>\n", fleet->n - shown);
	free(order);
	return 0;
}
