#include "share/growth/phases.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/table.h"
#include "share/profile/sum.h"

enum {
	MOST_PIECES = 2048, /* even */
	SMALL = 20,         /* a net change below so manieth of the peak is no phase of its own */
	PAUSE = 10,         /* so manieth of the whole time is a long one … */
	SHORT = 100000,     /* … unless it is shorter than this, µs */
};

/* Steps under one heading: the function that changed most, and which way. */
struct piece {
	size_t first, end;
	int64_t net;
	size_t frame;   /* of the user's, whose function it is */
	int64_t weight; /* umib: how much of it is that function's */
};

struct pieces {
	const struct growth *growth;
	int64_t pause; /* µs without a step that part what else would go together */
	struct piece items[MOST_PIECES];
	size_t n;
};

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

static bool is_same_function(const struct growth *g, size_t a, size_t b)
{
	if (a == b || a == 0 || b == 0 || a == GROWTH_NOT_USERS || b == GROWTH_NOT_USERS)
		return a == b;
	const struct profile_frame *x = &g->frames[a], *y = &g->frames[b];
	return x->path == y->path && strcmp(x->function, y->function) == 0;
}

static bool go_together(const struct pieces *p, const struct piece *a, const struct piece *b)
{
	const struct profile_step *steps = p->growth->steps;
	return (a->net < 0) == (b->net < 0) && is_same_function(p->growth, a->frame, b->frame) &&
	       steps[b->first].at.us - steps[a->end - 1].at.us < p->pause;
}

static void join(struct piece *a, const struct piece *b)
{
	if (b->weight > a->weight) {
		a->frame = b->frame;
		a->weight = b->weight;
	}
	a->net = sum_of(a->net, b->net);
	a->end = b->end;
}

/* Joins the piece behind `at` to it. */
static void join_next(struct pieces *p, size_t at)
{
	join(&p->items[at], &p->items[at + 1]);
	p->n--;
	memmove(&p->items[at + 1], &p->items[at + 2], (p->n - at - 1) * sizeof *p->items);
}

static void halve(struct pieces *p)
{
	for (size_t i = 0; i + 1 < p->n; i += 2) {
		struct piece sum = p->items[i];
		join(&sum, &p->items[i + 1]);
		p->items[i / 2] = sum;
	}
	p->n /= 2;
}

static void cut_into_pieces(struct pieces *p)
{
	const struct growth *g = p->growth;
	for (size_t i = 0; i < g->n_steps; i++) {
		const struct profile_step *step = &g->steps[i];
		const struct piece piece = {
			.first = i,
			.end = i + 1,
			.net = step->delta,
			.frame = growth_charged(g, step->frame, GROWTH_TO_USER),
			.weight = magnitude(step->delta),
		};
		struct piece *last = p->n ? &p->items[p->n - 1] : NULL;
		if (last && go_together(p, last, &piece)) {
			join(last, &piece);
			last->weight = magnitude(last->net);
			continue;
		}
		if (p->n == MOST_PIECES)
			halve(p);
		p->items[p->n++] = piece;
	}
}

static size_t smallest(const struct pieces *p)
{
	size_t least = 0;
	for (size_t i = 1; i < p->n; i++)
		if (magnitude(p->items[i].net) < magnitude(p->items[least].net))
			least = i;
	return least;
}

/* To the neighbour of its own direction, else to the larger. */
static void join_to_neighbour(struct pieces *p, size_t at)
{
	bool has_before = at > 0, has_after = at + 1 < p->n;
	bool to_before = has_before;
	if (has_before && has_after) {
		int64_t net = p->items[at].net, before = p->items[at - 1].net,
			after = p->items[at + 1].net;
		bool same_before = (before < 0) == (net < 0), same_after = (after < 0) == (net < 0);
		to_before = same_before != same_after ? same_before
						      : magnitude(before) >= magnitude(after);
	}
	join_next(p, to_before ? at - 1 : at);
}

static void join_alike(struct pieces *p)
{
	size_t kept = 0;
	for (size_t i = 1; i < p->n; i++)
		if (go_together(p, &p->items[kept], &p->items[i]))
			join(&p->items[kept], &p->items[i]);
		else
			p->items[++kept] = p->items[i];
	p->n = p->n ? kept + 1 : 0;
}

static void reduce(struct pieces *p)
{
	int64_t small = p->growth->peak.at.umib / SMALL;
	while (p->n > 1) {
		size_t least = smallest(p);
		if (p->n <= GROWTH_PHASES && magnitude(p->items[least].net) >= small)
			break;
		join_to_neighbour(p, least);
		join_alike(p);
	}
}

static struct growth_phase phase_of(const struct growth *g, const struct piece *piece, int64_t from,
				    int64_t before)
{
	struct growth_phase phase = { .first = piece->first, .end = piece->end, .from = from };
	int64_t changed = 0;
	for (size_t i = piece->first; i < piece->end; i++) {
		const struct profile_step *step = &g->steps[i];
		changed = sum_of(changed, step->delta);
		phase.grew = sum_of(phase.grew, step->delta > 0 ? step->delta : 0);
		phase.most = step->together > phase.most ? step->together : phase.most;
		phase.to = step->at.us;
		phase.held = step->together;
	}
	phase.net = sum_of(phase.held, -before);
	phase.ended = phase.net < changed ? sum_of(phase.net, -changed) : 0;
	phase.begun = phase.net > changed ? sum_of(phase.net, -changed) : 0;
	return phase;
}

static struct growth_phase pause_of(size_t step, int64_t from, int64_t to, int64_t held)
{
	return (struct growth_phase){
		.first = step, .end = step, .from = from, .to = to, .held = held, .most = held
	};
}

int growth_phases(const struct growth *g, int64_t until,
		  struct growth_phase phases[2 * GROWTH_PHASES + 1])
{
	int n = 0;
	struct pieces *pieces = calloc(1, sizeof *pieces);
	if (!pieces)
		return -ENOMEM;
	int64_t at = g->n_steps ? g->steps[0].at.us : 0, held = 0;
	int64_t pause = (until - at) / PAUSE > SHORT ? (until - at) / PAUSE : SHORT;
	pieces->growth = g;
	pieces->pause = pause;
	cut_into_pieces(pieces);
	reduce(pieces);
	for (size_t i = 0; i < pieces->n; i++) {
		int64_t begins = g->steps[pieces->items[i].first].at.us;
		if (begins - at >= pause) {
			phases[n++] = pause_of(pieces->items[i].first, at, begins, held);
			at = begins;
		}
		phases[n++] = phase_of(g, &pieces->items[i], at, held);
		at = phases[n - 1].to;
		held = phases[n - 1].held;
	}
	if (n > 0 && until - at >= pause)
		phases[n++] = pause_of(g->n_steps, at, until, held);
	free(pieces);
	return n;
}
