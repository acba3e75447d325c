#include "plotter/chart/bill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/bill.h"
#include "share/format.h"

/* The classes that are told apart, and the rest, which is the topmost. */
struct layers {
	unsigned colours[BILL_CLASSES]; /* by class; CHART_OTHERS: of the rest */
	size_t named, others;
	struct bill most; /* of each class, at any time */
};

static void find_most(struct layers *l, const struct profile_bills *bills)
{
	for (size_t i = 0; i < bills->n; i++)
		for (size_t c = 0; c < BILL_CLASSES; c++)
			if (!bill_is_beside((enum bill_class)c) &&
			    bills->all[i].umib[c] > l->most.umib[c])
				l->most.umib[c] = bills->all[i].umib[c];
}

static void choose(struct layers *l, const struct profile_bills *bills, size_t room,
		   unsigned *colour)
{
	enum bill_class sorted[BILL_CLASSES];
	find_most(l, bills);
	size_t n = bill_sort(&l->most, sorted);
	l->named = parts_named(n, room);
	if (l->named == CHART_COLOURS &&
	    n > CHART_COLOURS) /* whose colour is too like the others' */
		l->named--;
	l->others = n - l->named;
	for (size_t c = 0; c < BILL_CLASSES; c++)
		l->colours[c] = CHART_OTHERS;
	for (size_t i = 0; i < l->named; i++)
		l->colours[sorted[i]] = (*colour)++;
}

/* The height of this class' upper edge; of BILL_CLASSES, of everything's. */
static double edge(const struct layers *l, const struct bill *bill, size_t class)
{
	int64_t sum = 0;
	for (size_t c = 0; c <= class && c < BILL_CLASSES; c++)
		if (class == BILL_CLASSES ? !bill_is_beside((enum bill_class)c)
					  : l->colours[c] != CHART_OTHERS)
			sum += bill->umib[c];
	return sample_mib(sum);
}

/* `below`: the class that it stands on; BILL_CLASSES and none: the floor. */
static struct chart_point *outline(const struct layers *l, const struct profile *profile,
				   size_t class, const double *floor)
{
	const struct profile_bills *b = &profile->bills;
	struct chart_point *points = calloc(2 * b->n, sizeof *points);
	for (size_t i = 0; points && i < b->n; i++) {
		double x = sample_seconds(b->all[i].us - profile->start_us);
		points[i] = (struct chart_point){ x, edge(l, &b->all[i], class) };
		points[2 * b->n - 1 - i] = (struct chart_point){ x, floor[i] };
	}
	return points;
}

static int add_curve(struct chart *chart, const struct chart_point *points, size_t n,
		     unsigned colour)
{
	struct chart_point *copy = malloc(n * sizeof *copy);
	struct chart_curve *curve =
		copy ? array_more(&chart->curves, &chart->n_curves, sizeof *curve) : NULL;
	if (!curve) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, points, n * sizeof *copy);
	*curve = (struct chart_curve){ CHART_BESIDE, colour, .points = copy, .n = n };
	return 0;
}

/* Moves the floor up to its upper edge. */
static int add_layer(struct chart *chart, const struct layers *l, const struct profile *profile,
		     size_t class, double *floor)
{
	size_t n = profile->bills.n;
	unsigned colour = class == BILL_CLASSES ? CHART_OTHERS : l->colours[class];
	struct chart_point *points = outline(l, profile, class, floor);
	struct chart_band *band =
		points ? array_more(&chart->bands, &chart->n_bands, sizeof *band) : NULL;
	if (!band) {
		free(points);
		return -ENOMEM;
	}
	*band = (struct chart_band){ colour, points, 2 * n, n };
	for (size_t i = 0; i < n; i++)
		floor[i] = points[i].y;
	return add_curve(chart, points, n, colour);
}

static int add_row(struct chart *chart, const struct layers *l, size_t class)
{
	char size[FORMAT_SIZE];
	format_memory(size, sample_mib(l->most.umib[class]));
	return parts_add_row(chart, ROW_BAND, l->colours[class],
			     parts_text("%s", bill_names[class]), parts_text("up to %s", size));
}

static int add_layers(struct chart *chart, const struct layers *l, const struct profile *profile,
		      double *floor)
{
	int r = 0;
	for (size_t c = 0; c < BILL_CLASSES && r == 0; c++)
		if (l->colours[c] != CHART_OTHERS)
			r = add_layer(chart, l, profile, c, floor);
	if (r == 0 && l->others > 0)
		r = add_layer(chart, l, profile, BILL_CLASSES, floor);
	for (size_t c = BILL_CLASSES; c-- > 0 && r == 0;) /* as they lie, from the top */
		if (l->colours[c] != CHART_OTHERS)
			r = add_row(chart, l, c);
	if (r == 0 && l->others > 0)
		r = parts_add_row(chart, ROW_MORE, CHART_OTHERS, parts_text("%zu more", l->others),
				  parts_text("on top"));
	return r;
}

int bill_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	      unsigned *colour)
{
	struct layers layers = { 0 };
	if (!wish->bill || profile->bills.n == 0)
		return 0;
	double *floor = calloc(profile->bills.n, sizeof *floor);
	if (!floor)
		return -ENOMEM;
	choose(&layers, &profile->bills, parts_room(chart, wish), colour);
	int r = add_layers(chart, &layers, profile, floor);
	free(floor);
	return r;
}
