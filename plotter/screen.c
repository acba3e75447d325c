#include "plotter/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/text.h"

int screen_open(struct screen *s, int width, int height, bool ascii, bool colour)
{
	*s = (struct screen){ width, height, NULL, ascii, colour };
	s->cells = calloc((size_t)width * (size_t)height, sizeof *s->cells);
	return s->cells ? 0 : -ENOMEM;
}

void screen_close(struct screen *s)
{
	free(s->cells);
	*s = (struct screen){ 0 };
}

static struct cell *cell_at(const struct screen *s, int x, int y)
{
	if (x < 0 || y < 0 || x >= s->width || y >= s->height)
		return NULL;
	return &s->cells[(size_t)y * (size_t)s->width + (size_t)x];
}

void screen_dot(struct screen *s, int x, int y, uint32_t rgb)
{
	/* The pattern's bits by row and column: U+2800 counts them in this order for history's
	 * sake. */
	static const uint8_t bits[4][2] = {
		{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
	};
	struct cell *cell = x < 0 || y < 0 ? NULL : cell_at(s, x / 2, y / 4);
	if (!cell)
		return;
	cell->dots |= bits[y % 4][x % 2];
	cell->rgb = rgb;
	cell->coloured = true;
}

/* Bresenham's line. */
void screen_line(struct screen *s, int x0, int y0, int x1, int y1, uint32_t rgb)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0), step_x = x0 < x1 ? 1 : -1,
	    step_y = y0 < y1 ? 1 : -1;
	int error = dx + dy;
	for (;;) {
		screen_dot(s, x0, y0, rgb);
		if (x0 == x1 && y0 == y1)
			return;
		int twice = 2 * error;
		if (twice >= dy) {
			error += dy;
			x0 += step_x;
		}
		if (twice <= dx) {
			error += dx;
			y0 += step_y;
		}
	}
}

/* The nearest that ASCII has to the signs that the chart uses. */
static uint32_t to_ascii(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} pairs[] = {
		{ 0x2026, '~' }, { 0xb7, '-' },   { 0xb5, 'u' },   { 0x2212, '-' }, { 0x2500, '-' },
		{ 0x2502, '|' }, { 0x2514, '+' }, { 0x2524, '+' }, { 0x252c, '+' }, { 0x25cf, 'o' },
		{ 0x2501, '=' }, { 0x2588, '#' }, { 0x254c, '-' }, { 0x2534, '+' },
	};
	if (c < 0x80)
		return c;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].from == c)
			return pairs[i].to;
	return '?';
}

int screen_text(struct screen *s, int x, int y, int room, const char *text, bool coloured,
		uint32_t rgb, bool bold)
{
	int used = 0;
	for (uint32_t c; (c = text_next(&text));) {
		int cells = text_cells(c);
		struct cell *cell = cell_at(s, x + used, y);
		if (cells == 0)
			continue;
		if (!cell || used + cells > room || (cells == 2 && !cell_at(s, x + used + 1, y)))
			break;
		bool filled = cell->filled;
		uint32_t background = cell->rgb;
		*cell = (struct cell){ .letter = s->ascii ? to_ascii(c) : c,
				       .coloured = coloured,
				       .bold = bold,
				       .rgb = filled ? background : rgb,
				       .filled = filled };
		if (cells == 2)
			*cell_at(s, x + used + 1, y) =
				(struct cell){ .letter = ' ', .covered = !s->ascii };
		used += cells;
	}
	return used;
}

void screen_fill(struct screen *s, int x, int y, int width, uint32_t rgb)
{
	for (int i = 0; i < width; i++) {
		struct cell *cell = cell_at(s, x + i, y);
		if (cell)
			*cell = (struct cell){ .letter = ' ', .filled = true, .rgb = rgb };
	}
}

/* ---- output ---- */

static bool is_blank(const struct screen *s, const struct cell *cell)
{
	return (cell->letter == 0 && cell->dots == 0) ||
	       (cell->letter == ' ' && !(cell->filled && s->colour));
}

