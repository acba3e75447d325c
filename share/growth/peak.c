#include "share/growth/peak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/table.h"
#include "share/profile/sum.h"

enum {
	DIP = 10, /* what falls by so manieth of the peak parts one rise from another */
	PART = 3, /* and what rose by so manieth of it is enough to tell */
};

/* The end of the rise: behind the step at the peak. */
static size_t end_of_rise(const struct growth *g)
{
	size_t end = 0;
	for (size_t i = 0; i < g->n_steps && g->steps[i].at.us <= g->peak.at.us; i++)
		end = i + 1;
	return end;
}

static size_t start_of_rise(const struct growth *g, size_t end)
{
	size_t start = end;
	int64_t lowest = g->peak.at.umib;
	for (size_t i = end; i-- > 0 && lowest > g->peak.at.umib - g->peak.at.umib / PART;) {
		int64_t before = sum_of(g->steps[i].together, -g->steps[i].delta);
		if (before - lowest > g->peak.at.umib / DIP)
			break;
		if (before <= lowest) {
			lowest = before;
			start = i;
		}
	}
	return start;
}

/* What is known of a place outweighs what is not, unless that is far more. */
static const struct growth_row *largest(const struct growth_table *t)
{
	const struct growth_row *known = NULL, *unknown = NULL;
	for (size_t i = 0; i < t->n; i++) {
		const struct growth_row *row = &t->rows[i], **best = row->frame ? &known : &unknown;
		if (row->net > 0 && (!*best || row->net > (*best)->net))
			*best = row;
	}
	return known && unknown && unknown->net / 2 > known->net ? unknown : known;
}

static bool is_in_row(const struct growth *g, const struct growth_row *row, size_t frame)
{
	size_t charged = growth_charged(g, frame, GROWTH_TO_USER);
	if (charged == row->frame)
		return true;
	if (charged == 0 || charged == GROWTH_NOT_USERS || row->frame == 0 ||
	    row->frame == GROWTH_NOT_USERS)
		return false;
	const struct profile_frame *a = &g->frames[charged], *b = &g->frames[row->frame];
	return a->path == b->path && a->line == b->line && strcmp(a->function, b->function) == 0 &&
	       g->frames[frame].thread == row->thread;
}

static int innermost(const struct growth *g, const struct growth_row *row, size_t start, size_t end,
		     size_t *frame)
{
	int64_t *grew = calloc(g->n_frames + 1, sizeof *grew);
	if (!grew)
		return -ENOMEM;
	for (size_t i = start; i < end; i++)
		if (is_in_row(g, row, g->steps[i].frame))
			grew[g->steps[i].frame] =
				sum_of(grew[g->steps[i].frame], g->steps[i].delta);
	for (size_t i = 1; i < g->n_frames; i++)
		if (grew[i] > 0 && (*frame == 0 || grew[i] > grew[*frame]))
			*frame = i;
	free(grew);
	return 0;
}

static int find(const struct growth *g, size_t start, size_t end, size_t *frame, int64_t *net)
{
	struct growth_table table;
	int r = growth_table_of_steps(&table, g, GROWTH_BY_LINE, GROWTH_TO_USER, start, end);
	if (r < 0)
		return r;
	const struct growth_row *row = largest(&table);
	*net = row ? row->net : 0;
	if (row && row->frame)
		r = innermost(g, row, start, end, frame);
	growth_table_free(&table);
	return r;
}

/* Where the last of the rise was no growth, as what children inherit, it is that before. */
int growth_peak_maker(const struct growth *g, size_t *frame)
{
	int64_t net;
	size_t end = end_of_rise(g);
	*frame = 0;
	int r = find(g, start_of_rise(g, end), end, frame, &net);
	if (r == 0 && *frame == 0 && net < g->peak.at.umib / DIP)
		r = find(g, 0, end, frame, &net);
	return r;
}
