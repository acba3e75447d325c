#include "plotter/chart/flame.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/callers.h"
#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"

/* The functions by the time spent in them, and the colour of each. */
struct ranking {
	size_t *order;
	int64_t *us;      /* by function index: in its calls, those that never ended too */
	unsigned *colour; /* by function index */
};

static int by_time(const void *a, const void *b, void *context)
{
	const struct ranking *ranking = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int64_t x = ranking->us[i], y = ranking->us[k];
	return x != y ? (x < y) - (x > y) : (i > k) - (i < k);
}

/* What the program was killed in lasted until then, or as long as the window shows. */
static int64_t end_of(const struct profile *profile, const struct chart_wish *wish)
{
	return wish->from == wish->to ? profile_end_us(profile) : profile->memory.last.us;
}

static int rank(struct ranking *ranking, const struct profile *profile,
		const struct chart_wish *wish, unsigned colour, size_t named)
{
	size_t n = profile->n_functions;
	ranking->order = calloc(n + 1, sizeof *ranking->order);
	ranking->colour = calloc(n + 1, sizeof *ranking->colour);
	ranking->us = calloc(n + 1, sizeof *ranking->us);
	if (!ranking->order || !ranking->colour || !ranking->us)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		ranking->order[i] = i;
		ranking->us[i] = profile->functions[i].us;
	}
	for (size_t i = 0; i < profile->n_entered; i++)
		ranking->us[profile->entered[i].function] +=
			end_of(profile, wish) - profile->entered[i].at.us;
	qsort_r(ranking->order, n, sizeof *ranking->order, by_time, ranking);
	for (size_t i = 0; i < n; i++)
		ranking->colour[ranking->order[i]] =
			i < named ? colour + (unsigned)i : CHART_OTHERS;
	return 0;
}

/* "__main__." is where nearly every mark of mprof stands, and says nothing. */
static const char *short_name(const char *name)
{
	static const char main_module[] = "__main__.";
	size_t n = sizeof main_module - 1;
	return strncmp(name, main_module, n) == 0 && name[n] ? name + n : name;
}

/* The span that was added last at each depth of each stack, its index + 1; 0: none. */
struct last {
	size_t of[CALLERS_MOST][CALLERS_DEEPEST];
};

/* Calls too narrow to be told apart from the one before them at their depth become one with it, so
 * that a million calls cost no more than a picture's width. */
static bool merges(const struct chart *chart, size_t last, const struct chart_span *span,
		   double pixel)
{
	if (last == 0)
		return false;
	struct chart_span *before = &chart->spans[last - 1];
	bool same = before->label == span->label && span->from - before->to < pixel &&
		    before->to <= span->from &&
		    fmin(span->to - span->from, before->to - before->from) < 3 * pixel;
	bool hidden = span->to - span->from < pixel / 4 && span->from - before->to < pixel / 4;
	if (same || hidden)
		before->to = fmax(before->to, span->to);
	return same || hidden;
}

static int by_start(const void *a, const void *b)
{
	const struct profile_call *x = a, *y = b;
	if (x->from.us != y->from.us)
		return x->from.us < y->from.us ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

/* The calls in order; those that the program was killed in last as long as the recording. */
static struct profile_call *all_calls(const struct profile *profile, const struct chart_wish *wish,
				      size_t *n)
{
	struct profile_call *calls =
		calloc(profile->n_calls + profile->n_entered + 1, sizeof *calls);
	*n = 0;
	for (size_t i = 0; calls && i < profile->n_calls; i++)
		calls[(*n)++] = profile->calls[i];
	for (size_t i = 0; calls && i < profile->n_entered; i++) {
		const struct profile_entered *e = &profile->entered[i];
		struct sample end = { end_of(profile, wish), profile->memory.last.umib };
		if (e->at.us <= end.us)
			calls[(*n)++] = (struct profile_call){ e->function, e->at, end, e->level };
	}
	if (calls && profile->n_entered > 0)
		qsort(calls, *n, sizeof *calls, by_start);
	return calls;
}

/* The stacks under each other; what is too deep then is not drawn. */
static void pile_up(struct chart *chart, const struct callers *callers, const int *stacks)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_spans; i++) {
		struct chart_span span = chart->spans[i];
		span.level = callers_level(callers, stacks[i], span.level);
		if (span.level >= CALLERS_DEEPEST)
			continue;
		chart->spans[n++] = span;
		if (span.level >= chart->levels)
			chart->levels = span.level + 1;
	}
	chart->n_spans = n;
}

