#include <errno.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/number.h"

/* A line further above the curves than this would press them down to nothing. */
static const double NEAR = 3;

int parts_add_limit(struct chart *chart, double mib, unsigned colour, bool right, char *label)
{
	struct chart_limit *limit =
		label ? array_more(&chart->limits, &chart->n_limits, sizeof *limit) : NULL;
	if (!limit) {
		free(label);
		return -ENOMEM;
	}
	*limit = (struct chart_limit){ mib, false, colour, right, label };
	return 0;
}

bool parts_setting(const struct profile *profile, const char *key, double *mib)
{
	const char *text = profile_setting(profile, key);
	return text && number_decimal(text, mib) == 0 && *mib > 0;
}

int limits_show(struct chart *chart, const struct profile *profile, double top)
{
	double mib;
	char size[FORMAT_SIZE];
	if (!parts_setting(profile, "limit", &mib) || mib > NEAR * top)
		return 0;
	format_memory(size, mib);
	return parts_add_limit(chart, mib, CHART_OTHERS, false, parts_text("limit %s", size));
}
