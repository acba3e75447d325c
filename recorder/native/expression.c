#include "recorder/native/expression.h"

#include <dwarf.h>

#include "recorder/tree/fault.h"

enum { DEPTH = 16 };

struct stack {
	uint64_t items[DEPTH];
	size_t n;
};

static bool push(struct stack *s, uint64_t value)
{
	if (s->n == DEPTH)
		return false;
	s->items[s->n++] = value;
	return true;
}

static bool push_register(const struct expression_world *w, struct stack *s, uint64_t number,
			  uint64_t offset)
{
	return number < FAULT_REGISTERS && push(s, w->registers[number] + offset);
}

static bool combine(struct stack *s, uint8_t atom)
{
	if (s->n < 2)
		return false;
	uint64_t b = s->items[--s->n], *a = &s->items[s->n - 1];
	int64_t x = (int64_t)*a, y = (int64_t)b;
	switch (atom) {
	case DW_OP_plus: *a += b; return true;
	case DW_OP_minus: *a -= b; return true;
	case DW_OP_mul: *a *= b; return true;
	case DW_OP_and: *a &= b; return true;
	case DW_OP_or: *a |= b; return true;
	case DW_OP_xor: *a ^= b; return true;
	case DW_OP_shl: *a = b < 64 ? *a << b : 0; return true;
	case DW_OP_shr: *a = b < 64 ? *a >> b : 0; return true;
	case DW_OP_eq: *a = x == y; return true;
	case DW_OP_ne: *a = x != y; return true;
	case DW_OP_ge: *a = x >= y; return true;
	case DW_OP_gt: *a = x > y; return true;
	case DW_OP_le: *a = x <= y; return true;
	case DW_OP_lt: *a = x < y; return true;
	default: return false;
	}
}

static bool change(const struct expression_world *w, struct stack *s, const Dwarf_Op *op)
{
	if (s->n == 0)
		return false;
	uint64_t *top = &s->items[s->n - 1];
	switch (op->atom) {
	case DW_OP_deref: return w->read(w->context, *top, top);
	case DW_OP_plus_uconst: *top += op->number; return true;
	case DW_OP_neg: *top = -*top; return true;
	case DW_OP_not: *top = ~*top; return true;
	case DW_OP_dup: return push(s, *top);
	case DW_OP_drop: s->n--; return true;
	case DW_OP_over: return s->n > 1 && push(s, s->items[s->n - 2]);
	default: return combine(s, op->atom);
	}
}

static bool step(const struct expression_world *w, struct stack *s, const Dwarf_Op *op)
{
	uint8_t atom = op->atom;
	if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		return push(s, atom - DW_OP_lit0);
	if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		return push_register(w, s, atom - DW_OP_breg0, op->number);
	if (atom == DW_OP_bregx)
		return push_register(w, s, op->number, op->number2);
	if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
		return push(s, op->number);
	if (atom == DW_OP_call_frame_cfa)
		return push(s, w->frame);
	return atom == DW_OP_nop || change(w, s, op);
}

bool expression_value(const struct expression_world *w, const Dwarf_Op *ops, size_t n,
		      uint64_t *value)
{
	struct stack stack = { .n = 0 };
	for (size_t i = 0; i < n; i++)
		if (!step(w, &stack, &ops[i]))
			return false;
	if (stack.n == 0)
		return false;
	*value = stack.items[stack.n - 1];
	return true;
}