static int add_span(struct chart *chart, const struct chart_span *span, int **stacks, int stack)
{
	size_t n = chart->n_spans;
	int *of_span = array_more(stacks, &n, sizeof **stacks);
	struct chart_span *kept =
		of_span ? array_more(&chart->spans, &chart->n_spans, sizeof *kept) : NULL;
	if (!kept)
		return -ENOMEM;
	*of_span = stack;
	*kept = *span;
	return 0;
}

static int add_spans(struct chart *chart, const struct profile *profile,
		     const struct profile_call *calls, size_t n, const struct ranking *ranking,
		     const struct chart_wish *wish)
{
	struct callers callers = { 0 };
	struct last last = { 0 };
	int *stacks = NULL, r = 0;
	double pixel = (chart->x.high - chart->x.low) / (double)(wish->columns ? wish->columns : 1);
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct profile_call *call = &calls[i];
		struct chart_span span = {
			.from = fmax(sample_seconds(call->from.us - profile->start_us),
				     chart->x.low),
			.to = fmin(sample_seconds(call->to.us - profile->start_us), chart->x.high),
			.level = call->level < 0 ? 0 : call->level,
			.colour = ranking->colour[call->function],
			.label = short_name(profile->functions[call->function].name),
		};
		int stack = span.level < CALLERS_DEEPEST ? callers_place(&callers, call->from.us,
									 call->to.us, span.level)
							 : -1;
		if (span.to < span.from || stack < 0 ||
		    merges(chart, last.of[stack][span.level], &span, pixel))
			continue;
		r = add_span(chart, &span, &stacks, stack);
		last.of[stack][span.level] = chart->n_spans;
		callers_show(&callers, stack, span.level);
	}
	if (r == 0)
		pile_up(chart, &callers, stacks);
	free(stacks);
	return r;
}

static int add_function_row(struct chart *chart, const struct profile_function *function,
			    int64_t us, unsigned colour)
{
	char time[FORMAT_SIZE], growth[FORMAT_SIZE];
	format_duration(time, sample_seconds(us));
	if (function->calls == 0)
		return parts_add_row(chart, ROW_FUNCTION, colour,
				     parts_text("%s", short_name(function->name)),
				     parts_text("not ended · %s", time));
	format_memory(growth, fabs(sample_mib(function->growth)));
	return parts_add_row(
		chart, ROW_FUNCTION, colour, parts_text("%s", short_name(function->name)),
		parts_text("%llu call%s · %s · %s%s", (unsigned long long)function->calls,
			   function->calls == 1 ? "" : "s", time, function->growth < 0 ? "−" : "+",
			   growth));
}

int flame_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, size_t rows)
{
	struct ranking ranking = { 0 };
	size_t n = profile->n_functions, named = parts_named(n, rows);
	int r = rank(&ranking, profile, wish, colour, named);
	size_t n_calls = 0;
	struct profile_call *calls = r == 0 ? all_calls(profile, wish, &n_calls) : NULL;
	if (r == 0)
		r = calls ? add_spans(chart, profile, calls, n_calls, &ranking, wish) : -ENOMEM;
	free(calls);
	for (size_t i = 0; i < named && r == 0; i++)
		r = add_function_row(chart, &profile->functions[ranking.order[i]],
				     ranking.us[ranking.order[i]], colour + (unsigned)i);
	if (r == 0 && named < n && rows > 0)
		r = parts_add_row(chart, ROW_MORE, CHART_OTHERS, parts_text("%zu more", n - named),
				  parts_text("functions with less time"));
	free(ranking.order);
	free(ranking.us);
	free(ranking.colour);
	return r;
}
