#include "plotter/live/lines.h"

#include <stdlib.h>
#include <string.h>

#include "share/growth/growth.h"
#include "share/growth/table.h"
#include "share/profile/profile.h"

static int make_table(struct growth_table *table, const struct growth *growth, int64_t from)
{
	size_t first = growth->n_steps;
	if (from <= 0)
		return growth_table_make(table, growth, GROWTH_BY_LINE, GROWTH_TO_USER);
	while (first > 0 && growth->steps[first - 1].at.us >= from)
		first--;
	return growth_table_of_steps(table, growth, GROWTH_BY_LINE, GROWTH_TO_USER, first,
				     growth->n_steps);
}

static void take(struct lines *lines, const struct growth *growth, const struct growth_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct growth_row *row = &table->rows[i];
		if (row->grew <= 0)
			continue;
		if (lines->n < LINES_MOST) {
			struct line *line = &lines->items[lines->n++];
			growth_marked(line->name, growth, row, GROWTH_BY_LINE);
			line->net = row->net;
			line->grew = row->grew;
		}
		lines->all++;
	}
}

int lines_make(struct lines *lines, const struct profile *p, int64_t from, growth_own own)
{
	struct growth growth;
	struct growth_table table;
	lines->n = lines->all = 0;
	if (p->growth.n_frames == 0)
		return 0;
	int r = growth_open(&growth, &p->growth, own);
	if (r < 0)
		return r;
	r = make_table(&table, &growth, from);
	if (r == 0) {
		take(lines, &growth, &table);
		growth_table_free(&table);
	}
	growth_close(&growth);
	return r;
}
