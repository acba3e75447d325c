#include "plotter/live/picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/chart/make.h"
#include "plotter/chart/parts.h"
#include "share/format.h"

/* What a live picture shows: one curve, and the marks. All the rest has tables of its own beside
 * it. */
static void copy_bare(struct profile *shown, const struct profile *p)
{
	*shown = *p;
	shown->n_children = shown->n_functions = shown->n_calls = shown->n_entered = 0;
	shown->n_values = shown->n_gpus = shown->n_ooms = 0;
	shown->growth = (struct profile_growth){ 0 };
	shown->heap = (struct profile_heap){ 0 };
	shown->bills = (struct profile_bills){ 0 };
	shown->together = (struct sample){ 0 };
}

/* Replaces the series by what is to be shown of it; *made is to be freed then. */
static int choose_series(struct profile *shown, const struct picture_of *of,
			 struct profile_series *made)
{
	const struct recent_series *recent = &of->recent->memory;
	*made = (struct profile_series){ 0 };
	if (of->gpu) {
		shown->memory = of->gpu->series;
		shown->peaks = (struct profile_series){ 0 };
		shown->n_settings = shown->n_marks = 0;
		recent = recent_of_gpu(of->recent, of->gpu->device);
	}
	if (of->seconds == 0 || !recent)
		return 0;
	int r = recent_series_make(made, recent, of->seconds);
	if (r == 0 && made->samples > 0)
		shown->memory = *made;
	return r;
}

static struct chart_wish wish_for(const struct picture_of *of, const struct canvas *c)
{
	const struct profile *p = of->profile;
	double end = sample_seconds(p->memory.last.us - p->start_us);
	return (struct chart_wish){
		.columns = (size_t)fmax(2 * c->width, 64),
		.headroom = 0.12,
		.x_ticks = (unsigned)fmin(fmax(c->width / 14, 2), 20),
		.y_ticks = (unsigned)fmin(fmax(c->height / 4, 2), 12),
		.rows = 1,
		.title = "",
		.from = of->seconds ? end - of->seconds : 0,
		.to = of->seconds || of->gpu ? end : 0, /* both on one axis of time */
		.coarse = true,
	};
}

/* The heading and the legend are told elsewhere; so are peaks that lie outside. */
static void strip(struct chart *chart, const struct chart_wish *wish)
{
	chart->title[0] = chart->subtitle[0] = '\0';
	chart->alarm = 0;
	for (size_t i = 0; i < chart->n_rows; i++) {
		free(chart->rows[i].label);
		free(chart->rows[i].detail);
	}
	chart->n_rows = 0;
	for (size_t i = 0; i < chart->n_notes && wish->to > 0;) {
		struct chart_note *note = &chart->notes[i];
		if (note->at.x >= wish->from) {
			i++;
			continue;
		}
		free(note->label);
		free(note->place);
		*note = chart->notes[--chart->n_notes];
	}
}

/* Its axis says whose memory it is, and a line how much it has. */
static int name_device(struct chart *chart, const struct picture_of *of)
{
	char key[64], size[FORMAT_SIZE], unit[sizeof chart->y.title];
	double total;
	const char *bracket = strchr(chart->y.title, '(');
	snprintf(unit, sizeof unit, "%s", bracket ? bracket : "");
	snprintf(chart->y.title, sizeof chart->y.title, "GPU %.16s %.16s", of->gpu->device, unit);
	snprintf(key, sizeof key, "gpu%.40s_total", of->gpu->device);
	if (!profile_setting_mib(of->profile, key, &total) || total > chart->y.high)
		return 0;
	return parts_add_limit(chart, total, CHART_OTHERS, false,
			       parts_text("%s of VRAM", format_memory(size, total)));
}

int picture_draw(const struct picture_of *of, const struct canvas *canvas, FILE *out)
{
	struct profile shown;
	struct profile_series made;
	struct chart chart;
	const struct profile *one = &shown;
	const struct chart_wish wish = wish_for(of, canvas);
	copy_bare(&shown, of->profile);
	int r = choose_series(&shown, of, &made);
	if (r == 0)
		r = chart_make(&chart, &one, 1, &wish);
	if (r == 0) {
		strip(&chart, &wish);
		r = of->gpu ? name_device(&chart, of) : 0;
		r = r == 0 ? backend_by_name("term")->draw(&chart, canvas, out) : r;
		chart_free(&chart);
	}
	columns_free(&made.columns);
	return r;
}
