#include "recorder/heap/put.h"

#include <stdlib.h>

#include "recorder/where/growth.h"
#include "share/array.h"

enum { MOST_AT_ONCE = 2000, MOST_WAITING = 8192, SHARE = 64 };

static const int64_t LEAST = 10486;        /* bytes: 0.01 MiB */
static const int64_t SETTLED = 1000000000; /* ns between records of what hardly changes */
static const int64_t GROWN_UP = 500000000; /* ns of life, until it is told what a child inherited */

static int64_t moment(const struct recording *r, int64_t now)
{
	return sampler_epoch_us(&r->sampler, now);
}

static struct told *told_of(struct heap_probe *heap, struct recording *r)
{
	struct told *told = growth_told(r);
	return told ? told : &heap->own;
}

/* ---- one record ---- */

/* Millionths of a MiB², of KiB². */
static int64_t spread_of(int64_t kib)
{
	return (int64_t)((double)kib * (1e6 / 0x1p20) + 0.5);
}

static bool find_frame(struct heap_probe *heap, struct recording *r, struct holder *h,
		       struct stand *stand)
{
	struct told *told = told_of(heap, r);
	const struct places_asker asker = { &heap->region, &h->layout, heap->aside, h->pid,
					    h->slot };
	struct stack_of stack;
	if (stand->round == told->round + 1)
		return true;
	stand_stack(stand, &heap->places, &asker, &stack);
	if (!stacks_find(&heap->stacks, &heap->places, &heap->namer, told, &r->writer, &stack,
			 &stand->frame))
		return false;
	stand->round = told->round + 1;
	return true;
}

/* The sum of all changes is what was last told, rounded once. */
static void write_change(struct recording *r, const struct holder *h, const struct stand *stand,
			 const struct figures *change, int64_t us)
{
	profile_put(&r->writer,
		    &(struct profile_record){
			    .kind = PROFILE_HEAP,
			    .pid = h->pid ? h->pid : h->number,
			    .frame = stand->frame,
			    .live = change->live,
			    .given_back = change->given_back,
			    .blocks = change->blocks,
			    .spread = change->spread,
			    .at.us = us,
			    .how = stand->inherited ? PROFILE_INHERITED : PROFILE_UNSAID,
		    });
}

/* Of two readings, in the units of the file. */
static struct figures change_of(const struct figures *before, const struct figures *now)
{
	return (struct figures){
		sample_umib((uint64_t)now->live) - sample_umib((uint64_t)before->live),
		sample_umib((uint64_t)now->given_back) - sample_umib((uint64_t)before->given_back),
		now->blocks - before->blocks,
		spread_of(now->spread) - spread_of(before->spread),
	};
}

static bool keep(struct heap_probe *heap, struct holder *h, size_t stand,
		 const struct figures *change, int64_t us)
{
	struct awaiting *place =
		heap->n_waiting < MOST_WAITING
			? array_more(&heap->waiting, &heap->n_waiting, sizeof *place)
			: NULL;
	if (!place)
		return false;
	*place = (struct awaiting){ h, stand, *change, us };
	h->waiting++;
	return true;
}

/* False: it must wait, untold. */
static bool put_stand(struct heap_probe *heap, struct recording *r, struct holder *h, size_t at,
		      const struct figures *now_is, int64_t now)
{
	struct stand *stand = &h->stands[at];
	const struct figures change = change_of(&stand->told, now_is);
	if (find_frame(heap, r, h, stand))
		write_change(r, h, stand, &change, moment(r, now));
	else if (!keep(heap, h, at, &change, moment(r, now)))
		return false;
	stand->told = *now_is;
	stand->told_at = now;
	return true;
}

/* ---- what is worth one ---- */

struct candidate {
	struct holder *holder;
	size_t stand;
	struct figures figures;
	int64_t weight;
};

struct candidates {
	struct candidate *items;
	size_t n;
};

static int64_t size_of(int64_t change)
{
	return change < 0 ? -change : change;
}

static bool is_worth(const struct holder *h, const struct stand *stand, const struct figures *is,
		     int64_t now, bool last)
{
	int64_t live = size_of(is->live - stand->told.live);
	int64_t given_back = size_of(is->given_back - stand->told.given_back);
	if (live == 0 && given_back == 0)
		return false;
	if (stand->inherited && stand->told_at == 0 && now - h->met < GROWN_UP)
		return false;
	if (last || h->gone || h->replaced)
		return true;
	if (live + given_back < LEAST)
		return false;
	return live > stand->told.live / SHARE || now - stand->told_at >= SETTLED;
}

static void look_at(struct candidates *all, struct holder *h, int64_t now, bool last)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct figures is = stand_figures(&h->stands[i]);
		if (!is_worth(h, &h->stands[i], &is, now, last))
			continue;
		struct candidate *more = array_more(&all->items, &all->n, sizeof *more);
		if (more)
			*more = (struct candidate){ h, i, is,
						    size_of(is.live - h->stands[i].told.live) };
	}
}

static int compare(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;
	return (one->weight < other->weight) - (one->weight > other->weight);
}

size_t put_changes(struct heap_probe *heap, struct recording *r, int64_t now, bool last)
{
	struct candidates all = { NULL, 0 };
	size_t put = 0;
	for (size_t i = 0; i < HEAP_PROCESSES; i++)
		if (heap->holders[i] && heap->holders[i]->pid)
			look_at(&all, heap->holders[i], now, last);
	if (all.n > MOST_AT_ONCE && !last)
		qsort(all.items, all.n, sizeof *all.items, compare);
	for (size_t i = 0; i < all.n; i++) {
		const struct candidate *c = &all.items[i];
		bool must = last || c->holder->gone || c->holder->replaced;
		if (put < MOST_AT_ONCE || must)
			put += put_stand(heap, r, c->holder, c->stand, &c->figures, now);
	}
	free(all.items);
	return put;
}

/* ---- what waited ---- */

void put_waiting(struct heap_probe *heap, struct recording *r, bool last)
{
	size_t left = 0;
	for (size_t i = 0; i < heap->n_waiting; i++) {
		struct awaiting *w = &heap->waiting[i];
		struct stand *stand = &w->holder->stands[w->stand];
		if (find_frame(heap, r, w->holder, stand) || last) {
			write_change(r, w->holder, stand, &w->change, w->us);
			w->holder->waiting--;
		} else {
			heap->waiting[left++] = *w;
		}
	}
	if (left == 0) {
		free(heap->waiting);
		heap->waiting = NULL;
	}
	heap->n_waiting = left;
}

bool put_end(struct heap_probe *heap, struct recording *r, struct holder *h, bool given_back,
	     int64_t now)
{
	bool all = true;
	for (size_t i = 0; i < h->n; i++) {
		const struct figures *told = &h->stands[i].told;
		if (told->live == 0 && told->blocks == 0)
			continue;
		const struct figures none = { .given_back = told->given_back +
							    (given_back ? told->live : 0) };
		all &= put_stand(heap, r, h, i, &none, now);
	}
	return all;
}