/* One character for eight dots: which way do they run? */
static char dots_to_ascii(uint8_t dots)
{
	int rows[4] = { dots & 0x09, dots & 0x12, dots & 0x24, dots & 0xc0 }, top = 4, bottom = -1;
	for (int i = 0; i < 4; i++)
		if (rows[i]) {
			top = i < top ? i : top;
			bottom = i;
		}
	if (top == bottom)
		return "'--_"[top];
	bool left_top = rows[top] & 0x47, left_bottom = rows[bottom] & 0x47;
	bool right_top = rows[top] & 0xb8, right_bottom = rows[bottom] & 0xb8;
	if (left_top && !right_top && right_bottom && !left_bottom)
		return '\\';
	if (right_top && !left_top && left_bottom && !right_bottom)
		return '/';
	return '|';
}

static void put_utf8(FILE *out, uint32_t c)
{
	if (c < 0x80) {
		fputc((int)c, out);
	} else if (c < 0x800) {
		fputc((int)(0xc0 | c >> 6), out);
		fputc((int)(0x80 | (c & 0x3f)), out);
	} else {
		if (c < 0x10000) {
			fputc((int)(0xe0 | c >> 12), out);
		} else {
			fputc((int)(0xf0 | c >> 18), out);
			fputc((int)(0x80 | (c >> 12 & 0x3f)), out);
		}
		fputc((int)(0x80 | (c >> 6 & 0x3f)), out);
		fputc((int)(0x80 | (c & 0x3f)), out);
	}
}

static bool has_true_colour(void)
{
	const char *term = getenv("COLORTERM");
	return term && (strcmp(term, "truecolor") == 0 || strcmp(term, "24bit") == 0);
}

/* The nearest of the 6 × 6 × 6 cube that xterm's 256 colours hold. */
static unsigned to_cube(uint32_t rgb)
{
	unsigned index = 16;
	for (int i = 0; i < 3; i++) {
		static const unsigned weights[] = { 36, 6, 1 };
		unsigned channel = rgb >> (16 - 8 * i) & 0xff;
		index += weights[i] * (channel < 48 ? 0 : channel < 115 ? 1 : (channel - 35) / 40);
	}
	return index;
}

static void put_style(FILE *out, const struct cell *cell)
{
	fputs("\x1b[0", out);
	if (cell->bold)
		fputs(";1", out);
	if (cell->filled)
		fputs(";30", out); /* black letters on every colour of the palette can be read */
	if (cell->coloured || cell->filled) {
		int what = cell->filled ? 48 : 38;
		if (has_true_colour())
			fprintf(out, ";%d;2;%u;%u;%u", what, cell->rgb >> 16 & 0xff,
				cell->rgb >> 8 & 0xff, cell->rgb & 0xff);
		else
			fprintf(out, ";%d;5;%u", what, to_cube(cell->rgb));
	}
	fputc('m', out);
}

static bool same_style(const struct cell *a, const struct cell *b)
{
	bool tinted = a->coloured || a->filled;
	return a->bold == b->bold && a->filled == b->filled &&
	       tinted == (b->coloured || b->filled) && (!tinted || a->rgb == b->rgb);
}

static void print_cell(const struct screen *s, const struct cell *cell, FILE *out)
{
	if (cell->covered)
		return;
	if (cell->letter)
		put_utf8(out, cell->letter);
	else if (cell->dots == 0)
		fputc(' ', out);
	else if (s->ascii)
		fputc(dots_to_ascii(cell->dots), out);
	else
		put_utf8(out, 0x2800u + cell->dots);
}

static void print_row(const struct screen *s, const struct cell *row, FILE *out)
{
	static const struct cell plain = { 0 };
	const struct cell *style = &plain;
	int end = s->width;
	while (end > 0 && is_blank(s, &row[end - 1]))
		end--;
	for (int x = 0; x < end; x++) {
		if (s->colour && !is_blank(s, &row[x]) && !same_style(style, &row[x])) {
			put_style(out, &row[x]);
			style = &row[x];
		} else if (s->colour && is_blank(s, &row[x]) && style->filled) {
			fputs("\x1b[0m", out);
			style = &plain;
		}
		print_cell(s, &row[x], out);
	}
	fputs(style != &plain ? "\x1b[0m\n" : "\n", out);
}

void screen_print(const struct screen *s, FILE *out)
{
	for (int y = 0; y < s->height; y++)
		print_row(s, s->cells + (size_t)y * (size_t)s->width, out);
}
