#include "plotter/backend/gnuplot_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "share/text.h"

double gnuplot_px(const struct script *s, double pixels)
{
	return pixels * s->canvas->scale;
}

/* MiB of the upper pane, in the plot's whole height. */
static double height(const struct script *s)
{
	return (s->chart->y.high - s->chart->y.low) / (1 - s->beneath - s->gap);
}

double gnuplot_floor(const struct script *s)
{
	return s->chart->y.low - (s->beneath + s->gap) * height(s);
}

double gnuplot_y(const struct script *s, bool below, double mib)
{
	const struct chart_axis *axis = &s->chart->below;
	const struct chart_axis *own = &s->chart->y;
	if (!below && own->knee > 0)
		return own->low + chart_share(own, mib) * (own->high - own->low);
	if (!below)
		return mib;
	return gnuplot_floor(s) +
	       (mib - axis->low) / (axis->high - axis->low) * s->beneath * height(s);
}

/* 'it'."\047".'s': between single quotes nothing means anything to gnuplot, not even a backslash; a
 * quote itself stands as an escape outside of them, since a doubled one at the beginning is
 * misread. Line ends cannot stand in a script. */
static void put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (const char *next = text; *text; text = next) {
		uint32_t c = text_next(&next);
		if (c == '\'')
			fputs("'.\"\\047\".'", out);
		else if (c == TEXT_REPLACEMENT || !text_is_printable(c))
			fputc('?', out);
		else
			fwrite(text, 1, (size_t)(next - text), out);
	}
	fputc('\'', out);
}

double gnuplot_ems(void *context, const char *text)
{
	(void)context;
	double n = 0;
	for (uint32_t c; (c = text_next(&text));)
		n += 0.6 * text_cells(c);
	return n;
}

void gnuplot_label(struct script *s, struct gnuplot_text label, const char *place, ...)
{
	va_list arguments;
	double size = gnuplot_px(s, label.size);
	char *copy = strdup(label.text);
	if (!copy)
		return;
	text_shorten(copy, label.room / size, gnuplot_ems, NULL);
	fprintf(s->out, "set label %d ", ++s->labels);
	put_quoted(s->out, copy);
	free(copy);
	fprintf(s->out, " noenhanced front textcolor rgb '#%06x' font ',%.3g' at ", label.rgb,
		size * s->points);
	va_start(arguments, place);
	vfprintf(s->out, place, arguments);
	va_end(arguments);
	fputc('\n', s->out);
}
