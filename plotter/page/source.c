#include "plotter/page/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/page/markup.h"
#include "plotter/page/spots.h"
#include "share/commands/source_file.h"
#include "share/format.h"
#include "share/growth/heap.h"
#include "share/profile/profile.h"
#include "share/xml.h"

enum { FILES = 12, LINES = 40, AROUND = 3, WIDEST = 320, TAB = 8, HEATS = 4 };

struct source {
	FILE *out;
	const struct profile *profile;
	struct spots spots;
	struct source_file file;
	int at; /* the line that was put last; 0: none */
};

/* ---- a line ---- */

/* Without tabs, which are as wide as everybody likes, and cut where it is too long. */
static void put_code(FILE *out, const char *text)
{
	char shown[WIDEST + 8];
	size_t n = 0;
	for (; *text && n < WIDEST; text++)
		if (*text != '\t')
			shown[n++] = *text;
		else
			do
				shown[n++] = ' ';
			while (n % TAB && n < WIDEST);
	while (*text && n > 0 && ((unsigned char)*text & 0xc0) == 0x80) {
		text--; /* no part of a character */
		n--;
	}
	shown[n] = '\0';
	fputs("<td><pre>", out);
	xml_text(out, shown);
	fputs(*text ? "…</pre></td>" : "</pre></td>", out);
}

static void put_amount(const struct source *s, int64_t umib, const char *known)
{
	if (umib <= 0) {
		markup_cell(s->out, "");
		return;
	}
	fprintf(s->out, "<td class=\"figure\">%.1f%s ", sample_mib(umib), known);
	markup_bar(s->out, (double)umib / (double)s->spots.most);
	fputs("</td>", s->out);
}

static int heat_of(const struct source *s, const struct spot *spot)
{
	int64_t weight = spot ? spot_weight(spot) : 0;
	return weight <= 0 ? 0 : 1 + (int)((HEATS - 1) * weight / s->spots.most);
}

/* `spot`: NULL where nothing is told of the line. */
static void put_line(struct source *s, int line, const struct spot *spot)
{
	char error[FORMAT_SIZE] = "";
	const char *text = source_file_line(&s->file, line);
	if (!text && !spot)
		return;
	fprintf(s->out, "<tr class=\"heat%d%s\"><td class=\"figure\">%d</td>", heat_of(s, spot),
		s->at > 0 && line > s->at + 1 ? " gap" : "", line);
	s->at = line;
	if (s->spots.grew)
		put_amount(s, spot ? spot->grew : 0,
			   spot && 2 * spot->polled > spot->grew ? " ~" : "");
	if (spot && spot->held > 0)
		snprintf(error, sizeof error, " ± %.1f", heap_error(spot->spread));
	if (s->spots.held)
		put_amount(s, spot ? spot->held : 0, error);
	if (s->spots.counted)
		put_amount(s, spot ? spot->counted : 0, "");
	put_code(s->out, text ? text : "");
	fputs("</tr>\n", s->out);
}

/* ---- a file ---- */

static int downwards(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x < y) - (x > y);
}

/* Of its lines the heaviest are shown: what one must weigh. -ENOMEM. */
static int64_t least_of(const struct spots *s, const struct spot_file *file)
{
	int64_t *weights = calloc(file->n, sizeof *weights), least = 1;
	if (!weights)
		return -ENOMEM;
	for (size_t i = 0; i < file->n; i++)
		weights[i] = spot_weight(&s->all[file->first + i]);
	qsort(weights, file->n, sizeof *weights, downwards);
	if (file->n > LINES)
		least = weights[LINES - 1];
	free(weights);
	return least;
}

static void put_near(struct source *s, const struct spot *spot, const struct spot *next)
{
	int from = spot->line > AROUND ? spot->line - AROUND : 1;
	int to = next && next->line - spot->line <= AROUND ? next->line - 1 : spot->line + AROUND;
	for (int line = from > s->at ? from : s->at + 1; line < spot->line; line++)
		put_line(s, line, NULL);
	put_line(s, spot->line, spot);
	for (int line = spot->line + 1; line <= to; line++)
		put_line(s, line, NULL);
}

