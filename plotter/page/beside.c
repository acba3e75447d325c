#include "plotter/page/beside.h"

#include "plotter/page/markup.h"
#include "share/profile/profile.h"
#include "share/why/why.h"
#include "share/xml.h"

static void put_peak(FILE *out, const struct why *why)
{
	const struct why_statement *peak = why_about(why, WHY_PEAK);
	if (why->peak > 0)
		markup_figure(out, why->peak, 1);
	else
		markup_cell(out, "");
	markup_cell(out, peak ? known_word(peak->known) : "");
}

static int put_recording(FILE *out, const struct profile *p)
{
	struct why why;
	int r = why_ask(&why, p, WHY_WRITER_UNKNOWN);
	if (r < 0)
		return r;
	const struct why_statement *end = why_about(&why, WHY_END);
	const struct why_statement *growth = why_about(&why, WHY_GROWTH);
	int64_t length = profile_end_us(p) - p->start_us;
	fputs("<tr><td>", out);
	xml_text(out, p->path);
	fputs("</td>", out);
	put_peak(out, &why);
	markup_figure(out, length > 0 ? sample_seconds(length) : 0, 2);
	markup_cell(out, growth ? growth->words : "");
	markup_cell(out, end ? end->words : "");
	fputs("</tr>\n", out);
	why_free(&why);
	return 0;
}

int beside_put(FILE *out, const struct profile *const profiles[], size_t n)
{
	static const char *const headings[] = { "recording", "#peak MiB", "the peak is known",
						"#s",        "growth",    "ended" };
	int r = 0;
	markup_table(out, "Beside each other", headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_recording(out, profiles[i]);
	markup_end_table(out);
	return r;
}
