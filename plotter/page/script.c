#include "plotter/page/script.h"

#include <stdbool.h>

#include "plotter/chart/chart.h"
#include "plotter/page/data.h"
#include "share/profile/profile.h"

/* Made of script.css, and of what is in script/. */
extern const char page_script_css[];
extern const char page_page_js[], page_points_js[], page_view_js[], page_ink_js[], page_chart_js[],
	page_spans_js[], page_moment_js[], page_areas_js[], page_pointer_js[], page_keys_js[],
	page_overview_js[], page_legend_js[], page_narrow_js[], page_tools_js[], page_tables_js[],
	page_rows_js[], page_steps_js[], page_link_js[], page_packed_js[], page_told_js[],
	page_band_js[];

static bool has_spans(const struct page_data *d)
{
	return d->drawn->n_spans > 0;
}

static bool has_areas(const struct page_data *d)
{
	return d->chart->n_bands > 0;
}

static bool has_legend(const struct page_data *d)
{
	return d->drawn->n_rows > 0;
}

static bool has_steps(const struct page_data *d)
{
	return d->profile && (d->profile->growth.n_steps > 0 || d->profile->vram.n_steps > 0);
}

/* Each sees those before it. */
static const struct part {
	const char *text;
	bool (*wanted)(const struct page_data *d); /* NULL: always */
} parts[] = {
	{ page_page_js, NULL },       { page_packed_js, NULL },       { page_points_js, NULL },
	{ page_view_js, NULL },       { page_ink_js, NULL },          { page_chart_js, NULL },
	{ page_spans_js, has_spans }, { page_told_js, NULL },         { page_moment_js, NULL },
	{ page_areas_js, has_areas }, { page_pointer_js, NULL },      { page_keys_js, NULL },
	{ page_overview_js, NULL },   { page_legend_js, has_legend }, { page_narrow_js, NULL },
	{ page_tools_js, NULL },      { page_tables_js, NULL },       { page_rows_js, NULL },
	{ page_steps_js, has_steps }, { page_link_js, NULL },
};

void script_put_style(FILE *out)
{
	fputs(page_script_css, out);
}

static void begin(FILE *out)
{
	fputs("<script>\n\"use strict\";(async()=>{\n", out);
}

static void end(FILE *out)
{
	fputs("})();\n</script>\n", out);
}

void script_put(FILE *out, const struct page_data *d)
{
	begin(out);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!parts[i].wanted || parts[i].wanted(d))
			fputs(parts[i].text, out);
	end(out);
}

void script_put_many(FILE *out)
{
	static const char *const of_many[] = { page_page_js, page_packed_js, page_told_js,
					       page_tables_js, page_band_js };
	begin(out);
	for (size_t i = 0; i < sizeof of_many / sizeof *of_many; i++)
		fputs(of_many[i], out);
	end(out);
}
