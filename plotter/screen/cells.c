#include "plotter/screen/cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "share/text.h"

enum { MOST_SIDE = 10000 };

enum cell_colours cells_colours(bool colour)
{
	const char *depth = getenv("COLORTERM");
	if (!colour)
		return COLOURS_NONE;
	return depth && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0)
		       ? COLOURS_TRUE
		       : COLOURS_256;
}

int cells_open(struct cells *cells, int width, int height, bool ascii)
{
	*cells = (struct cells){ .width = width, .height = height, .ascii = ascii };
	if (width < 1 || height < 1 || width > MOST_SIDE || height > MOST_SIDE)
		return -EINVAL;
	cells->items = calloc((size_t)width * (size_t)height, sizeof *cells->items);
	return cells->items ? 0 : -ENOMEM;
}

void cells_close(struct cells *cells)
{
	free(cells->items);
	*cells = (struct cells){ 0 };
}

static struct cell *at(const struct cells *cells, int x, int y)
{
	if (x < 0 || y < 0 || x >= cells->width || y >= cells->height)
		return NULL;
	return &cells->items[(size_t)y * (size_t)cells->width + (size_t)x];
}

/* ---- text ---- */

int cells_width(const char *text)
{
	int n = 0;
	for (uint32_t c; (c = text_next(&text));)
		n += text_cells(c);
	return n;
}

static double measure(void *context, const char *text)
{
	(void)context;
	return cells_width(text);
}

/* What stands for a character that ASCII lacks. */
static char ascii_for(uint32_t c)
{
	static const struct {
		uint32_t from;
		char to;
	} known[] = {
		{ 0xb5, 'u' },   /* micro */
		{ 0xb7, '|' },   /* middle dot, between the parts of a line */
		{ 0x2026, '~' }, /* ellipsis */
		{ 0x2212, '-' }, /* minus */
	};
	if (c < 0x80)
		return (char)c;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].from == c)
			return known[i].to;
	return '?';
}

/* Half of a wide character cannot stay when the other half is overwritten. */
static void unpair(struct cells *cells, int x, int y)
{
	struct cell *before = at(cells, x - 1, y), *after = at(cells, x + 1, y);
	if (before && at(cells, x, y)->second)
		before->text[0] = '\0';
	if (after && after->second)
		after->second = false;
}

static void set_bytes(struct cells *cells, int x, int y, const char *bytes, size_t n,
		      const struct cell_style *style)
{
	struct cell *cell = at(cells, x, y);
	if (!cell)
		return;
	unpair(cells, x, y);
	*cell = (struct cell){ .style = *style };
	memcpy(cell->text, bytes, n);
}

/* A character of a text. */
struct character {
	uint32_t code_point;
	const char *bytes;
	size_t n;
};

/* A mark joins the character before it, as long as there is room; joiners and the like are left
 * out, since terminals disagree on how wide what they join is. */
static void combine(struct cell *cell, const struct character *mark)
{
	size_t used = cell ? strlen(cell->text) : 0;
	bool joiner = mark->code_point >= 0x200b && mark->code_point <= 0x200d;
	if (used > 0 && used + mark->n < sizeof cell->text && !joiner)
		memcpy(cell->text + used, mark->bytes, mark->n);
}

static void put_character(struct cells *cells, int x, int y, const struct character *c,
			  const struct cell_style *style)
{
	char replaced = ascii_for(c->code_point);
	int width = text_cells(c->code_point);
	if (width == 0 && !cells->ascii) {
		struct cell *before = at(cells, x - 1, y);
		combine(before && before->second ? at(cells, x - 2, y) : before, c);
	}
	for (int i = 0; i < width && cells->ascii; i++)
		set_bytes(cells, x + i, y, &replaced, 1, style);
	if (width == 0 || cells->ascii)
		return;
	set_bytes(cells, x, y, c->bytes, c->n, style);
	if (width == 2 && at(cells, x + 1, y)) {
		set_bytes(cells, x + 1, y, "", 0, style);
		at(cells, x + 1, y)->second = true;
	}
}

int cells_text(struct cells *cells, int x, int y, const char *text, int room,
	       const struct cell_style *style)
{
	char *copy = text_printable(text);
	if (!copy)
		return 0;
	text_shorten(copy, room < cells->width - x ? room : cells->width - x, measure, NULL);
	int width = 0;
	for (const char *next = copy, *from = copy; *from; from = next) {
		struct character c = { .code_point = text_next(&next), .bytes = from };
		c.n = (size_t)(next - from);
		put_character(cells, x + width, y, &c, style);
		width += text_cells(c.code_point);
	}
	free(copy);
	return width;
}

