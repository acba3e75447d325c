#include "plotter/page/markup.h"

#include <stdlib.h>

#include <math.h>

#include "share/json.h"
#include "share/profile/sample.h"
#include "share/xml.h"

void markup_table(FILE *out, const char *caption, const char *const headings[], size_t n)
{
	fputs("<section><table>\n<caption>", out);
	xml_text(out, caption);
	fputs("</caption>\n<thead><tr>", out);
	for (size_t i = 0; i < n; i++) {
		const char *heading = headings[i];
		bool figures = *heading == '#';
		fputs(figures ? "<th scope=\"col\" class=\"figure\">" : "<th scope=\"col\">", out);
		xml_text(out, heading + figures);
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

void markup_end_table(FILE *out)
{
	fputs("</tbody></table></section>\n", out);
}

/* Behind the rows, so that it stays there when they are sorted. */
void markup_end_table_short(FILE *out, size_t more, size_t columns)
{
	fputs("</tbody>", out);
	if (more > 0)
		fprintf(out, "<tfoot><tr><td colspan=\"%zu\">… and %zu more</td></tr></tfoot>",
			columns, more);
	fputs("</table></section>\n", out);
}

void markup_bar(FILE *out, double part)
{
	const double wide = 80;
	fprintf(out,
		"<svg class=\"bar\" width=\"%.0f\" height=\"10\" aria-hidden=\"true\"><rect "
		"width=\"%.0f\" height=\"10\" fill=\"#0b5394\"/></svg>",
		wide, part > 0 && part < 0.015 ? 1 : fmin(fmax(part, 0), 1) * wide);
}

void markup_share(FILE *out, int64_t part, int64_t all)
{
	double share = all > 0 && part > 0 ? (double)part / (double)all : 0;
	fprintf(out, "<td class=\"figure\">%.0f %% ", 100 * share);
	markup_bar(out, share);
	fputs("</td>", out);
}

void markup_figure(FILE *out, double value, int decimals)
{
	fprintf(out, "<td class=\"figure\">%.*f</td>", decimals, value);
}

void markup_mib(FILE *out, int64_t umib)
{
	markup_figure(out, sample_mib(umib), 1);
}

void markup_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	xml_text(out, text);
	fputs("</td>", out);
}

/* A label is the page's text too, where "</script>" would end what it is in. */
void markup_json(FILE *out, const char *text)
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
