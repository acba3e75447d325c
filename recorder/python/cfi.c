#include "recorder/python/cfi.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "recorder/python/functions.h"

enum { MOST_BYTES = 32 << 10, MOST_STATES = 8 };

/* Of DW_CFA_*, DWARF 5, 7.24, and of GNU's and Arm's own. */
enum {
	ADVANCE = 0x40,
	OFFSET = 0x80,
	RESTORE = 0xc0,
	NOP = 0x00,
	SET_LOC,
	ADVANCE_1,
	ADVANCE_2,
	ADVANCE_4,
	OFFSET_EXTENDED,
	RESTORE_EXTENDED,
	UNDEFINED,
	SAME_VALUE,
	REGISTER,
	REMEMBER,
	RECALL,
	DEFINE,
	DEFINE_REGISTER,
	DEFINE_OFFSET,
	DEFINE_EXPRESSION,
	EXPRESSION,
	OFFSET_SIGNED,
	DEFINE_SIGNED,
	DEFINE_OFFSET_SIGNED,
	VALUE_OFFSET,
	VALUE_OFFSET_SIGNED,
	VALUE_EXPRESSION,
	NEGATE_SIGNED_RETURN = 0x2d,
	ARGUMENTS_SIZE = 0x2e,
	OFFSET_NEGATIVE = 0x2f,
};

/* Encodings of a pointer, DW_EH_PE_*: what is beneath bit 4 is its width. */
enum { FROM_HERE = 0x10, ABSOLUTE = 0, UNSIGNED_4 = 3, SIGNED_4 = 0x0b, OMITTED = 0xff };

/* ---- bytes ---- */

struct cursor {
	const uint8_t *bytes;
	size_t at, n;
	bool bad; /* it has been asked for more than there is */
};

static uint64_t take(struct cursor *c, size_t n)
{
	uint64_t value = 0;
	if (c->n - c->at < n) {
		c->bad = true;
		c->at = c->n;
		return 0;
	}
	memcpy(&value, c->bytes + c->at, n);
	c->at += n;
	return value;
}

static uint64_t take_leb(struct cursor *c, bool is_signed)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t byte = take(c, 1);
		value |= (byte & 127) << shift;
		if (byte & 128)
			continue;
		if (is_signed && byte & 64 && shift < 57)
			value |= ~(uint64_t)0 << (shift + 7);
		return value;
	}
	c->bad = true;
	return 0;
}

static void skip(struct cursor *c, uint64_t n)
{
	if (n > c->n - c->at)
		c->bad = true;
	c->at = c->bad ? c->n : c->at + (size_t)n;
}

static uint64_t take_width(struct cursor *c, uint8_t encoding)
{
	uint8_t width = encoding & 15;
	if (width == SIGNED_4)
		return (uint64_t)(int64_t)(int32_t)take(c, 4);
	if (width == UNSIGNED_4)
		return take(c, 4);
	if (width != ABSOLUTE && width != 4 && width != 12)
		c->bad = true;
	return take(c, 8);
}

/* ---- the table of functions ---- */

struct entry { /* of a function, and of what it shares with others */
	uint8_t bytes[MOST_BYTES];
	struct cursor body;
	uint64_t code_factor, low, size;
	int64_t data_factor;
	uint64_t back;
	uint8_t encoding;
	bool augmented;
};

static int read_entry(const struct binary *binary, int fd, uint64_t at, struct entry *entry)
{
	size_t n = binary_bytes(binary, fd, at, entry->bytes, 4096);
	uint32_t length = 0;
	if (n < 8)
		return -ENOENT;
	memcpy(&length, entry->bytes, sizeof length);
	if (length < 4 || length > MOST_BYTES - 4)
		return -ENOTSUP;
	if (length + 4 > n)
		n = binary_bytes(binary, fd, at, entry->bytes, length + 4);
	entry->body = (struct cursor){ entry->bytes, 4, length + 4, false };
	return n < length + 4 ? -ENOENT : 0;
}

