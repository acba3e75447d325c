#include "plotter/chart/beside.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/format.h"
#include "share/growth/card_facts.h"
#include "share/metrics.h"

/* Curves share an axis as long as the lower one is still seen to move. */
static const double ALIKE = 4;

static int add_curve(struct chart *chart, const struct profile *profile,
		     const struct profile_series *series, const struct chart_wish *wish,
		     unsigned colour, bool below)
{
	int r = parts_add_curve(chart, series, profile->start_us, CHART_BESIDE, colour, wish);
	if (r == 0)
		chart->curves[chart->n_curves - 1].below = below;
	return r;
}

static int add_value(struct chart *chart, const struct profile *profile,
		     const struct profile_value *value, const struct chart_wish *wish,
		     unsigned colour, bool below)
{
	char size[FORMAT_SIZE];
	int r = add_curve(chart, profile, &value->series, wish, colour, below);
	format_memory(size, sample_mib(value->series.peak.umib));
	return r < 0 || colour == CHART_OTHERS || parts_room(chart, wish) == 0
		       ? r
		       : parts_add_row(chart, ROW_CHILD, colour,
				       parts_text("%s", metric_label(value->metric)),
				       parts_text("peak %s%s", size, below ? ", lower pane" : ""));
}

/* "GPU 0: NVIDIA H100", or its number alone. */
static char *device_label(const struct profile *profile, const char *device)
{
	char key[64];
	snprintf(key, sizeof key, "gpu%s", device);
	const char *name = profile_setting(profile, key);
	return name && *name ? parts_text("GPU %s: %s", device, name)
			     : parts_text("GPU %s", device);
}

static double device_total(const struct profile *profile, const char *device)
{
	char key[64];
	double mib;
	snprintf(key, sizeof key, "gpu%s_total", device);
	return profile_setting_mib(profile, key, &mib) ? mib : 0;
}

/* The device's end, where the curve comes near it; one line for devices of a size. */
static int add_total(struct chart *chart, const struct sample *peak, double total, unsigned colour)
{
	char size[FORMAT_SIZE];
	for (size_t i = 0; i < chart->n_limits; i++)
		if (chart->limits[i].below && chart->limits[i].at == total)
			return 0;
	if (total <= 0 || total > 3 * sample_mib(peak->umib))
		return 0;
	format_memory(size, total);
	return parts_add_limit(chart, total, colour, true, parts_text("%s of VRAM", size));
}

static double peak_of(const struct profile_series *series)
{
	return sample_mib(series->peak.umib);
}

/* In a pane beneath: what a card holds is not in the program's memory, and two scales of one unit
 * in one frame would have one compare what cannot be compared. */
static int add_gpu(struct chart *chart, const struct profile *profile,
		   const struct profile_gpu *gpu, const struct chart_wish *wish, unsigned colour)
{
	char size[FORMAT_SIZE], all[FORMAT_SIZE], of[FORMAT_SIZE + 8] = "";
	double total = device_total(profile, gpu->device);
	struct sample peak;
	const bool failed = card_peak(&peak, profile, gpu);
	int r = add_curve(chart, profile, &gpu->series, wish, colour, true);
	if (r == 0)
		chart->curves[chart->n_curves - 1].gpu = true;
	if (r == 0 && colour != CHART_OTHERS)
		r = add_total(chart, &peak, total, colour);
	if (r < 0 || colour == CHART_OTHERS || parts_room(chart, wish) == 0)
		return r;
	format_memory(size, sample_mib(peak.umib));
	const char *among = gpu->whole_device ? ", whole device" : "";
	if (total > 0 && gpu->whole_device)
		snprintf(of, sizeof of, ", of %s", format_memory(all, total));
	else if (total > 0)
		snprintf(of, sizeof of, " of %s", format_memory(all, total));
	return parts_add_row(
		chart, ROW_CHILD, colour, device_label(profile, gpu->device),
		parts_text("peak %s%s%s%s", size, among, of, failed ? ", as it failed" : ""));
}

static size_t count_shown(const struct profile *profile)
{
	size_t n = 0;
	for (size_t i = 0; i < profile->n_gpus; i++)
		n += profile->gpus[i].series.samples > 0;
	for (size_t i = 0; i < profile->n_values; i++)
		n += profile->values[i].series.samples > 0;
	return n;
}

/* The next one's colour, as long as there are rows. */
static unsigned take_colour(unsigned *colour, size_t *named)
{
	if (*named == 0)
		return CHART_OTHERS;
	--*named;
	return (*colour)++;
}

int beside_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned *colour, double top)
{
	int r = 0;
	size_t n = count_shown(profile), room = parts_room(chart, wish);
	size_t named = room > 0 ? parts_fitting(n, room) : n, more = n - named;
	for (size_t i = 0; i < profile->n_gpus && r == 0; i++)
		if (profile->gpus[i].series.samples > 0)
			r = add_gpu(chart, profile, &profile->gpus[i], wish,
				    take_colour(colour, &named));
	for (size_t i = 0; i < profile->n_values && r == 0; i++) {
		const struct profile_value *value = &profile->values[i];
		if (value->series.samples > 0)
			r = add_value(chart, profile, value, wish, take_colour(colour, &named),
				      peak_of(&value->series) > ALIKE * top);
	}
	if (r < 0 || more == 0)
		return r;
	return parts_add_row(chart, ROW_MORE, CHART_OTHERS, parts_text("%zu more", more),
			     parts_text("thin lines"));
}
