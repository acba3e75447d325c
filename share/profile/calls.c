#include <errno.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum { MOST_FUNCTIONS = 65536, MOST_CALLS = 65536, MOST_ENTERED = 4096 };

static int by_length(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	int64_t p = x->to.us - x->from.us, q = y->to.us - y->from.us;
	return (p < q) - (p > q);
}

static int by_start(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	if (x->from.us != y->from.us)
		return x->from.us < y->from.us ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

/* Half of the room again, at the cost of the calls that no picture could show. */
static void drop_shortest(struct profile *p)
{
	qsort(p->calls, p->n_calls, sizeof *p->calls, by_length);
	p->dropped_calls += p->n_calls - MOST_CALLS / 2;
	p->n_calls = MOST_CALLS / 2;
}

static void count(struct profile_function *function, const struct profile_call *call, int sign)
{
	function->calls += (uint64_t)(int64_t)sign;
	function->us = sum_of(function->us, sign * (call->to.us - call->from.us));
	function->growth = sum_of(function->growth, sign * (call->to.umib - call->from.umib));
}

/* The index of the function, a new one where it was never seen; -ENOSPC beyond the bound. */
static long function_for(struct loading *l, const char *text)
{
	struct profile *p = &l->profile;
	long at = names_find(&l->functions, text, MOST_FUNCTIONS);
	if (at < 0 || (size_t)at < p->n_functions)
		return at;
	char *name = strdup(text);
	struct profile_function *function =
		name ? array_more(&p->functions, &p->n_functions, sizeof *function) : NULL;
	if (!function) {
		free(name);
		return -ENOMEM;
	}
	function->name = name;
	return at;
}

/* Has ended: its ENTER, if there was one, is of the last ones. */
static void leave(struct profile *p, size_t function, const struct profile_record *record)
{
	for (size_t i = p->n_entered; i-- > 0;) {
		struct profile_entered *e = &p->entered[i];
		if (e->function != function || e->level != record->level ||
		    e->at.us != record->at.us)
			continue;
		memmove(e, e + 1, (--p->n_entered - i) * sizeof *e);
		return;
	}
}

static int take_enter(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	long at = p->n_entered < MOST_ENTERED ? function_for(l, record->function) : -ENOSPC;
	if (at < 0)
		return at == -ENOSPC ? 0 : (int)at;
	struct profile_entered *entered = array_more(&p->entered, &p->n_entered, sizeof *entered);
	if (!entered)
		return -ENOMEM;
	*entered =
		(struct profile_entered){ (size_t)at, record->at, record->level, record->thread };
	return 0;
}

static int take_function(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	long at = function_for(l, record->function);
	if (at == -ENOSPC) {
		p->dropped_calls++;
		return 0;
	}
	if (at < 0)
		return (int)at;
	leave(p, (size_t)at, record);
	if (p->n_calls == MOST_CALLS)
		drop_shortest(p);
	struct profile_call *call = array_more(&p->calls, &p->n_calls, sizeof *call);
	if (!call)
		return -ENOMEM;
	*call = (struct profile_call){ (size_t)at, record->at, record->end, record->level };
	count(&p->functions[at], call, 1);
	return 0;
}

/* ---- all of them ---- */

/* Leaves the calls of this run that the window shows; the others no longer count for their
 * functions. */
static void settle(const struct loading *l, struct profile *p)
{
	int64_t low = has_window(l) ? l->from : p->start_us;
	int64_t high = has_window(l) ? l->to : INT64_MAX;
	size_t kept = 0;
	for (size_t i = 0; i < p->n_calls; i++) {
		const struct profile_call *call = &p->calls[i];
		if (call->to.us < low || call->from.us > high)
			count(&p->functions[call->function], call, -1);
		else
			p->calls[kept++] = *call;
	}
	p->n_calls = kept;
	if (kept > 0)
		qsort(p->calls, kept, sizeof *p->calls, by_start);
	while (p->n_entered > 0 && p->entered[p->n_entered - 1].at.us > high)
		p->n_entered--;
}

static int copy(struct profile *to, const struct profile *from)
{
	to->dropped_calls = from->dropped_calls;
	to->functions = copy_of(from->functions, from->n_functions, sizeof *to->functions);
	for (size_t i = 0; to->functions && i < from->n_functions; i++) {
		to->n_functions++;
		to->functions[i].name = strdup(from->functions[i].name);
		if (!to->functions[i].name)
			return -ENOMEM;
	}
	to->calls = copy_of(from->calls, from->n_calls, sizeof *to->calls);
	to->n_calls = to->calls ? from->n_calls : 0;
	to->entered = copy_of(from->entered, from->n_entered, sizeof *to->entered);
	to->n_entered = to->entered ? from->n_entered : 0;
	return to->n_functions == from->n_functions && to->n_calls == from->n_calls &&
			       to->n_entered == from->n_entered
		       ? 0
		       : -ENOMEM;
}

static void drop_entered(struct profile *p)
{
	free(p->entered);
	p->entered = NULL;
	p->n_entered = 0;
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_functions; i++)
		free(p->functions[i].name);
	free(p->functions);
	free(p->calls);
	p->functions = NULL;
	p->calls = NULL;
	p->n_functions = p->n_calls = p->dropped_calls = 0;
	drop_entered(p);
}

/* Calls stay: memory_profiler writes those of a run before its CMDLINE. Those of an earlier run are
 * told by their time, at the end. */
static void begin(struct loading *l)
{
	drop_entered(&l->profile);
}

static void forget(struct loading *l)
{
	names_free(&l->functions);
}

const struct part part_calls = {
	.takes = { { PROFILE_FUNC, take_function }, { PROFILE_ENTER, take_enter } },
	.beside = true,
	.begin = begin,
	.copy = copy,
	.settle = settle,
	.drop = drop,
	.forget = forget,
};
