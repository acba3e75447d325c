#include "plotter/page/members.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "share/fleet/fleet.h"
#include "share/format.h"
#include "share/known.h"
#include "share/xml.h"

enum { MOST_ROWS = 500 };

static int by_peak(const void *a, const void *b)
{
	const struct fleet_member *const *x = a, *const *y = b;
	int64_t p = (*x)->highest.umib, q = (*y)->highest.umib;
	return p != q ? (p < q) - (p > q) : (*x > *y) - (*x < *y);
}

static void put_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	xml_text(out, text ? text : "");
	fputs("</td>", out);
}

static void put_figure(FILE *out, int64_t umib)
{
	char size[FORMAT_SIZE];
	fprintf(out, "<td class=\"figure\">%s</td>",
		umib > 0 ? format_memory(size, (double)umib / 1e6) : "");
}

static void put_end(FILE *out, const struct fleet_member *m)
{
	char end[FORMAT_SIZE];
	bool told = m->ended && m->status != PROFILE_STATUS_UNKNOWN;
	put_cell(out, m->killed   ? m->killed
		      : !m->ended ? "no end is told"
		      : told      ? format_end(end, m->status)
				  : "");
}

static void put_member(FILE *out, const struct fleet_member *m)
{
	char length[FORMAT_SIZE];
	fputs("<tr>", out);
	if (m->rank >= 0)
		fprintf(out, "<td class=\"figure\">%ld</td>", m->rank);
	else
		put_cell(out, NULL);
	put_cell(out, m->node);
	put_figure(out, m->highest.umib);
	put_cell(out, known_word(m->known));
	put_figure(out, m->limit);
	fprintf(out, "<td class=\"figure\">%s</td>",
		format_duration(length, (double)(m->to - m->from) / 1e6));
	put_end(out, m);
	put_cell(out, m->path);
	fputs("</tr>\n", out);
}

int members_put(FILE *out, const struct fleet *fleet)
{
	size_t shown = fleet->n < MOST_ROWS ? fleet->n : MOST_ROWS;
	const struct fleet_member **order = calloc(fleet->n + 1, sizeof *order);
	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < fleet->n; i++)
		order[i] = &fleet->members[i];
	qsort(order, fleet->n, sizeof *order, by_peak);
	fputs("<section>\n<table>\n<caption>Peaks, the highest first</caption>\n<thead><tr>"
	      "<th>rank</th><th>node</th><th>peak</th><th>known</th><th>allowed</th>"
	      "<th>lasted</th><th>ended</th><th>recording</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t i = 0; i < shown; i++)
		put_member(out, order[i]);
	fputs("</tbody>\n</table>\n", out);
	if (shown < fleet->n)
		fprintf(out, "<p>%zu more held less.</p>\n", fleet->n - shown);
	fputs("</section>\n", out);
	free(order);
	return 0;
}