static void put_lines(struct source *s, const struct spot_file *file, int64_t least)
{
	const struct spot *before = NULL, *end = &s->spots.all[file->first + file->n];
	size_t left = LINES;
	s->at = 0;
	for (const struct spot *it = end - file->n; it < end && left > 0; it++) {
		if (spot_weight(it) < least)
			continue;
		if (before)
			put_near(s, before, it);
		before = it;
		left--;
	}
	if (before)
		put_near(s, before, NULL);
}

/* Why there is no text; as it was: nothing. */
static const char *complaint_of(const struct source_file *file)
{
	if (file->file)
		return "not changed since the recording began";
	if (file->changed)
		return "changed since the recording began: what its lines say now is not what ran";
	switch (file->error) {
	case -ENOENT:
	case -ENOTDIR: return "not there any more, or not here";
	case -EFBIG: return "too large to be shown";
	case -EACCES:
	case -EPERM:
	case -ELOOP: return "not to be shown to whoever can read this recording";
	default: return "it cannot be read";
	}
}

static void put_sum(FILE *out, const char *what, int64_t umib)
{
	char size[FORMAT_SIZE];
	if (umib > 0)
		fprintf(out, "%s %s, ", what, format_memory(size, sample_mib(umib)));
}

static void put_heading(struct source *s, const struct spot_file *file)
{
	const struct spot *first = &s->spots.all[file->first];
	int64_t grew = 0, held = 0, counted = 0;
	for (size_t i = 0; i < file->n; i++) {
		grew += first[i].grew;
		held += first[i].held;
		counted += first[i].counted;
	}
	fputs("<summary><code>", s->out);
	xml_text(s->out, first->shown);
	fputs("</code>: ", s->out);
	put_sum(s->out, "grew", grew);
	put_sum(s->out, "held", held);
	put_sum(s->out, "counted", counted);
	fprintf(s->out, "%zu line%s, %s</summary>\n", file->n, file->n == 1 ? "" : "s",
		complaint_of(&s->file));
}

static int put_file(struct source *s, const struct spot_file *file, bool open)
{
	const char *headings[5] = { "#line" }, *path = s->spots.all[file->first].path;
	size_t n = 1;
	int64_t least = least_of(&s->spots, file);
	if (least < 0)
		return (int)least;
	if (s->spots.grew)
		headings[n++] = "#grew MiB";
	if (s->spots.held)
		headings[n++] = "#held at the end, MiB";
	if (s->spots.counted)
		headings[n++] = "#increment MiB";
	headings[n++] = "source";
	fputs(open ? "<details class=\"source\" open>" : "<details class=\"source\">", s->out);
	put_heading(s, file);
	markup_table(s->out, path, headings, n);
	put_lines(s, file, least);
	markup_end_table_short(s->out, file->n > LINES ? file->n - LINES : 0, n);
	fputs("</details>\n", s->out);
	return 0;
}

/* ---- all files ---- */

static void put_known(const struct source *s)
{
	fputs("<section><h2>Your lines</h2>\n<p>", s->out);
	if (s->spots.grew)
		fputs("Grew: what the line took, with what it called; behind ~ an estimate, since "
		      "it was seen by polling. ",
		      s->out);
	if (s->spots.held)
		fputs("Held: an estimate, of the sampled heap; ± in 95 of 100. ", s->out);
	if (s->spots.counted)
		fputs("Increment: counted at each line of what was marked. ", s->out);
	fputs("Lines of which nothing is told stand beside them only where they are near.</p>\n",
	      s->out);
}

int source_put(FILE *out, const struct profile *profile, const struct growth *growth,
	       const struct source_right *right)
{
	struct source s = { .out = out, .profile = profile };
	int r = spots_find(&s.spots, profile, growth);
	if (r < 0 || s.spots.n_files == 0)
		return r;
	put_known(&s);
	for (size_t i = 0; i < s.spots.n_files && i < FILES && r == 0; i++) {
		const char *path = s.spots.all[s.spots.files[i].first].path;
		source_file_open(&s.file, path, profile->start_us, right);
		r = put_file(&s, &s.spots.files[i], i == 0);
		source_file_close(&s.file);
	}
	if (s.spots.n_files > FILES)
		fprintf(out, "<p>… and %zu more files</p>\n", s.spots.n_files - FILES);
	fputs("</section>\n", out);
	spots_free(&s.spots);
	return r;
}
