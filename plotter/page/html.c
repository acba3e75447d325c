/* The backend of pages: one file, which asks for nothing from anywhere. The picture in it is the
 * one that svg draws, and stands there with scripts and styles off; the script adds to it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/svg_painter.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/theme.h"
#include "plotter/many/many.h"
#include "plotter/page/beside.h"
#include "plotter/page/columns.h"
#include "plotter/page/data.h"
#include "plotter/page/dense.h"
#include "plotter/page/figures.h"
#include "plotter/page/markup.h"
#include "plotter/page/members.h"
#include "plotter/page/script.h"
#include "plotter/page/tables.h"
#include "plotter/page/words.h"
#include "share/profile/profile.h"
#include "share/why/why.h"
#include "share/xml.h"

extern const char page_page_css[]; /* made of page.css */

static void put_colour(FILE *out, uint32_t from, uint32_t to)
{
	fprintf(out, "[fill=\"#%06x\"]{fill:#%06x}[stroke=\"#%06x\"]{stroke:#%06x}\n", from, to,
		from, to);
}

/* The picture says its colours itself; a reader of the other kind has them changed, and paper is
 * light. */
static void put_other_theme(FILE *out, const struct theme *from, bool image)
{
	const struct theme *to = theme_find(strcmp(from->name, "dark") == 0 ? "light" : "dark");
	if (!to)
		return;
	fprintf(out, "@media screen and (prefers-color-scheme:%s)%s{\n", to->name,
		strcmp(to->name, "light") == 0 ? ",print" : "");
	put_colour(out, from->paper, to->paper);
	put_colour(out, from->ink, to->ink);
	put_colour(out, from->muted, to->muted);
	put_colour(out, from->grid, to->grid);
	put_colour(out, from->frame, to->frame);
	put_colour(out, from->main, to->main);
	put_colour(out, from->peak, to->peak);
	for (unsigned i = 0; i < THEME_SERIES; i++)
		put_colour(out, from->series[i], to->series[i]);
	for (unsigned i = 0; i < CHART_CLASSES; i++)
		put_colour(out, from->classes[i], to->classes[i]);
	for (unsigned i = 0; i < CHART_LEVELS && image; i++)
		put_colour(out, from->levels[i], to->levels[i]);
	fputs("}\n", out);
}

static void put_head(FILE *out, const struct backend_page *page, const struct canvas *canvas)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"generator\" content=\"mprof-c\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	      out);
	xml_text(out, page->chart->title);
	fprintf(out, "</title>\n<style>\n%s", page_page_css);
	script_put_style(out);
	put_other_theme(out, canvas->theme, page->chart->heat.rows > 0);
	fputs("</style>\n</head>\n<body>\n", out);
}

/* Of many: the picture, and a table. */
static int put_many(const struct backend_page *page, const struct canvas *canvas, FILE *out)
{
	put_head(out, page, canvas);
	fputs("<header>\n<h1>", out);
	xml_text(out, page->chart->title);
	fputs("</h1>\n</header>\n<figure class=\"many\">\n", out);
	struct figure_place place = svg_draw(page->chart, canvas, "chart", out);
	fputs("<figcaption id=\"told\" aria-live=\"polite\"></figcaption>\n</figure>\n<main>\n",
	      out);
	int r = members_put(out, page->many->fleet);
	fputs("</main>\n<script type=\"application/json\" id=\"data\">", out);
	r = r < 0 ? r : columns_put(out, page->many, page->chart, canvas, &place);
	fputs("</script>\n", out);
	script_put_many(out);
	fputs("</body>\n</html>\n", out);
	return r;
}

/* ---- what it comes to ---- */

