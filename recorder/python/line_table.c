#include "recorder/python/line_table.h"

#include <limits.h>

static int sane(int64_t line)
{
	return line > 0 && line <= INT_MAX ? (int)line : 0;
}

/* ---- one range of instructions after the other ---- */

struct table {
	enum line_table kind;
	const uint8_t *bytes;
	size_t n;
};

static uint8_t take(const struct table *t, struct line_cursor *c)
{
	return c->at < t->n ? t->bytes[c->at++] : 0;
}

/* Pairs: bytes of code, lines that follow them; -128 lines mean nothing but more of it. */
static bool step_lnotab(const struct table *t, struct line_cursor *c)
{
	if (t->n - c->at < 2)
		return false;
	c->line += c->further;
	c->address += take(t, c);
	c->further = (int8_t)take(t, c);
	return true;
}

/* Pairs: bytes of code, and how much further its line is than the last; -128: it has none. */
static bool step_lines(const struct table *t, struct line_cursor *c)
{
	if (t->n - c->at < 2)
		return false;
	c->address += take(t, c);
	int further = (int8_t)take(t, c);
	c->none = further == -128;
	c->line += c->none ? 0 : further;
	return true;
}

/* Six bits a byte, the lowest first; the next bit tells whether there are more. */
static uint32_t take_number(const struct table *t, struct line_cursor *c)
{
	uint32_t value = 0;
	for (unsigned shift = 0; c->at < t->n; shift += 6) {
		uint8_t byte = take(t, c);
		if (shift < 32)
			value |= (uint32_t)(byte & 63) << shift;
		if (!(byte & 64))
			break;
	}
	return value;
}

static int64_t take_signed(const struct table *t, struct line_cursor *c)
{
	uint32_t value = take_number(t, c);
	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

/* Entries: a byte with a kind and a length in units of two bytes, then lines and columns as the
 * kind says. */
static bool step_positions(const struct table *t, struct line_cursor *c)
{
	enum { ONE_LINE = 10, ONE_LINE_LAST = 12, NO_COLUMNS = 13, LONG = 14, NONE = 15 };
	if (c->at >= t->n)
		return false;
	uint8_t byte = take(t, c);
	int kind = byte >> 3 & 15;
	c->address += ((byte & 7) + 1) * 2;
	c->none = kind == NONE;
	if (kind == LONG || kind == NO_COLUMNS)
		c->line += take_signed(t, c);
	else if (kind >= ONE_LINE && kind <= ONE_LINE_LAST)
		c->line += kind - ONE_LINE;
	for (int i = 0; kind == LONG && i < 3; i++)
		take_number(t, c);
	for (int i = 0; kind <= ONE_LINE_LAST && i < (kind < ONE_LINE ? 1 : 2); i++)
		take(t, c);
	return true;
}

static bool step(const struct table *t, struct line_cursor *c)
{
	static bool (*const steps[])(const struct table *, struct line_cursor *) = {
		[LINE_TABLE_LNOTAB] = step_lnotab,
		[LINE_TABLE_LINES] = step_lines,
		[LINE_TABLE_POSITIONS] = step_positions,
	};
	return steps[t->kind](t, c);
}

/* ---- to a line ---- */

static int find_from(const struct table *t, struct line_cursor c, int64_t offset)
{
	while (step(t, &c))
		if (c.address > offset)
			return c.none ? 0 : sane(c.line);
	return sane(c.line + c.further);
}

int line_table_find(enum line_table kind, const uint8_t *table, size_t n, int first, int64_t offset)
{
	return find_from(&(struct table){ kind, table, n }, (struct line_cursor){ .line = first },
			 offset);
}

size_t line_table_mark(enum line_table kind, const uint8_t *table, size_t n, int first,
		       struct line_cursor *marks, size_t most)
{
	const struct table t = { kind, table, n };
	struct line_cursor c = { .line = first };
	size_t n_marks = 0;
	do {
		if (n_marks < most && (n_marks == 0 || c.at - marks[n_marks - 1].at >= LINE_STEP))
			marks[n_marks++] = c;
	} while (step(&t, &c));
	return n_marks;
}

/* Addresses never go back, so that the marks are in their order. */
size_t line_table_nearest(const struct line_cursor *marks, size_t n, int64_t offset)
{
	size_t low = 0, high = n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (marks[middle].address <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int line_table_find_from(enum line_table kind, const uint8_t *piece, size_t n,
			 const struct line_cursor *mark, int64_t offset)
{
	struct line_cursor c = *mark;
	c.at = 0;
	return find_from(&(struct table){ kind, piece, n }, c, offset);
}
