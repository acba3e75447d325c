#include "plotter/many/alive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/many/many.h"
#include "share/array.h"

/* Tenths of a piece for which so many live that it is told of all. */
enum { MOST_PIECES = 8, MOSTLY = 8 };

/* Of the width, what a label needs. */
enum { PART = 15 };

/* A stretch of bins in which so many lived. */
struct piece {
	size_t from, to; /* bins, the last not in it */
	size_t least, most;
	size_t usual, usually; /* how many for the longest, and for how long */
};

static size_t length(const struct piece *piece)
{
	return piece->to - piece->from;
}

static size_t split(const struct spread *spread, struct piece *pieces)
{
	size_t n = 0;
	for (size_t i = 0; i < spread->n; i++) {
		size_t alive = spread->bins[i].alive;
		if (n == 0 || pieces[n - 1].most != alive)
			pieces[n++] = (struct piece){ i, i, alive, alive, alive, 0 };
		pieces[n - 1].to = i + 1;
		pieces[n - 1].usually++;
	}
	return n;
}

/* The briefest joins the briefer one of its neighbours. */
static void join(struct piece *pieces, size_t *n, size_t at)
{
	size_t left = at == 0                                             ? 0
		      : at + 1 == *n                                      ? at - 1
		      : length(&pieces[at - 1]) < length(&pieces[at + 1]) ? at - 1
									  : at;
	struct piece *a = &pieces[left], *b = &pieces[left + 1];
	a->to = b->to;
	a->usual = a->usually < b->usually ? b->usual : a->usual;
	a->usually = a->usually < b->usually ? b->usually : a->usually;
	a->least = a->least < b->least ? a->least : b->least;
	a->most = a->most > b->most ? a->most : b->most;
	memmove(b, b + 1, (*n - left - 2) * sizeof *b);
	--*n;
}

/* So few that each can be read; ranks that start within a moment are one piece with what follows.
 */
static void simplify(struct piece *pieces, size_t *n, size_t least)
{
	while (*n > 1) {
		size_t at = 0;
		for (size_t i = 1; i < *n; i++)
			if (length(&pieces[i]) < length(&pieces[at]))
				at = i;
		if (*n <= MOST_PIECES && length(&pieces[at]) >= least)
			return;
		join(pieces, n, at);
	}
}

static int add(struct chart *chart, struct many *many, const struct piece *piece, size_t at)
{
	const struct grid *grid = &many->grid;
	double width = (grid->to - grid->from) / (double)grid->bins;
	struct chart_span *span = array_more(&chart->spans, &chart->n_spans, sizeof *span);
	if (!span)
		return -ENOMEM;
	if (10 * piece->usually >= MOSTLY * length(piece))
		snprintf(many->alive[at], sizeof *many->alive, "%zu alive", piece->usual);
	else
		snprintf(many->alive[at], sizeof *many->alive, "%zu–%zu alive", piece->least,
			 piece->most);
	*span = (struct chart_span){ grid->from + width * (double)piece->from,
				     grid->from + width * (double)piece->to, 0, CHART_OTHERS,
				     many->alive[at] };
	return 0;
}

int alive_show(struct chart *chart, struct many *many)
{
	struct piece *pieces = calloc(many->spread.n + 1, sizeof *pieces);
	many->alive = calloc(MOST_PIECES, sizeof *many->alive);
	if (!pieces || !many->alive) {
		free(pieces);
		return -ENOMEM;
	}
	size_t n = split(&many->spread, pieces);
	simplify(pieces, &n, many->spread.n / PART);
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = add(chart, many, &pieces[i], i);
	chart->levels = 1;
	free(pieces);
	return r;
}
