#include "recorder/python/line_table.h"

#include <limits.h>

struct cursor {
	const uint8_t *at, *end;
};

static int sane(int64_t line)
{
	return line > 0 && line <= INT_MAX ? (int)line : 0;
}

/* Pairs: bytes of code, lines that follow them; -128 lines mean nothing but more of it. */
static int find_by_lnotab(struct cursor c, int64_t line, int64_t offset)
{
	int64_t address = 0;
	for (; c.end - c.at >= 2; c.at += 2) {
		address += c.at[0];
		if (address > offset)
			break;
		line += (int8_t)c.at[1];
	}
	return sane(line);
}

/* Pairs: bytes of code, and how much further its line is than the last; -128: it has none. */
static int find_by_lines(struct cursor c, int64_t line, int64_t offset)
{
	int64_t address = 0;
	for (; c.end - c.at >= 2; c.at += 2) {
		int further = (int8_t)c.at[1];
		address += c.at[0];
		if (further != -128)
			line += further;
		if (address > offset)
			return further == -128 ? 0 : sane(line);
	}
	return sane(line);
}

/* Six bits a byte, the lowest first; the next bit tells whether there are more. */
static uint32_t take_number(struct cursor *c)
{
	uint32_t value = 0;
	for (unsigned shift = 0; c->at < c->end; shift += 6) {
		uint8_t byte = *c->at++;
		if (shift < 32)
			value |= (uint32_t)(byte & 63) << shift;
		if (!(byte & 64))
			break;
	}
	return value;
}

static int64_t take_signed(struct cursor *c)
{
	uint32_t value = take_number(c);
	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

static void skip(struct cursor *c, int n)
{
	c->at += c->end - c->at < n ? c->end - c->at : n;
}

/* Entries: a byte with a kind and a length in units of two bytes, then lines and columns as the
 * kind says. */
static int find_by_positions(struct cursor c, int64_t line, int64_t offset)
{
	enum { ONE_LINE = 10, ONE_LINE_LAST = 12, NO_COLUMNS = 13, LONG = 14, NONE = 15 };
	int64_t address = 0;
	while (c.at < c.end) {
		uint8_t byte = *c.at++;
		int kind = byte >> 3 & 15;
		address += ((byte & 7) + 1) * 2;
		if (kind == LONG || kind == NO_COLUMNS)
			line += take_signed(&c);
		else if (kind >= ONE_LINE && kind <= ONE_LINE_LAST)
			line += kind - ONE_LINE;
		if (kind == LONG) {
			for (int i = 0; i < 3; i++)
				take_number(&c);
		} else if (kind <= ONE_LINE_LAST) {
			skip(&c, kind < ONE_LINE ? 1 : 2);
		}
		if (address > offset)
			return kind == NONE ? 0 : sane(line);
	}
	return sane(line);
}

int line_table_find(enum line_table kind, const uint8_t *table, size_t n, int first, int64_t offset)
{
	struct cursor c = { table, table + n };
	switch (kind) {
	case LINE_TABLE_LNOTAB: return find_by_lnotab(c, first, offset);
	case LINE_TABLE_LINES: return find_by_lines(c, first, offset);
	case LINE_TABLE_POSITIONS: return find_by_positions(c, first, offset);
	}
	return 0;
}
