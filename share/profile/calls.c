/* FUNC and ENTER: calls of functions, whole ones and those not seen to end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum { MOST_FUNCTIONS = 65536, MOST_CALLS = 65536, MOST_ENTERED = 4096 };

static int by_start(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	if (x->from.us != y->from.us)
		return x->from.us < y->from.us ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

/* Of those as long the earlier first, in whatever order a snapshot left them. */
static int by_length(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	int64_t p = x->to.us - x->from.us, q = y->to.us - y->from.us;
	return p != q ? (p < q) - (p > q) : by_start(a, b);
}

/* ---- records ---- */

/* Half of the room again, at the cost of the calls that no picture could show. */
static void drop_shortest(struct loading *l)
{
	qsort(l->profile.calls, l->calls.n_calls, sizeof *l->profile.calls, by_length);
	l->profile.dropped_calls += l->calls.n_calls - MOST_CALLS / 2;
	l->calls.n_calls = MOST_CALLS / 2;
}

static void count(struct profile_function *function, const struct profile_call *call, int sign)
{
	function->calls += (uint64_t)(int64_t)sign;
	function->us = sum_of(function->us, sign * (call->to.us - call->from.us));
	function->growth = sum_of(function->growth, sign * (call->to.umib - call->from.umib));
}

static int add_function(struct loading *l, const char *text)
{
	char *name = strdup(text);
	struct profile_function *function =
		name ? array_more(&l->calls.seen, &l->calls.n_seen, sizeof *function) : NULL;
	if (!function) {
		free(name);
		return -ENOMEM;
	}
	function->name = name;
	return 0;
}

/* The index of the function, a new one where it was never seen; -ENOSPC beyond the bound. */
static long function_for(struct loading *l, const char *text)
{
	long at = names_find(&l->calls.names, text, MOST_FUNCTIONS);
	if (at < 0 || (size_t)at < l->calls.n_seen)
		return at;
	int r = add_function(l, text);
	return r < 0 ? r : at;
}

/* Has ended: its ENTER, if there was one, is of the last ones. */
static void leave(struct loading *l, size_t function, const struct profile_record *record)
{
	for (size_t i = l->calls.n_entered; i-- > 0;) {
		struct profile_entered *e = &l->profile.entered[i];
		if (e->function != function || e->level != record->level ||
		    e->at.us != record->at.us)
			continue;
		memmove(e, e + 1, (--l->calls.n_entered - i) * sizeof *e);
		return;
	}
}

static int enter(struct loading *l, const struct profile_record *record)
{
	if (l->calls.n_entered == MOST_ENTERED)
		return 0;
	long at = function_for(l, record->function);
	l->profile.unnamed += at == -ENOSPC;
	if (at < 0)
		return at == -ENOSPC ? 0 : (int)at;
	struct profile_entered *entered =
		array_more(&l->profile.entered, &l->calls.n_entered, sizeof *entered);
	if (!entered)
		return -ENOMEM;
	*entered =
		(struct profile_entered){ (size_t)at, record->at, record->level, record->thread };
	return 0;
}

static int take_call(struct loading *l, const struct profile_record *record)
{
	long at = function_for(l, record->function);
	if (at == -ENOSPC) {
		l->profile.dropped_calls++;
		l->profile.unnamed++;
		return 0;
	}
	if (at < 0)
		return (int)at;
	leave(l, (size_t)at, record);
	if (l->calls.n_calls == MOST_CALLS)
		drop_shortest(l);
	struct profile_call *call = array_more(&l->profile.calls, &l->calls.n_calls, sizeof *call);
	if (!call)
		return -ENOMEM;
	*call = (struct profile_call){ (size_t)at, record->at, record->end, record->level };
	count(&l->calls.seen[at], call, 1);
	return 0;
}

static int take(struct loading *l, const struct profile_record *record)
{
	return record->kind == PROFILE_ENTER ? enter(l, record) : take_call(l, record);
}

/* ---- what is shown ---- */

/* The functions anew, with the names that there are. */
static int copy_functions(struct loading *l)
{
	size_t n = l->calls.n_seen;
	struct profile_function *functions =
		n ? realloc(l->profile.functions, n * sizeof *functions) : NULL;
	if (n && !functions)
		return -ENOMEM;
	if (n)
		memcpy(functions, l->calls.seen, n * sizeof *functions);
	l->profile.functions = functions;
	l->profile.n_functions = l->calls.n_given = n;
	return 0;
}

/* The calls of this run that the window shows come first; the others do not count for their
 * functions. */
static int settle(struct loading *l)
{
	struct profile *p = &l->profile;
	int64_t low = l->window.wanted ? l->window.from : p->start_us;
	int64_t high = l->window.wanted ? l->window.to : INT64_MAX;
	if (copy_functions(l) < 0)
		return -ENOMEM;
	p->n_calls = 0;
	for (size_t i = 0; i < l->calls.n_calls; i++) {
		struct profile_call call = p->calls[i];
		if (call.to.us < low || call.from.us > high) {
			count(&p->functions[call.function], &call, -1);
			continue;
		}
		p->calls[i] = p->calls[p->n_calls];
		p->calls[p->n_calls++] = call;
	}
	if (p->n_calls > 0)
		qsort(p->calls, p->n_calls, sizeof *p->calls, by_start);
	p->n_entered = l->calls.n_entered;
	while (p->n_entered > 0 && p->entered[p->n_entered - 1].at.us > high)
		p->n_entered--;
	return 0;
}

/* Calls stay: memory_profiler writes those of a run before its CMDLINE. Those of an earlier run are
 * told by their time. */
static void begin(struct loading *l)
{
	l->calls.n_entered = 0;
}

/* The names are the profile's, once there is one. */
static void forget(struct loading *l)
{
	for (size_t i = l->calls.n_given; i < l->calls.n_seen; i++)
		free(l->calls.seen[i].name);
	free(l->calls.seen);
	names_free(&l->calls.names);
}

static void free_calls(struct profile *p)
{
	for (size_t i = 0; i < p->n_functions; i++)
		free(p->functions[i].name);
	free(p->functions);
	free(p->calls);
	free(p->entered);
}

const struct loading_part loading_calls = {
	.kinds = 1u << PROFILE_FUNC | 1u << PROFILE_ENTER,
	.no_curve = true,
	.take = take,
	.settle = settle,
	.begin = begin,
	.forget = forget,
	.free = free_calls,
};
