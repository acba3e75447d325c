#include "plotter/page/data.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "plotter/chart/chart.h"
#include "share/base64.h"
#include "share/commands/peak_known.h"
#include "share/growth/names.h"
#include "share/growth/table.h"
#include "share/json.h"
#include "share/metrics.h"

enum { MOST_STEPS = 4096, MILLISECONDS = 1000, KIB = 1024 };

/* ---- bytes ---- */

struct bytes {
	unsigned char *of;
	size_t n, room;
	bool failed;
};

static void add(struct bytes *b, unsigned char byte)
{
	if (b->n == b->room) {
		size_t room = b->room ? 2 * b->room : 4096;
		unsigned char *more = realloc(b->of, room);
		b->failed |= !more;
		if (!more)
			return;
		b->of = more;
		b->room = room;
	}
	b->of[b->n++] = byte;
}

static void add_number(struct bytes *b, int64_t value)
{
	uint64_t rest = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
	for (; rest >= 0x80; rest >>= 7)
		add(b, (unsigned char)(rest | 0x80));
	add(b, (unsigned char)rest);
}

static void add_curve(struct bytes *b, const struct chart_curve *curve)
{
	int64_t before = 0;
	for (size_t i = 0; i < curve->n; i++) {
		int64_t at = llround(curve->points[i].x * MILLISECONDS);
		add_number(b, at - before);
		before = at;
	}
	before = 0;
	for (size_t i = 0; i < curve->n; i++) {
		int64_t kib = llround(curve->points[i].y * KIB);
		add_number(b, kib - before);
		before = kib;
	}
}

/* As a gzip file, which browsers read; without the time of its making. */
static int pack(const struct bytes *plain, struct bytes *packed)
{
	enum { GZIP = 16 + MAX_WBITS };
	z_stream z = { 0 };
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	size_t room = deflateBound(&z, (uLong)plain->n);
	packed->of = malloc(room);
	z.next_in = plain->of;
	z.avail_in = (uInt)plain->n;
	z.next_out = packed->of;
	z.avail_out = (uInt)room;
	int r = packed->of && deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : -ENOMEM;
	packed->n = z.total_out;
	deflateEnd(&z);
	return r;
}

static int put_points(FILE *out, const struct chart *chart)
{
	struct bytes plain = { 0 }, packed = { 0 };
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].role != CHART_TREND)
			add_curve(&plain, &chart->curves[i]);
	int r = plain.failed ? -ENOMEM : plain.n ? pack(&plain, &packed) : 0;
	fputs(",\n\"points\":\"", out);
	if (r == 0)
		base64_put(out, packed.of, packed.n);
	fputc('"', out);
	free(plain.of);
	free(packed.of);
	return r;
}

/* ---- the object ---- */

/* A label is the page's text too, where "</script>" would end what it is in. */
static void put_text(FILE *out, const char *text)
{
	char *json = NULL;
	size_t n = 0;
	FILE *in = open_memstream(&json, &n);
	if (!in)
		return;
	json_text(in, text);
	fclose(in);
	for (size_t i = 0; json && i < n; i++)
		if (json[i] == '<' || json[i] == '>' || json[i] == '&')
			fprintf(out, "\\u%04x", (unsigned)json[i]);
		else
			fputc(json[i], out);
	free(json);
}

/* The legend's row of that colour; nothing has one that is one of many. */
static const struct chart_row *row_of(const struct chart *chart, const struct chart_curve *curve,
				      size_t *index)
{
	for (size_t i = 0; i < chart->n_rows; i++) {
		const struct chart_row *row = &chart->rows[i];
		*index = i;
		if (row->colour == curve->colour &&
		    (row->kind == ROW_CURVE || row->kind == ROW_CHILD))
			return row;
	}
	return NULL;
}

/* A curve that is alone has no row. */
static const char *name_of(const struct page_data *d, const struct chart_curve *curve,
			   const struct chart_row *row)
{
	const struct metric *metric = d->profile ? peak_metric(d->profile) : NULL;
	if (row)
		return row->label;
	if (curve->role != CHART_MAIN)
		return "others";
	return metric ? metric->brief : "memory";
}

const char *data_name(const struct page_data *d, const struct chart_curve *curve)
{
	size_t index;
	return name_of(d, curve, row_of(d->drawn, curve, &index));
}

