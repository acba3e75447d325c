#include "plotter/page/spots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/growth/heap.h"
#include "share/growth/names.h"
#include "share/growth/table.h"
#include "share/text.h"

int64_t spot_weight(const struct spot *s)
{
	int64_t most = s->grew > s->held ? s->grew : s->held;
	return most > s->counted ? most : s->counted;
}

/* ---- what is told ---- */

static int add(struct spots *spots, const struct spot *spot)
{
	if (*spot->path != '/' || spot->line <= 0 || spot_weight(spot) <= 0)
		return 0;
	struct spot *more = array_more(&spots->all, &spots->n, sizeof *more);
	if (!more)
		return -ENOMEM;
	*more = *spot;
	spots->grew |= spot->grew > 0;
	spots->held |= spot->held > 0;
	spots->counted |= spot->counted > 0;
	return 0;
}

/* The place of a table's row; without one it is none. */
static struct spot place_of(const struct growth *g, const struct growth_row *row)
{
	if (!growth_is_place(g, row->frame))
		return (struct spot){ .path = "", .shown = "" };
	const struct profile_frame *f = &g->frames[row->frame];
	return (struct spot){ g->paths[f->path], growth_path(g, f->path), f->line };
}

static int add_growth(struct spots *spots, const struct growth *g)
{
	struct growth_table table;
	int r = growth_table_make(&table, g, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r < 0)
		return r;
	for (size_t i = 0; i < table.n && r == 0; i++) {
		struct spot spot = place_of(g, &table.rows[i]);
		spot.grew = table.rows[i].grew;
		spot.polled = table.rows[i].polled;
		r = add(spots, &spot);
	}
	growth_table_free(&table);
	return r;
}

static int add_heap(struct spots *spots, const struct profile_heap *heap, const struct growth *g)
{
	struct heap_table table;
	int r = heap_table_make(&table, heap, g, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r < 0)
		return r;
	for (size_t i = 0; i < table.n && r == 0; i++) {
		struct spot spot = place_of(g, &table.rows[i].who);
		spot.held = table.rows[i].figures.live;
		spot.spread = table.rows[i].figures.spread;
		r = add(spots, &spot);
	}
	heap_table_free(&table);
	return r;
}

static int add_listings(struct spots *spots, const struct profile *p)
{
	int r = 0;
	for (size_t i = 0; i < p->n_listings && r == 0; i++) {
		const struct profile_listing *listing = &p->listings[i];
		for (size_t k = 0; k < listing->n_lines && r == 0; k++) {
			const struct spot spot = {
				.path = listing->file,
				.shown = text_base_name(listing->file),
				.line = listing->lines[k].line,
				.counted = listing->lines[k].increment,
			};
			r = add(spots, &spot);
		}
	}
	return r;
}

/* ---- in order ---- */

static int by_place(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int order = x->path == y->path ? 0 : strcmp(x->path, y->path);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void put_together(struct spots *s)
{
	size_t n = 0;
	qsort(s->all, s->n, sizeof *s->all, by_place);
	for (size_t i = 0; i < s->n; i++) {
		struct spot *last = n > 0 ? &s->all[n - 1] : NULL;
		const struct spot *it = &s->all[i];
		if (!last || by_place(last, it) != 0) {
			s->all[n++] = *it;
			continue;
		}
		last->grew += it->grew;
		last->polled += it->polled;
		last->held += it->held;
		last->spread += it->spread;
		last->counted += it->counted;
	}
	s->n = n;
}

static int by_weight(const void *a, const void *b)
{
	const struct spot_file *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

static int part_files(struct spots *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct spot_file *file = s->n_files ? &s->files[s->n_files - 1] : NULL;
		int64_t weight = spot_weight(&s->all[i]);
		if (!file || strcmp(s->all[file->first].path, s->all[i].path) != 0) {
			file = array_more(&s->files, &s->n_files, sizeof *file);
			if (!file)
				return -ENOMEM;
			file->first = i;
		}
		file->n++;
		file->weight += weight;
		s->most = weight > s->most ? weight : s->most;
	}
	if (s->n_files > 0)
		qsort(s->files, s->n_files, sizeof *s->files, by_weight);
	return 0;
}

int spots_find(struct spots *spots, const struct profile *profile, const struct growth *growth)
{
	*spots = (struct spots){ 0 };
	int r = growth->n_steps > 0 ? add_growth(spots, growth) : 0;
	if (r == 0 && profile->heap.records > 0)
		r = add_heap(spots, &profile->heap, growth);
	if (r == 0)
		r = add_listings(spots, profile);
	if (r == 0 && spots->n > 0) {
		put_together(spots);
		r = part_files(spots);
	}
	if (r < 0)
		spots_free(spots);
	return r;
}

void spots_free(struct spots *spots)
{
	free(spots->all);
	free(spots->files);
	*spots = (struct spots){ 0 };
}
