/* What a page is made of: its markup, its points, what is thinned out. */
#include <errno.h>
#include <math.h>
#include <zlib.h>

#include "plotter/chart/chart.h"
#include "plotter/chart/make.h"
#include "plotter/page/dense.h"
#include "plotter/page/markup.h"
#include "plotter/page/points.h"
#include "tests/recorded.h"
#include "tests/written.h"

/* ---- markup ---- */

static void text_stays_text(void)
{
	WRITTEN(markup_cell(out, "<b>&\"\x01"));
	CHECK(!strstr(text, "<b>") && strstr(text, "&lt;b"));
	WRITTEN(markup_json(out, "</script>\"&\n"));
	CHECK_STR(text, "\"\\u003c/script\\u003e\\\"\\u0026\\u000a\"");
	WRITTEN(markup_json(out, ""));
	CHECK_STR(text, "\"\"");
}

static void figures(void)
{
	WRITTEN(markup_mib(out, 1250000));
	CHECK_STR(text, "<td class=\"figure\">1.2</td>");
	WRITTEN(markup_figure(out, 0.1234, 3));
	CHECK_STR(text, "<td class=\"figure\">0.123</td>");
}

static void a_share_is_within_its_bounds(void)
{
	WRITTEN(markup_share(out, 1, 4));
	CHECK(strstr(text, "25 % ") && strstr(text, "width=\"20\""));
	WRITTEN(markup_share(out, 5, 0)); /* of nothing */
	CHECK(strstr(text, "0 % "));
	WRITTEN(markup_bar(out, 7));
	CHECK(strstr(text, "<rect width=\"80\""));
	WRITTEN(markup_bar(out, 0.001)); /* there is some */
	CHECK(strstr(text, "<rect width=\"1\""));
}

static void a_table(void)
{
	static const char *const headings[] = { "#MiB", "line" };
	WRITTEN(markup_table(out, "a < b", headings, 2); markup_end_table_short(out, 3, 2));
	CHECK(strstr(text, "<caption>a &lt; b</caption>"));
	CHECK(strstr(text, "<th scope=\"col\" class=\"figure\">MiB</th>"));
	CHECK(strstr(text, "<th scope=\"col\">line</th>"));
	CHECK(strstr(text, "<td colspan=\"2\">… and 3 more</td>"));
	WRITTEN(markup_end_table_short(out, 0, 2));
	CHECK(!strstr(text, "more"));
}

/* ---- points ---- */

static unsigned char packed[8192], plain[8192];

static size_t decoded(const char *base64)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;
	unsigned bits = 0, held = 0;
	for (const char *at; *base64 && *base64 != '=' && (at = strchr(letters, *base64));
	     base64++) {
		bits = bits << 6 | (unsigned)(at - letters);
		held += 6;
		if (held >= 8)
			packed[n++] = (unsigned char)(bits >> (held -= 8));
	}
	return n;
}

static size_t unpacked(const char *base64)
{
	z_stream z = { .next_in = packed,
		       .avail_in = (uInt)decoded(base64),
		       .next_out = plain,
		       .avail_out = sizeof plain };
	CHECK_INT(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
	CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	return z.total_out;
}

static int64_t next_number(size_t *at)
{
	uint64_t n = 0;
	int shift = 0;
	do {
		n |= (uint64_t)(plain[*at] & 127) << shift;
		shift += 7;
	} while (plain[(*at)++] & 128);
	return n & 1 ? -(int64_t)(n / 2) - 1 : (int64_t)(n / 2);
}

static void points_come_back(void)
{
	struct chart_point points[] = { { 0, 10 }, { 0.1, 8.5 }, { 0.35, 90000 } };
	struct chart_curve curve = { .points = points, .n = 3 };
	const struct chart chart = { .curves = &curve, .n_curves = 1 };
	double unit = points_unit(&chart), t = 0, v = 0;
	size_t at = 0;
	CHECK_NEAR(unit, 1000, 0);
	WRITTEN(CHECK_INT(points_put(out, &chart, unit), 0));
	size_t n = unpacked(text);
	for (int i = 0; i < 3; i++)
		CHECK_NEAR((t += (double)next_number(&at)) / unit, points[i].x, 1e-9);
	for (int i = 0; i < 3; i++)
		CHECK_NEAR((v += (double)next_number(&at)) / 1024, points[i].y, 1e-3);
	CHECK_INT(at, n);
}

static void close_ones_have_a_finer_unit(void)
{
	struct chart_point points[] = { { 0, 1 }, { 0.0001, 2 }, { 0.0002, 3 } };
	struct chart_curve curve = { .points = points, .n = 3 };
	const struct chart chart = { .curves = &curve, .n_curves = 1 };
	CHECK_NEAR(points_unit(&chart), 1e6, 0);
}

static void no_points_are_nothing(void)
{
	const struct chart chart = { 0 };
	WRITTEN(CHECK_INT(points_put(out, &chart, 1000), 0));
	CHECK_STR(text, "");
}

static void a_band_finds_the_curve_that_it_stands_on(void)
{
	struct chart_point line[] = { { 0, 1 }, { 1, 2 } };
	struct chart_point on_it[] = { { 0, 5 }, { 1, 6 }, { 1, 2 }, { 0, 1 } };
	struct chart_point apart[] = { { 0, 5 }, { 1, 6 }, { 1, 3 }, { 0, 1 } };
	struct chart_curve curve = { .points = line, .n = 2 };
	const struct chart chart = { .curves = &curve, .n_curves = 1 };
	struct chart_band band = { .points = on_it, .n = 4, .upper = 2 };
	CHECK_INT(points_floor(&chart, &band), 0);
	band.points = apart;
	CHECK_INT(points_floor(&chart, &band), 1);
}

/* ---- all that there is, or not ---- */

static void columns_are_shared_out(void)
{
	CHECK_INT(dense_columns(1), 1 << 20);
	CHECK_INT(dense_columns(2), 1 << 19);
	CHECK_INT(dense_columns(3), 1 << 18);
	CHECK(dense_columns(1 << 22) >= 4);
}

static void what_is_left_out_is_said(void)
{
	struct profile profile;
	const struct profile *const all[] = { &profile };
	const struct chart chart = { 0 };
	recorded_load(&profile, RECORDED_HEAD "MEM 1.000000 1700000000.000000\n");
	WRITTEN(dense_say(out, &chart, all, 1));
	CHECK_STR(text, "");
	profile.memory.columns.width = 100;
	WRITTEN(dense_say(out, &chart, all, 1));
	CHECK(strstr(text, "there are 1, more than it holds"));
	profile_free(&profile);
}

int main(void)
{
	RUN(text_stays_text);
	RUN(figures);
	RUN(a_share_is_within_its_bounds);
	RUN(a_table);
	RUN(points_come_back);
	RUN(close_ones_have_a_finer_unit);
	RUN(no_points_are_nothing);
	RUN(a_band_finds_the_curve_that_it_stands_on);
	RUN(columns_are_shared_out);
	RUN(what_is_left_out_is_said);
	return DONE();
}