/* The letters behind the 'z' tell what data stands there, in their order. */
static void take_augmentation(struct entry *e, const char *letters)
{
	struct cursor *c = &e->body;
	uint64_t size = take_leb(c, false);
	size_t begin = c->at;
	for (; *letters && !c->bad; letters++) {
		uint8_t encoding = *letters == 'P' || *letters == 'L' || *letters == 'R'
					   ? (uint8_t)take(c, 1)
					   : 0;
		if (*letters == 'P')
			take_width(c, encoding);
		else if (*letters == 'R')
			e->encoding = encoding;
		else if (!strchr("LSB", *letters))
			c->bad = true;
	}
	c->at = begin;
	skip(c, size);
}

static int take_common(struct entry *e)
{
	struct cursor *c = &e->body;
	if (take(c, 4) != 0)
		return -ENOTSUP;
	uint64_t version = take(c, 1);
	const char *letters = (const char *)c->bytes + c->at;
	if (!memchr(letters, 0, c->n - c->at) || (version != 1 && version != 3))
		return -ENOTSUP;
	skip(c, strlen(letters) + 1);
	e->code_factor = take_leb(c, false);
	e->data_factor = (int64_t)take_leb(c, true);
	e->back = version == 1 ? take(c, 1) : take_leb(c, false);
	e->encoding = ABSOLUTE;
	e->augmented = letters[0] == 'z';
	if (e->augmented)
		take_augmentation(e, letters + 1);
	return c->bad || (letters[0] && !e->augmented) ? -ENOTSUP : 0;
}

static int take_function(struct entry *e, const struct entry *common, uint64_t at)
{
	struct cursor *c = &e->body;
	skip(c, 4);
	uint64_t here = at + c->at;
	e->low = take_width(c, common->encoding);
	if ((common->encoding & 0x70) == FROM_HERE)
		e->low += here;
	else if ((common->encoding & 0x70) != 0)
		return -ENOTSUP;
	e->size = take_width(c, common->encoding);
	if (common->augmented)
		skip(c, take_leb(c, false));
	return c->bad ? -ENOTSUP : 0;
}

/* ---- the instructions ---- */

struct machine {
	struct cursor *c;
	const struct entry *common;
	uint64_t place, wanted; /* addresses */
	struct cfi_row row, initial, kept[MOST_STATES];
	int n_kept;
};

static void set_rule(struct machine *m, uint64_t which, int64_t offset)
{
	if (which < FAULT_REGISTERS)
		m->row.at[which] =
			offset > INT32_MIN && offset < CFI_LOST ? (int32_t)offset : CFI_LOST;
}

static void restore(struct machine *m, uint64_t which)
{
	if (which < FAULT_REGISTERS)
		m->row.at[which] = m->initial.at[which];
}

static void define(struct machine *m, uint64_t base, int64_t offset)
{
	if (base >= FAULT_REGISTERS || offset <= INT32_MIN || offset >= INT32_MAX)
		m->c->bad = true;
	m->row.base = (int)base;
	m->row.offset = (int32_t)offset;
}

static void take_expression(struct machine *m)
{
	uint64_t n = take_leb(m->c, false);
	m->row.base = -1;
	m->row.n_expression = 0;
	if (n <= CFI_EXPRESSION && n <= m->c->n - m->c->at) {
		memcpy(m->row.expression, m->c->bytes + m->c->at, n);
		m->row.n_expression = (uint8_t)n;
	}
	skip(m->c, n);
}

static void keep(struct machine *m)
{
	if (m->n_kept == MOST_STATES)
		m->c->bad = true;
	else
		m->kept[m->n_kept++] = m->row;
}

static void recall(struct machine *m)
{
	if (m->n_kept == 0)
		m->c->bad = true;
	else
		m->row = m->kept[--m->n_kept];
}

static int64_t factored(struct machine *m, bool is_signed)
{
	return (int64_t)(take_leb(m->c, is_signed) * (uint64_t)m->common->data_factor);
}

static void define_frame(struct machine *m, uint64_t what)
{
	uint64_t base = (uint64_t)m->row.base;
	if (what == DEFINE || what == DEFINE_SIGNED || what == DEFINE_REGISTER)
		base = take_leb(m->c, false);
	int64_t offset = m->row.offset;
	if (what == DEFINE || what == DEFINE_OFFSET)
		offset = (int64_t)take_leb(m->c, false);
	else if (what != DEFINE_REGISTER)
		offset = factored(m, true);
	define(m, base, offset);
}

