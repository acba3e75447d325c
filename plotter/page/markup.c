#include "plotter/page/markup.h"

#include "share/profile/sample.h"
#include "share/text.h"

void markup_text(FILE *out, const char *text)
{
	for (const char *next = text; *text; text = next) {
		uint32_t c = text_next(&next);
		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if (c == TEXT_REPLACEMENT || !text_is_printable(c))
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(text, 1, (size_t)(next - text), out);
	}
}

void markup_table(FILE *out, const char *caption, const char *const headings[], size_t n)
{
	fputs("<section><table>\n<caption>", out);
	markup_text(out, caption);
	fputs("</caption>\n<thead><tr>", out);
	for (size_t i = 0; i < n; i++) {
		const char *heading = headings[i];
		bool figures = *heading == '#';
		fputs(figures ? "<th scope=\"col\" class=\"figure\">" : "<th scope=\"col\">", out);
		markup_text(out, heading + figures);
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
	markup_text(out, text);
	fputs("</td>", out);
}
