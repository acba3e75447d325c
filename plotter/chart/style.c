#include "plotter/chart/style.h"

/* A dot on each sample needs so many pixels. */
enum { SPARSE_PIXELS = 12 };

/* Lines' widths; what has no name stands back. */
static const double MAIN = 1.8, OTHER = 1.3, UNDER = 1, NAMELESS = 0.8;

static size_t count_role(const struct chart *chart, enum chart_role role)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		n += chart->curves[i].role == role;
	return n;
}

/* Samples so far apart that a dot on each says where they are. */
static bool is_sparse(const struct chart_curve *curve, double pixel)
{
	double length = curve->n > 0 ? curve->points[curve->n - 1].x - curve->points[0].x : 0;
	return curve->role != CHART_TREND &&
	       (curve->n == 1 || length >= SPARSE_PIXELS * pixel * (double)(curve->n - 1));
}

/* One recording's curve stands on an area, where nothing else is to be seen behind it: in few dots
 * a trend would be lost in it. */
static bool stands_on_area(const struct chart *chart, const struct chart_wish *wish)
{
	if (count_role(chart, CHART_MAIN) != 1 || wish->heap || (wish->bill && chart->n_bands > 0))
		return false;
	return !wish->coarse || count_role(chart, CHART_TREND) == 0;
}

static void settle_curves(struct chart *chart, const struct chart_wish *wish)
{
	double pixel = (chart->x.high - chart->x.low) / (double)(wish->columns ? wish->columns : 1);
	bool area = stands_on_area(chart, wish), overlaid = count_role(chart, CHART_MAIN) > 1;
	for (size_t i = 0; i < chart->n_curves; i++) {
		struct chart_curve *curve = &chart->curves[i];
		curve->sparse = is_sparse(curve, pixel);
		curve->filled = area && curve->role == CHART_MAIN;
		curve->dashed = curve->role == CHART_TREND;
		curve->weight = curve->colour == CHART_OTHERS ? NAMELESS
				: curve->role == CHART_MAIN   ? MAIN
				: overlaid                    ? UNDER
							      : OTHER;
	}
}

/* A single band has the peak's colour, which is what it shows; its row too. */
static void settle_bands(struct chart *chart, const struct chart_wish *wish)
{
	size_t n = 0, at = 0;
	for (size_t i = 0; i < chart->n_bands; i++)
		if (!chart->bands[i].stacked) {
			n++;
			at = i;
		}
	if (n != 1 || wish->bill || wish->heap)
		return;
	chart->bands[at].colour = CHART_PEAK;
	for (size_t i = 0; i < chart->n_rows; i++)
		if (chart->rows[i].kind == ROW_BAND)
			chart->rows[i].colour = CHART_PEAK;
}

/* A line across is of one curve, or it is the end of everything. */
static void settle_limits(struct chart *chart)
{
	for (size_t i = 0; i < chart->n_limits; i++)
		if (chart->limits[i].peak || chart->limits[i].colour == CHART_OTHERS)
			chart->limits[i].colour = CHART_PEAK;
}

static void settle_notes(struct chart *chart)
{
	size_t peaks = 0;
	for (size_t i = 0; i < chart->n_notes; i++)
		peaks += !chart->notes[i].minor;
	for (size_t i = 0; i < chart->n_notes; i++)
		chart->notes[i].alone = peaks == 1 && !chart->notes[i].minor;
}

void style_settle(struct chart *chart, const struct chart_wish *wish)
{
	settle_curves(chart, wish);
	settle_bands(chart, wish);
	settle_limits(chart);
	settle_notes(chart);
}