static void one_register(struct machine *m, uint64_t what)
{
	uint64_t which = take_leb(m->c, false);
	if (what == OFFSET_EXTENDED || what == OFFSET_SIGNED)
		set_rule(m, which, factored(m, what == OFFSET_SIGNED));
	else if (what == OFFSET_NEGATIVE)
		set_rule(m, which, -factored(m, false));
	else if (what == RESTORE_EXTENDED)
		restore(m, which);
	else
		set_rule(m, which, what == SAME_VALUE ? CFI_SAME : CFI_LOST);
	if (what == SAME_VALUE && which < FAULT_REGISTERS)
		m->row.at[which] = CFI_SAME;
	if (what == REGISTER || what == VALUE_OFFSET)
		take_leb(m->c, false);
	else if (what == VALUE_OFFSET_SIGNED)
		take_leb(m->c, true);
	else if (what == EXPRESSION || what == VALUE_EXPRESSION)
		skip(m->c, take_leb(m->c, false));
}

static void extended(struct machine *m, uint64_t what)
{
	if (what >= ADVANCE_1 && what <= ADVANCE_4)
		m->place += take(m->c, (size_t)1 << (what - ADVANCE_1)) * m->common->code_factor;
	else if (what == REMEMBER)
		keep(m);
	else if (what == RECALL)
		recall(m);
	else if ((what >= DEFINE && what <= DEFINE_OFFSET) || what == DEFINE_SIGNED ||
		 what == DEFINE_OFFSET_SIGNED)
		define_frame(m, what);
	else if (what == DEFINE_EXPRESSION)
		take_expression(m);
	else if (what == ARGUMENTS_SIZE)
		take_leb(m->c, false);
	else if (what == SET_LOC || (what > VALUE_EXPRESSION && what != OFFSET_NEGATIVE &&
				     what != NEGATE_SIGNED_RETURN))
		m->c->bad = true;
	else if (what != NOP && what != NEGATE_SIGNED_RETURN)
		one_register(m, what);
}

/* Until the instructions are through, or speak of what lies behind the place that is wanted. */
static void execute(struct machine *m, struct cursor *c)
{
	m->c = c;
	while (c->at < c->n && !c->bad) {
		struct cfi_row before = m->row;
		uint64_t what = take(c, 1), low = what & 0x3f;
		if ((what & 0xc0) == ADVANCE)
			m->place += low * m->common->code_factor;
		else if ((what & 0xc0) == OFFSET)
			set_rule(m, low, factored(m, false));
		else if ((what & 0xc0) == RESTORE)
			restore(m, low);
		else
			extended(m, what);
		if (m->place > m->wanted) {
			m->row = before;
			return;
		}
	}
}

static int run(struct entry *common, struct entry *function, uint64_t address, struct cfi_row *row)
{
	struct machine m = { .common = common, .place = function->low, .wanted = address };
	m.row.base = -1;
	m.row.back = (int)common->back;
	for (size_t i = 0; i < FAULT_REGISTERS; i++)
		m.row.at[i] = CFI_SAME;
	execute(&m, &common->body);
	m.initial = m.row;
	m.place = function->low;
	execute(&m, &function->body);
	*row = m.row;
	row->low = function->low;
	row->high = function->low + function->size;
	bool defined = row->base >= 0 || row->n_expression > 0;
	return common->body.bad || function->body.bad || !defined || common->back >= FAULT_REGISTERS
		       ? -ENOTSUP
		       : 0;
}

int cfi_find(const struct binary *binary, int fd, uint64_t address, struct cfi_row *row)
{
	struct entry function, common;
	uint32_t distance;
	uint64_t at = functions_find(binary, fd, address);
	int e = at ? read_entry(binary, fd, at, &function) : -ENOENT;
	if (e < 0)
		return e;
	memcpy(&distance, function.bytes + 4, sizeof distance);
	e = read_entry(binary, fd, at + 4 - distance, &common);
	if (e == 0)
		e = take_common(&common);
	if (e == 0)
		e = take_function(&function, &common, at);
	if (e == 0 && address - function.low >= function.size)
		e = -ENOENT;
	return e < 0 ? e : run(&common, &function, address, row);
}
