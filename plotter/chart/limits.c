#include "plotter/chart/limits.h"

#include "plotter/chart/parts.h"
#include "share/format.h"

/* A line further above the curves than this would press them down to nothing. */
static const double NEAR = 3;

int limits_show(struct chart *chart, const struct profile *profile, double top)
{
	double mib;
	char size[FORMAT_SIZE];
	if (!profile_setting_mib(profile, "limit", &mib) || mib > NEAR * top)
		return 0;
	format_memory(size, mib);
	return parts_add_limit(chart, mib, CHART_OTHERS, false, parts_text("limit %s", size));
}
