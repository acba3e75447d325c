#include "plotter/many/line.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plotter/many/grid.h"
#include "share/array.h"

/* On the same height as the last two, which then is not needed. */
static bool goes_on(const struct chart_curve *curve, float mib)
{
	const struct chart_point *last = curve->points + curve->n;
	return curve->n > 1 && !last[-1].apart && last[-1].y == mib && last[-2].y == mib;
}

int line_add(struct chart *chart, const struct grid *grid, const float *mib,
	     const struct line_style *style)
{
	struct chart_point *points = calloc(grid->bins + 1, sizeof *points);
	struct chart_curve *curve =
		points ? array_more(&chart->curves, &chart->n_curves, sizeof *curve) : NULL;
	if (!curve) {
		free(points);
		return -ENOMEM;
	}
	*curve = (struct chart_curve){ .role = style->role,
				       .colour = style->colour,
				       .points = points,
				       .below = style->below,
				       .weight = style->weight };
	bool broken = false;
	for (size_t i = 0; i < grid->bins; i++) {
		if (isnan(mib[i])) {
			broken = curve->n > 0;
			continue;
		}
		if (goes_on(curve, mib[i]) && !broken)
			curve->n--;
		points[curve->n++] = (struct chart_point){ grid_x(grid, i), mib[i], broken };
		broken = false;
	}
	curve->sparse = curve->n == 1;
	return 0;
}
