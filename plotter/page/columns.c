#include "plotter/page/columns.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"
#include "plotter/many/bands.h"
#include "plotter/many/many.h"
#include "plotter/many/title.h"
#include "plotter/page/markup.h"
#include "plotter/page/packed.h"
#include "share/fleet/fleet.h"

/* A column of numbers, each told by how far it is from the one before. */
struct apart {
	struct packed *to;
	int64_t before;
};

static void add(struct apart *column, int64_t value)
{
	packed_add(column->to, value - column->before);
	column->before = value;
}

/* Of a column of the picture: who holds the most then. */
static size_t holder(const struct many *many, size_t bin)
{
	float most = many->spread.bins[bin].most;
	size_t member = 0;
	while (member + 1 < many->grid.members && grid_row(&many->grid, member)[bin] != most)
		member++;
	return member;
}

/* Names stand once each, in the order in which they come. */
static int put_names(FILE *out, const struct many *many, struct packed *packed)
{
	size_t *places = calloc(many->grid.members + 1, sizeof *places), n = 0;
	struct apart who = { packed, 0 };
	if (!places)
		return -ENOMEM;
	fputs(",\n\"names\":[", out);
	for (size_t i = 0; i < many->spread.n; i++) {
		char name[MEMBER_NAME];
		size_t member = holder(many, i);
		if (many->spread.bins[i].alive > 0 && places[member] == 0) {
			places[member] = ++n;
			fputs(n > 1 ? "," : "", out);
			markup_json(out, title_place(name, &many->fleet->members[member]));
		}
		add(&who, many->spread.bins[i].alive > 0 ? (int64_t)places[member] - 1 : 0);
	}
	fputc(']', out);
	free(places);
	return 0;
}

static void add_figures(struct packed *packed, const struct spread *spread, size_t offset)
{
	struct apart column = { packed, 0 };
	for (size_t i = 0; i < spread->n; i++) {
		const struct spread_bin *bin = &spread->bins[i];
		const float *figure = (const float *)(const void *)((const char *)bin + offset);
		add(&column, bin->alive > 0 ? llround(*figure * 1024.) : 0);
	}
}

static int put_columns(FILE *out, const struct many *many)
{
	static const size_t figures[] = { offsetof(struct spread_bin, low),
					  offsetof(struct spread_bin, middle),
					  offsetof(struct spread_bin, high),
					  offsetof(struct spread_bin, most) };
	struct packed packed = { 0 };
	struct apart alive = { &packed, 0 };
	for (size_t i = 0; i < many->spread.n; i++)
		add(&alive, (int64_t)many->spread.bins[i].alive);
	int r = put_names(out, many, &packed);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		add_figures(&packed, &many->spread, figures[i]);
	fputs(",\n\"points\":\"", out);
	int failed = packed_put(out, &packed);
	fputs("\"}", out);
	return r < 0 ? r : failed;
}

static void put_place(FILE *out, const struct chart *chart, const struct canvas *canvas,
		      const struct figure_place *place)
{
	const struct box *plot = &place->plot, *last = place->below.h > 0 ? &place->below : plot;
	const struct theme *theme = canvas->theme;
	fprintf(out, "{\"x\":[%.6f,%.6f],\"scale\":%.3f,\"box\":[%.2f,%.2f,%.2f,%.2f,%.2f]",
		chart->x.low, chart->x.high, canvas->scale, plot->x, plot->y, plot->w, plot->h,
		last->y + last->h);
	fprintf(out, ",\"muted\":\"#%06x\",\"main\":\"#%06x\"", theme->muted,
		theme_colour(theme, BANDS_MIDDLE) & 0xffffff);
	if (chart->heat.rows == 0)
		fprintf(out, ",\"y\":[%.6f,%.6f,%.6f,%.6f]", chart->y.low, chart->y.high,
			chart->y.knee, chart->y.share);
}

int columns_put(FILE *out, const struct many *many, const struct chart *chart,
		const struct canvas *canvas, const struct figure_place *place)
{
	put_place(out, chart, canvas, place);
	fprintf(out, ",\"bins\":[%.6f,%.6f,%zu]", many->grid.from, many->grid.to, many->spread.n);
	return put_columns(out, many);
}
