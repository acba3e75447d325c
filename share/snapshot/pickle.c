#include "share/snapshot/pickle.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "share/snapshot/bytes.h"
#include "share/snapshot/plain.h"
#include "share/snapshot/stack.h"

struct machine {
	struct bytes bytes;
	struct stack stack;
	const struct pickle_use *use;
	void *context;
	bool ended;
};

/* What is read of an opcode has been asked for: at most so many bytes stand behind it. */
enum { LONGEST_ARGUMENT = 8 };

static inline uint64_t little_endian(const unsigned char *at, size_t n)
{
	uint64_t value = 0;
	for (size_t i = n; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

/* The argument of the opcode: n bytes, at most LONGEST_ARGUMENT. 0, or an error of bytes_need. */
static inline int take(struct machine *m, size_t n, uint64_t *value)
{
	int r = bytes_need(&m->bytes, n);
	*value = 0;
	if (r < 0)
		return r;
	if (m->bytes.end - m->bytes.at >= LONGEST_ARGUMENT && n > 0) {
		memcpy(value, m->bytes.at, LONGEST_ARGUMENT);
		*value = le64toh(*value) & UINT64_MAX >> (64 - 8 * n);
	} else {
		*value = little_endian(m->bytes.at, n);
	}
	m->bytes.at += n;
	return 0;
}

/* ---- values without items ---- */

static int push(struct machine *m, enum pickle_kind kind, int64_t number)
{
	return stack_push(&m->stack, (struct pickle_value){ .kind = kind, .number = number });
}

static int op_other(struct machine *m, int n)
{
	(void)n;
	return push(m, PICKLE_OTHER, 0);
}

static int op_bool(struct machine *m, int truth)
{
	return push(m, PICKLE_NUMBER, truth);
}

static int op_int(struct machine *m, int n)
{
	uint64_t value;
	int r = take(m, (size_t)n, &value);
	return r < 0 ? r : push(m, PICKLE_NUMBER, n == 4 ? (int32_t)value : (int64_t)value);
}

static int op_float(struct machine *m, int n)
{
	uint64_t value;
	int r = take(m, (size_t)n, &value);
	return r < 0 ? r : push(m, PICKLE_OTHER, 0);
}

/* Of two's complement in any number of bytes. More than 64 bits: a number of no interest. */
static int op_long(struct machine *m, int n)
{
	uint64_t size, value = 0;
	int r = take(m, (size_t)n, &size);
	if (r == 0 && size > 8)
		r = bytes_skip(&m->bytes, size);
	else if (r == 0)
		r = take(m, (size_t)size, &value);
	if (r < 0 || size == 0 || size > 8)
		return r < 0 ? r : push(m, PICKLE_NUMBER, 0);
	return push(m, PICKLE_NUMBER, plain_signed(value, (size_t)size));
}

static int op_bytes(struct machine *m, int n)
{
	uint64_t size;
	int r = take(m, (size_t)n, &size);
	r = r < 0 ? r : bytes_skip(&m->bytes, size);
	return r < 0 ? r : push(m, PICKLE_OTHER, 0);
}

static int op_text(struct machine *m, int n)
{
	char text[PICKLE_TEXT_MOST + 1];
	uint64_t size;
	int r = take(m, (size_t)n, &size);
	if (r == 0 && size > PICKLE_TEXT_MOST) {
		r = bytes_skip(&m->bytes, size);
		return r < 0 ? r : push(m, PICKLE_TEXT, 0);
	}
	r = r < 0 ? r : bytes_need(&m->bytes, (size_t)size);
	if (r < 0)
		return r;
	memcpy(text, m->bytes.at, (size_t)size);
	text[size] = '\0';
	m->bytes.at += size;
	const struct pickle_place place = stack_place_of_text(&m->stack);
	int64_t number = m->use->text(m->context, text, &place);
	return number < 0 ? (int)number : push(m, PICKLE_TEXT, number);
}

/* ---- containers ---- */

/* A pickler that puts down whole lists, however long, would fill the stack with dicts that have
 * been told of already: the last of them goes. */
static void drop_told(struct stack *s)
{
	size_t base = stack_base(s);
	if (s->n <= base || base == 0 || s->values[base - 1].kind != PICKLE_LIST)
		return;
	const struct pickle_value *last = &s->values[s->n - 1];
	if (last->kind == PICKLE_DICT && last->filled && last->number == 0)
		s->n--;
}

static int op_container(struct machine *m, int kind)
{
	if (kind == PICKLE_DICT)
		drop_told(&m->stack);
	int role = stack_role(&m->stack, (enum pickle_kind)kind, m->use, m->context);
	return stack_push(&m->stack,
			  (struct pickle_value){ .kind = (uint8_t)kind, .role = (uint8_t)role });
}

static int op_mark(struct machine *m, int n)
{
	(void)n;
	return stack_mark(&m->stack);
}

/* The values from `first` on go into the container below them. */
static int put_in(struct machine *m, size_t first, int kind)
{
	struct stack *s = &m->stack;
	size_t n = s->n - first;
	if (first == 0 || s->values[first - 1].kind != kind || (kind == PICKLE_DICT && n % 2))
		return -EPROTO;
	struct pickle_value *container = &s->values[first - 1];
	int64_t number = container->number;
	int r = n > 0 && container->role ? m->use->items(m->context, container, container + 1, n)
					 : 0;
	container->filled = true;
	s->n = first;
	return r < 0 || number == container->number ? r : stack_settle(s, container);
}

/* How many values stand above the last mark, or all: no fewer than n. */
static bool has(const struct stack *s, size_t n)
{
	return s->n - stack_base(s) >= n;
}

static int op_set_item(struct machine *m, int n)
{
	return has(&m->stack, (size_t)n + 1)
		       ? put_in(m, m->stack.n - (size_t)n, n == 2 ? PICKLE_DICT : PICKLE_LIST)
		       : -EPROTO;
}

static int op_set_items(struct machine *m, int kind)
{
	size_t first = stack_base(&m->stack);
	if (m->stack.n_marks == 0)
		return -EPROTO;
	m->stack.n_marks--;
	return put_in(m, first, kind);
}

/* Of numbers it is known whether any is not 0. */
static int make_tuple(struct machine *m, size_t first)
{
	int64_t any = 0;
	for (size_t i = first; i < m->stack.n; i++)
		any |= m->stack.values[i].kind == PICKLE_NUMBER && m->stack.values[i].number != 0;
	m->stack.n = first;
	return push(m, PICKLE_NUMBER, any);
}

static int op_tuple(struct machine *m, int n)
{
	return has(&m->stack, (size_t)n) ? make_tuple(m, m->stack.n - (size_t)n) : -EPROTO;
}

static int op_tuple_to_mark(struct machine *m, int n)
{
	(void)n;
	size_t first = stack_base(&m->stack);
	if (m->stack.n_marks == 0)
		return -EPROTO;
	m->stack.n_marks--;
	return make_tuple(m, first);
}

static int op_pop(struct machine *m, int n)
{
	(void)n;
	if (!has(&m->stack, 1))
		return -EPROTO;
	m->stack.n--;
	return 0;
}

static int op_pop_to_mark(struct machine *m, int n)
{
	(void)n;
	if (m->stack.n_marks == 0)
		return -EPROTO;
	m->stack.n = m->stack.marks[--m->stack.n_marks];
	return 0;
}

/* ---- the memo ---- */

static int op_put(struct machine *m, int n)
{
	uint64_t number;
	int r = take(m, (size_t)n, &number);
	if (r == 0 && !has(&m->stack, 1))
		r = -EPROTO;
	return r < 0 ? r : stack_memoize(&m->stack, (uint32_t)number);
}

static int op_memoize(struct machine *m, int n)
{
	(void)n;
	return has(&m->stack, 1) ? stack_memoize(&m->stack, m->stack.memo.n) : -EPROTO;
}

static int op_get(struct machine *m, int n)
{
	uint64_t number;
	int r = take(m, (size_t)n, &number);
	return r < 0 ? r : stack_recall(&m->stack, (uint32_t)number);
}

/* ---- around all ---- */

static int op_protocol(struct machine *m, int n)
{
	uint64_t version;
	int r = take(m, (size_t)n, &version);
	return r < 0 ? r : version >= 2 && version <= 5 ? 0 : -EPROTO;
}

/* Frames only tell how much may be read at once. */
static int op_frame(struct machine *m, int n)
{
	uint64_t size;
	return take(m, (size_t)n, &size);
}

static int op_stop(struct machine *m, int n)
{
	(void)n;
	m->ended = true;
	return m->stack.n == 1 && m->stack.n_marks == 0 ? 0 : -EPROTO;
}

struct operation {
	int (*run)(struct machine *machine, int n); /* NULL: refused */
	int n;
	const char *name; /* of what is refused; NULL: there is no such opcode */
};

static const struct operation operations[256] = {
	['('] = { op_mark, 0, NULL },
	[')'] = { op_tuple, 0, NULL },
	['.'] = { op_stop, 0, NULL },
	['0'] = { op_pop, 0, NULL },
	['1'] = { op_pop_to_mark, 0, NULL },
	['B'] = { op_bytes, 4, NULL },
	['C'] = { op_bytes, 1, NULL },
	['G'] = { op_float, 8, NULL },
	['J'] = { op_int, 4, NULL },
	['K'] = { op_int, 1, NULL },
	['M'] = { op_int, 2, NULL },
	['N'] = { op_other, 0, NULL },
	['T'] = { op_text, 4, NULL },
	['U'] = { op_text, 1, NULL },
	['X'] = { op_text, 4, NULL },
	[']'] = { op_container, PICKLE_LIST, NULL },
	['a'] = { op_set_item, 1, NULL },
	['e'] = { op_set_items, PICKLE_LIST, NULL },
	['h'] = { op_get, 1, NULL },
	['j'] = { op_get, 4, NULL },
	['q'] = { op_put, 1, NULL },
	['r'] = { op_put, 4, NULL },
	['s'] = { op_set_item, 2, NULL },
	['t'] = { op_tuple_to_mark, 0, NULL },
	['u'] = { op_set_items, PICKLE_DICT, NULL },
	['}'] = { op_container, PICKLE_DICT, NULL },
	[0x80] = { op_protocol, 1, NULL },
	[0x85] = { op_tuple, 1, NULL },
	[0x86] = { op_tuple, 2, NULL },
	[0x87] = { op_tuple, 3, NULL },
	[0x88] = { op_bool, 1, NULL },
	[0x89] = { op_bool, 0, NULL },
	[0x8a] = { op_long, 1, NULL },
	[0x8b] = { op_long, 4, NULL },
	[0x8c] = { op_text, 1, NULL },
	[0x8d] = { op_text, 8, NULL },
	[0x8e] = { op_bytes, 8, NULL },
	[0x94] = { op_memoize, 0, NULL },
	[0x95] = { op_frame, 8, NULL },
	/* Classes, calls, and what stands outside of the file. */
	['2'] = { NULL, 0, "DUP" },
	['P'] = { NULL, 0, "PERSID" },
	['Q'] = { NULL, 0, "BINPERSID" },
	['R'] = { NULL, 0, "REDUCE" },
	['b'] = { NULL, 0, "BUILD" },
	['c'] = { NULL, 0, "GLOBAL" },
	['i'] = { NULL, 0, "INST" },
	['o'] = { NULL, 0, "OBJ" },
	[0x81] = { NULL, 0, "NEWOBJ" },
	[0x82] = { NULL, 0, "EXT1" },
	[0x83] = { NULL, 0, "EXT2" },
	[0x84] = { NULL, 0, "EXT4" },
	[0x8f] = { NULL, 0, "EMPTY_SET" },
	[0x90] = { NULL, 0, "ADDITEMS" },
	[0x91] = { NULL, 0, "FROZENSET" },
	[0x92] = { NULL, 0, "NEWOBJ_EX" },
	[0x93] = { NULL, 0, "STACK_GLOBAL" },
	[0x96] = { NULL, 0, "BYTEARRAY8" },
	[0x97] = { NULL, 0, "NEXT_BUFFER" },
	[0x98] = { NULL, 0, "READONLY_BUFFER" },
};

static int step(struct machine *m, const struct operation **operation)
{
	int r = bytes_need(&m->bytes, 1);
	if (r < 0)
		return r;
	*operation = &operations[*m->bytes.at++];
	if (!(*operation)->run)
		return (*operation)->name ? -ENOTSUP : -EPROTO;
	return (*operation)->run(m, (*operation)->n);
}

int pickle_read(struct profile_input *input, const struct pickle_use *use, void *context,
		char why[PICKLE_WHY])
{
	struct machine m = { .use = use, .context = context };
	const struct operation *operation = NULL;
	int r = bytes_open(&m.bytes, input);
	uint64_t at = 0;
	while (r == 0 && !m.ended) {
		if (m.stack.room > 0)
			plain_run(&m.bytes, &m.stack);
		at = bytes_told(&m.bytes);
		r = step(&m, &operation);
	}
	snprintf(why, PICKLE_WHY, "%s%sbyte %llu", r == -ENOTSUP ? operation->name : "",
		 r == -ENOTSUP ? " at " : "", (unsigned long long)at);
	stack_free(&m.stack);
	bytes_close(&m.bytes);
	return r;
}

bool pickle_begins(const unsigned char head[2])
{
	return head[0] == 0x80 && head[1] >= 2 && head[1] <= 5;
}

bool pickle_is_old(const unsigned char head[2])
{
	static const char heads[][3] = { "(d", "(l", "}q", "]q" };
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (memcmp(head, heads[i], 2) == 0)
			return true;
	return false;
}
