/* One screen, for people. */
#include <stdlib.h>
#include <string.h>

#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/why.h"

enum { INDENT = 10 };

static const char *const topics[WHY_TOPICS] = {
	[WHY_END] = "ended",   [WHY_CARD] = "card",     [WHY_PEAK] = "peak",
	[WHY_PLACE] = "lines", [WHY_GROWTH] = "growth", [WHY_ODD] = "odd",
};

static double width_of(void *context, const char *text)
{
	double n = 0;
	(void)context;
	for (uint32_t c; (c = text_next(&text));)
		n += text_cells(c);
	return n;
}

static size_t cells(const char *text, size_t bytes)
{
	double n = 0;
	const char *end = text + bytes;
	while (text < end) {
		uint32_t c = text_next(&text);
		n += text_cells(c);
	}
	return (size_t)n;
}

/* A paragraph, whose lines but the first begin in that column. */
static void put_words(FILE *out, const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t n = strcspn(text, " "), wide = cells(text, n);
		if (column > indent && column + 1 + wide > WHY_COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)n, text);
		column += wide;
		text += n + strspn(text + n, " ");
	}
	fputc('\n', out);
}

/* Of what may be anything. `room`: cells. */
static void put_paragraph(FILE *out, const char *text, size_t room, size_t indent)
{
	char *shown = text_printable(text);
	if (shown)
		text_shorten(shown, (double)room, width_of, NULL);
	put_words(out, shown ? shown : "", indent, indent);
	free(shown);
}

static void put_statement(FILE *out, const struct why_statement *s, bool again, size_t room)
{
	char text[WHY_WORDS + WHY_EVIDENCE];
	fprintf(out, "%-*s", INDENT, again ? "" : topics[s->topic]);
	put_paragraph(out, s->words, room, INDENT);
	snprintf(text, sizeof text, "(%s: %s)",
		 s->known == KNOWN_UNKNOWN ? "cannot tell" : known_word(s->known), s->evidence);
	fprintf(out, "%*s", INDENT, "");
	put_paragraph(out, text, room, INDENT);
}

/* So many of the odd ones, and so much of each text. */
static void put_all(FILE *out, const struct why *why, size_t odd, size_t room)
{
	const struct profile *p = why->profile;
	char program[WHY_WORDS];
	const struct why_statement *last = NULL;
	snprintf(program, sizeof program, "%s: %s", p->path, p->command ? p->command : "?");
	put_paragraph(out, program, room < WHY_COLUMNS ? room : WHY_COLUMNS, 0);
	for (size_t i = 0; i < why->n; i++) {
		const struct why_statement *s = &why->statements[i];
		if (s->topic == WHY_ODD && odd-- == 0)
			break;
		put_statement(out, s, last && last->topic == s->topic, room);
		last = s;
	}
	fprintf(out, "%-*s", INDENT, "next");
	snprintf(program, sizeof program, "%s  (%s)", why->next, why->purpose);
	put_paragraph(out, program, room, INDENT);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;
	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static char *render(const struct why *why, size_t odd, size_t room)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return NULL;
	put_all(out, why, odd, room);
	fclose(out);
	return text;
}

/* Until it fits: fewer of the odd, then less of each text. */
void why_print_text(FILE *out, const struct why *why)
{
	static const struct {
		size_t odd, room;
	} tries[] = { { 6, 1000 }, { 6, 400 }, { 4, 400 }, { 4, 250 },
		      { 3, 160 },  { 3, 80 },  { 1, 80 } };
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		char *text = render(why, tries[i].odd, tries[i].room);
		bool last = i + 1 == sizeof tries / sizeof *tries;
		bool fits = text && count_lines(text) <= WHY_LINES;
		if (fits || (text && last))
			fputs(text, out);
		free(text);
		if (fits)
			return;
	}
}