static void put_statement(FILE *out, const struct why_statement *s)
{
	static const char *const topics[WHY_TOPICS] = {
		[WHY_END] = "Ended",   [WHY_CARD] = "Card",     [WHY_PEAK] = "Peak",
		[WHY_PLACE] = "Lines", [WHY_GROWTH] = "Growth", [WHY_ODD] = "Odd",
	};
	fprintf(out, "<dt>%s</dt><dd>", topics[s->topic]);
	xml_text(out, s->words);
	fprintf(out,
		" <small>%s: ", s->known == KNOWN_UNKNOWN ? "cannot tell" : known_word(s->known));
	xml_text(out, s->evidence);
	fputs("</small></dd>\n", out);
}

static int put_why(FILE *out, const struct profile *profile)
{
	struct why why;
	char line[WHY_LINE];
	int r = why_ask(&why, profile, WHY_WRITER_UNKNOWN);
	if (r < 0)
		return r;
	why_headline(line, &why);
	fputs("<p class=\"sentence\">", out);
	xml_text(out, line);
	fputs("</p>\n", out);
	figures_put(out, profile, &why);
	fputs("<dl>\n", out);
	for (size_t i = 0; i < why.n; i++)
		put_statement(out, &why.statements[i]);
	fputs("</dl>\n", out);
	why_free(&why);
	return 0;
}

/* Where nothing else says it. */
static void put_command(FILE *out, const struct profile *profile, const char *heading)
{
	if (!profile->command || strcmp(profile->command, heading) == 0)
		return;
	fputs("<p class=\"command\"><code>", out);
	xml_text(out, profile->command);
	fputs("</code></p>\n", out);
}

static int put_introduction(FILE *out, const struct backend_page *page)
{
	int r = 0;
	fputs("<header>\n<h1>", out);
	xml_text(out, page->chart->title);
	fputs("</h1>\n", out);
	if (page->n == 1)
		put_command(out, page->profiles[0], page->chart->title);
	if (page->n == 1)
		r = put_why(out, page->profiles[0]);
	else
		r = beside_put(out, page->profiles, page->n);
	fputs("</header>\n", out);
	return r;
}

/* ---- the rest ---- */

static int put_below(FILE *out, const struct backend_page *page)
{
	int r = 0;
	fputs("<main>\n", out);
	for (size_t i = 0; i < page->n && r == 0; i++) {
		if (page->n > 1) {
			fputs("<h2>", out);
			xml_text(out, page->profiles[i]->path);
			fputs("</h2>\n", out);
			put_command(out, page->profiles[i], page->profiles[i]->path);
			r = put_why(out, page->profiles[i]);
		}
		r = r < 0 ? r
			  : tables_put(out, page->profiles[i], page->drawn[i]->start_us, page->own);
	}
	fputs("</main>\n", out);
	return r;
}

static int put_data(FILE *out, const struct page_data *data)
{
	fputs("<script type=\"application/json\" id=\"data\">", out);
	int r = data_put(out, data);
	fputs("</script>\n", out);
	script_put(out, data);
	fputs("</body>\n</html>\n", out);
	return r;
}

static int put_page(const struct backend_page *page, const struct canvas *canvas, FILE *out)
{
	if (page->many)
		return put_many(page, canvas, out);
	struct page_data data = {
		.chart = page->dense,
		.drawn = page->chart,
		.canvas = canvas,
		.profile = page->n == 1 ? page->profiles[0] : NULL,
		.own = page->own,
	};
	put_head(out, page, canvas);
	int r = put_introduction(out, page);
	fputs("<figure>\n", out);
	data.place = svg_draw(page->chart, canvas, "chart", out);
	fputs("<figcaption id=\"told\" aria-live=\"polite\"></figcaption>\n</figure>\n", out);
	dense_say(out, page->dense, page->profiles, page->n);
	words_put(out, &data);
	r = r < 0 ? r : put_below(out, page);
	return r < 0 ? r : put_data(out, &data);
}

const struct backend backend_html = {
	.name = "html",
	.extensions = "html htm",
	.summary = "a page: the picture, to be looked into, and what it comes to",
	.places = TO_FILE,
	.page = put_page,
};
