#include "share/fleet/member_growth.h"

#include "share/fleet/member.h"
#include "share/growth/names.h"
#include "share/growth/table.h"

static int add(struct fleet_member *m, const struct growth *g, const struct growth_row *row)
{
	const struct profile_frame *frame = &g->frames[row->frame];
	struct fleet_grown grown = { (char *)growth_path(g, frame->path),
				     (char *)growth_label(g, row->frame), frame->line,
				     row->at_peak };
	return member_add_grown(m, &grown);
}

/* Those that held most when the peak stood: that is what makes one rank's another than the
 * others'. What was given back before, or at the end, says little of that. */
static int add_largest(struct fleet_member *m, const struct growth *g, struct growth_table *t)
{
	int r = 0;
	growth_table_sort_by_peak(t);
	for (size_t i = 0; i < t->n && m->n_grown < MEMBER_GROWN && r == 0; i++)
		if (t->rows[i].at_peak > 0 && t->rows[i].frame < g->n_frames &&
		    growth_is_place(g, t->rows[i].frame))
			r = add(m, g, &t->rows[i]);
	return r;
}

int member_tell_growth(struct fleet_member *m, const struct profile *p)
{
	struct growth growth;
	struct growth_table table;
	if (p->growth.n_steps == 0)
		return 0;
	int r = growth_open(&growth, &p->growth, NULL);
	if (r < 0)
		return r;
	r = growth_table_make(&table, &growth, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r == 0) {
		r = add_largest(m, &growth, &table);
		growth_table_free(&table);
	}
	growth_close(&growth);
	return r;
}
