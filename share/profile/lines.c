#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum { MOST_LISTINGS = 16384, MOST_LINES = 1 << 20 };

static int add_listing(struct profile *p, const struct profile_record *record)
{
	struct profile_listing *listing = array_more(&p->listings, &p->n_listings, sizeof *listing);
	if (!listing)
		return -ENOMEM;
	*listing = (struct profile_listing){ .file = strdup(record->place.file),
					     .function = strdup(record->function),
					     .pid = record->pid };
	return listing->file && listing->function ? 0 : -ENOMEM;
}

static struct profile_listing *listing_for(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	char *key;
	if (asprintf(&key, "%d %s %s", (int)record->pid, record->function, record->place.file) < 0)
		return NULL;
	long at = names_find(&l->listings.names, key, MOST_LISTINGS);
	free(key);
	if (at < 0 || ((size_t)at == p->n_listings && add_listing(p, record) < 0))
		return NULL;
	return &p->listings[at];
}

static int take_line(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	if (l->listings.n_lines == MOST_LINES || l->listings.names.n == MOST_LISTINGS) {
		p->dropped_lines++;
		return 0;
	}
	struct profile_listing *listing = listing_for(l, record);
	struct profile_line *line =
		listing ? array_more(&listing->lines, &listing->n_lines, sizeof *line) : NULL;
	if (!line)
		return -ENOMEM;
	*line = (struct profile_line){ record->place.line, record->at.umib, record->increment,
				       record->peak, record->occurrences };
	l->listings.n_lines++;
	return 0;
}

/* ---- all of them ---- */

static int by_line(const void *a, const void *b)
{
	const struct profile_line *x = a, *y = b;
	return (x->line > y->line) - (x->line < y->line);
}

void profile_add_line(struct profile_line *sum, const struct profile_line *line)
{
	sum->umib = line->umib > sum->umib ? line->umib : sum->umib;
	sum->peak = line->peak > sum->peak ? line->peak : sum->peak;
	sum->increment = sum_of(sum->increment, line->increment);
	sum->occurrences += line->occurrences;
}

/* Sorted, each line once. */
static void settle_listing(struct profile_listing *listing)
{
	size_t kept = 0;
	if (listing->n_lines > 0)
		qsort(listing->lines, listing->n_lines, sizeof *listing->lines, by_line);
	for (size_t i = 0; i < listing->n_lines; i++)
		if (kept > 0 && listing->lines[kept - 1].line == listing->lines[i].line)
			profile_add_line(&listing->lines[kept - 1], &listing->lines[i]);
		else
			listing->lines[kept++] = listing->lines[i];
	listing->n_lines = kept;
}

static void settle(const struct loading *l, struct profile *p)
{
	(void)l;
	for (size_t i = 0; i < p->n_listings; i++)
		settle_listing(&p->listings[i]);
}

static int copy_listing(struct profile_listing *to, const struct profile_listing *from)
{
	to->file = strdup(from->file);
	to->function = strdup(from->function);
	to->lines = copy_of(from->lines, from->n_lines, sizeof *to->lines);
	return to->file && to->function && (to->lines || from->n_lines == 0) ? 0 : -ENOMEM;
}

static int copy(struct profile *to, const struct profile *from)
{
	to->dropped_lines = from->dropped_lines;
	to->listings = copy_of(from->listings, from->n_listings, sizeof *to->listings);
	for (size_t i = 0; to->listings && i < from->n_listings; i++) {
		to->n_listings++;
		if (copy_listing(&to->listings[i], &from->listings[i]) < 0)
			return -ENOMEM;
	}
	return to->n_listings == from->n_listings ? 0 : -ENOMEM;
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_listings; i++) {
		free(p->listings[i].file);
		free(p->listings[i].function);
		free(p->listings[i].lines);
	}
	free(p->listings);
	p->listings = NULL;
	p->n_listings = p->dropped_lines = 0;
}

static void forget(struct loading *l)
{
	names_free(&l->listings.names);
	l->listings.n_lines = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
	forget(l);
}

const struct part part_lines = {
	.takes = { { PROFILE_LINE, take_line } },
	.beside = true,
	.begin = begin,
	.copy = copy,
	.settle = settle,
	.drop = drop,
	.forget = forget,
};
