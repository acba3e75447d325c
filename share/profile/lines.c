/* LINE: exact reports, line by line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

/* 0, -ENOMEM, or -ENOSPC: beyond the bound. */
static int listing_for(struct loading *l, const struct profile_record *record,
		       struct profile_listing **listing)
{
	struct profile *p = &l->profile;
	char *key;
	if (asprintf(&key, "%d %s %s", (int)record->pid, record->function, record->place.file) < 0)
		return -ENOMEM;
	long at = names_find(&l->lines.names, key, MOST_LISTINGS);
	free(key);
	if (at < 0)
		return (int)at;
	int r = (size_t)at == p->n_listings ? add_listing(p, record) : 0;
	*listing = &p->listings[at];
	return r;
}

static int take(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	if (l->lines.n == MOST_LINES ||
	    (p->n_listings == MOST_LISTINGS && l->lines.names.n == MOST_LISTINGS)) {
		p->dropped_lines++;
		return 0;
	}
	struct profile_listing *listing = NULL;
	int r = listing_for(l, record, &listing);
	if (r < 0) {
		p->dropped_lines += r == -ENOSPC;
		return r == -ENOSPC ? 0 : r;
	}
	struct profile_line *line = array_more(&listing->lines, &listing->n_lines, sizeof *line);
	if (!line)
		return -ENOMEM;
	*line = (struct profile_line){ record->place.line, record->at.umib,     record->increment,
				       record->peak,       record->occurrences, record->foreign };
	l->lines.n++;
	return 0;
}

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
	sum->foreign = sum_of(sum->foreign, line->foreign);
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

static int settle(struct loading *l)
{
	for (size_t i = 0; i < l->profile.n_listings; i++)
		settle_listing(&l->profile.listings[i]);
	return 0;
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
	names_free(&l->lines.names);
	l->lines.n = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
	forget(l);
}

const struct loading_part loading_lines = {
	.kinds = 1u << PROFILE_LINE,
	.no_curve = true,
	.take = take,
	.settle = settle,
	.begin = begin,
	.forget = forget,
	.free = drop,
};
