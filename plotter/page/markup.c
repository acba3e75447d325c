#include "plotter/page/markup.h"

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