/* Points that no line joins with the one before. */
static void put_gaps(FILE *out, const struct chart_curve *curve)
{
	bool any = false;
	for (size_t i = 0; i < curve->n; i++)
		if (curve->points[i].apart) {
			fprintf(out, "%s%zu", any ? "," : ",\"gaps\":[", i);
			any = true;
		}
	fputs(any ? "]" : "", out);
}

static void put_curves(FILE *out, const struct page_data *d)
{
	bool first = true;
	fputs(",\n\"curves\":[", out);
	for (size_t i = 0; i < d->chart->n_curves; i++) {
		const struct chart_curve *curve = &d->chart->curves[i];
		size_t index;
		if (curve->role == CHART_TREND)
			continue;
		const struct chart_row *row = row_of(d->drawn, curve, &index);
		fprintf(out, "%s{\"i\":%zu,\"n\":%zu,\"below\":%d,\"gpu\":%d,\"name\":",
			first ? "" : ",", i, curve->n, curve->below, curve->gpu);
		put_text(out, name_of(d, curve, row));
		put_gaps(out, curve);
		if (row)
			fprintf(out, ",\"row\":%zu", index);
		fputc('}', out);
		first = false;
	}
	fputc(']', out);
}

static void put_axis(FILE *out, const char *name, const struct chart_axis *axis)
{
	fprintf(out, ",\"%s\":[%.6f,%.6f]", name, axis->low, axis->high);
}

static void put_marks(FILE *out, const struct chart *chart)
{
	fputs(",\n\"marks\":[", out);
	for (size_t i = 0; i < chart->n_marks; i++) {
		fprintf(out, "%s[%.3f,", i ? "," : "", chart->marks[i].x);
		put_text(out, chart->marks[i].label);
		fputc(']', out);
	}
	fputc(']', out);
}

/* ---- what grew ---- */

/* The largest steps, in their order: [seconds, MiB, place]. */
static int64_t least_of(const struct growth *g)
{
	int64_t least = 0;
	for (int bit = 40; bit >= 0; bit--) {
		size_t n = 0;
		for (size_t i = 0; i < g->n_steps; i++)
			n += g->steps[i].delta >= least + ((int64_t)1 << bit);
		if (n > MOST_STEPS)
			least += (int64_t)1 << bit;
	}
	return least;
}

static void put_step(FILE *out, const struct growth *g, const struct profile_step *step,
		     int64_t start)
{
	char name[GROWTH_NAME];
	const struct growth_row row = growth_row_of(g, step->frame, GROWTH_TO_USER);
	fprintf(out, "[%.3f,%.2f,", sample_seconds(step->at.us - start), sample_mib(step->delta));
	put_text(out, growth_name(name, g, &row, GROWTH_BY_LINE));
	fputc(']', out);
}

static int put_steps(FILE *out, const struct page_data *d)
{
	struct growth g;
	bool first = true;
	if (!d->profile || d->profile->growth.n_steps == 0)
		return 0;
	int r = growth_open(&g, &d->profile->growth, d->own);
	if (r < 0)
		return r;
	int64_t least = least_of(&g);
	fputs(",\n\"steps\":[", out);
	for (size_t i = 0; i < g.n_steps; i++) {
		if (g.steps[i].delta <= least || g.steps[i].frame == 0)
			continue;
		fputs(first ? "" : ",", out);
		put_step(out, &g, &g.steps[i], d->profile->start_us);
		first = false;
	}
	fputc(']', out);
	growth_close(&g);
	return 0;
}

static void put_box(FILE *out, const char *key, const struct box *box)
{
	fprintf(out, "%s:[%.2f,%.2f,%.2f,%.2f]", key, box->x, box->y, box->w, box->h);
}

int data_put(FILE *out, const struct page_data *d)
{
	put_box(out, "{\"plot\"", &d->place.plot);
	put_axis(out, "x", &d->drawn->x);
	put_axis(out, "y", &d->drawn->y);
	if (d->place.below.h > 0) {
		put_box(out, ",\"pane\"", &d->place.below);
		put_axis(out, "below", &d->drawn->below);
	}
	put_curves(out, d);
	put_marks(out, d->drawn);
	int r = put_steps(out, d);
	r = r < 0 ? r : put_points(out, d->chart);
	fputs("}", out);
	return r;
}