void cells_put(struct cells *cells, int x, int y, const char *character, char ascii,
	       const struct cell_style *style)
{
	if (cells->ascii)
		set_bytes(cells, x, y, &ascii, 1, style);
	else
		set_bytes(cells, x, y, character, strlen(character), style);
}

static bool is_free(const struct cell *cell)
{
	return cell && (cell->soft || (!cell->text[0] && !cell->dots && !cell->second));
}

void cells_put_soft(struct cells *cells, int x, int y, const char *character, char ascii,
		    const struct cell_style *style)
{
	struct cell *cell = at(cells, x, y);
	if (!is_free(cell))
		return;
	cells_put(cells, x, y, character, ascii, style);
	cell->soft = true;
}

bool cells_are_free(const struct cells *cells, int x, int y, int width)
{
	for (int i = 0; i < width; i++)
		if (!is_free(at(cells, x + i, y)))
			return false;
	return true;
}

/* ---- dots ---- */

static void put_dot(struct cells *cells, const struct cell_box *box, int x, int y,
		    const struct cell_pen *pen)
{
	static const uint8_t bits[4][2] = {
		{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
	};
	if (x < 0 || y < 0 || x >= 2 * box->w || y >= 4 * box->h)
		return;
	struct cell *cell = at(cells, box->x + x / 2, box->y + y / 4);
	if (!cell)
		return;
	unpair(cells, box->x + x / 2, box->y + y / 4);
	uint8_t dots = cell->dots;
	*cell = (struct cell){ .dots = dots | bits[y % 4][x % 2],
			       .letter = pen->letter,
			       .style = pen->style };
}

/* One side of Liang and Barsky's clipping (1984): narrows [t[0], t[1]] to where `p` t <= `q`. */
static bool narrow(double t[2], double p, double q)
{
	if (p == 0)
		return q >= 0;
	if (p < 0)
		t[0] = fmax(t[0], q / p);
	else
		t[1] = fmin(t[1], q / p);
	return t[0] <= t[1];
}

void cells_line(struct cells *cells, const struct cell_box *box, const double from[2],
		const double to[2], const struct cell_pen *pen)
{
	const double dx = to[0] - from[0], dy = to[1] - from[1];
	const double right = 2 * box->w - 0.5001, bottom = 4 * box->h - 0.5001, edge = -0.4999;
	double t[2] = { 0, 1 };
	if (!isfinite(from[0]) || !isfinite(from[1]) || !isfinite(dx) || !isfinite(dy) ||
	    !narrow(t, -dx, from[0] - edge) || !narrow(t, dx, right - from[0]) ||
	    !narrow(t, -dy, from[1] - edge) || !narrow(t, dy, bottom - from[1]))
		return;
	const double x = from[0] + t[0] * dx, y = from[1] + t[0] * dy, length = t[1] - t[0];
	const int steps = (int)ceil(fmax(fabs(dx), fabs(dy)) * length);
	for (int i = 0; i <= steps; i++) {
		double share = steps ? length * i / steps : 0;
		int dot = (int)lround(x + share * dx);
		if (pen->dash == 0 || dot / pen->dash % 2 == 0)
			put_dot(cells, box, dot, (int)lround(y + share * dy), pen);
	}
}

void cells_shade(struct cells *cells, const struct cell_box *box, const double from[2],
		 const double to[2], const struct cell_style *style)
{
	const struct cell_pen pen = { .style = *style };
	const double dx = to[0] - from[0], dy = to[1] - from[1];
	if (cells->ascii || !isfinite(dx) || !isfinite(dy))
		return;
	const int first = (int)lround(fmax(fmin(from[0], to[0]), 0));
	const int last = (int)lround(fmin(fmax(from[0], to[0]), 2 * box->w - 1));
	const int height = 4 * box->h;
	for (int x = first + first % 2; x <= last; x += 2) {
		double share = dx != 0 ? fmin(fmax((x - from[0]) / dx, 0), 1) : 0;
		double y = fmin(fmax(from[1] + share * dy, 0), height);
		for (int dot = 4 * (int)ceil(y / 4) + x % 4; dot < height; dot += 4)
			put_dot(cells, box, x, dot, &pen);
	}
}

/* ---- printing ---- */

/* Twice the middle of the rows that are set, bit 0 at the top; their number from first to last. */
static int middle(unsigned rows, int *height)
{
	int top = 0, bottom = 3;
	while (top < 3 && !(rows >> top & 1))
		top++;
	while (bottom > top && !(rows >> bottom & 1))
		bottom--;
	*height = bottom - top + 1;
	return top + bottom;
}

/* The stroke that comes nearest to a pattern of dots: by its height where it is flat, by its lean
 * where it is steep. */
static char stroke_for(uint8_t dots)
{
	static const char flat[] = "''---__";
	unsigned left = (dots & 7u) | (dots & 0x40u) >> 3;
	unsigned right = (dots >> 3 & 7u) | (dots & 0x80u) >> 4;
	int height = 0, unused = 0;
	int level = middle(left | right, &height);
	if (height < 3)
		return flat[level];
	int fall = left && right ? middle(right, &unused) - middle(left, &unused) : 0;
	return fall < 0 ? '/' : fall > 0 ? '\\' : '|';
}

static void print_braille(uint8_t dots, FILE *out)
{
	/* U+2800 + dots in UTF-8 */
	fprintf(out, "\xe2%c%c", (char)(0xa0 | dots >> 6), (char)(0x80 | (dots & 0x3f)));
}

static void print_cell(const struct cells *cells, const struct cell *cell, FILE *out)
{
	if (cell->second)
		return;
	if (cell->text[0])
		fputs(cell->text, out);
	else if (!cell->dots)
		fputc(' ', out);
	else if (cells->ascii)
		fputc(cell->letter ? cell->letter : stroke_for(cell->dots), out);
	else
		print_braille(cell->dots, out);
}

static int nearest_level(unsigned value)
{
	return value < 48 ? 0 : value < 115 ? 1 : (int)(value - 35) / 40;
}

/* The nearest of xterm's 256 colours that no theme changes: a cube of six levels a channel, and a
 * ramp of greys. */
static int indexed(uint32_t rgb)
{
	unsigned r = rgb >> 16 & 0xff, g = rgb >> 8 & 0xff, b = rgb & 0xff;
	unsigned highest = r > g ? (r > b ? r : b) : (g > b ? g : b);
	unsigned lowest = r < g ? (r < b ? r : b) : (g < b ? g : b);
	if (highest - lowest < 12 && highest >= 8 && highest < 248)
		return 232 + (int)(highest - 8) / 10;
	return 16 + 36 * nearest_level(r) + 6 * nearest_level(g) + nearest_level(b);
}

static void print_colour(int32_t rgb, int code, enum cell_colours colours, FILE *out)
{
	uint32_t c = (uint32_t)rgb;
	if (rgb == CELL_PLAIN)
		return;
	if (colours == COLOURS_TRUE)
		fprintf(out, ";%d;2;%u;%u;%u", code, c >> 16 & 0xff, c >> 8 & 0xff, c & 0xff);
	else
		fprintf(out, ";%d;5;%d", code, indexed(c));
}

static bool same_style(const struct cell_style *a, const struct cell_style *b)
{
	return a->ink == b->ink && a->paper == b->paper && a->bold == b->bold &&
	       a->faint == b->faint;
}

/* ECMA-48's SGR, always from the beginning: 0 and what the style adds to it. */
static void print_style(const struct cell_style *style, enum cell_colours colours, FILE *out)
{
	fputs("\x1b[0", out);
	fputs(style->bold ? ";1" : "", out);
	fputs(style->faint ? ";2" : "", out);
	print_colour(style->ink, 38, colours, out);
	print_colour(style->paper, 48, colours, out);
	fputc('m', out);
}

static bool is_blank(const struct cell *cell, enum cell_colours colours)
{
	bool paper = colours != COLOURS_NONE && cell->style.paper != CELL_PLAIN;
	bool empty =
		!cell->dots && !cell->second && (!cell->text[0] || strcmp(cell->text, " ") == 0);
	return empty && !(paper && cell->text[0]);
}

static void print_row(const struct cells *cells, const struct cell *row, enum cell_colours colours,
		      FILE *out)
{
	static const struct cell_style plain = { CELL_PLAIN, CELL_PLAIN, false, false };
	struct cell_style current = plain;
	int n = cells->width;
	while (n > 0 && is_blank(&row[n - 1], colours))
		n--;
	for (int i = 0; i < n; i++) {
		const struct cell *cell = &row[i];
		bool blank = !cell->text[0] && !cell->dots && !cell->second;
		const struct cell_style *style = blank ? &plain : &cell->style;
		if (colours != COLOURS_NONE && !same_style(style, &current)) {
			print_style(style, colours, out);
			current = *style;
		}
		print_cell(cells, cell, out);
	}
	fputs(same_style(&current, &plain) ? "\n" : "\x1b[0m\n", out);
}

void cells_print(const struct cells *cells, enum cell_colours colours, FILE *out)
{
	for (int y = 0; y < cells->height; y++)
		print_row(cells, at(cells, 0, y), colours, out);
}
