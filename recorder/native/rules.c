#include "recorder/native/rules.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

void rules_open(struct rules *r, Elf *elf)
{
	*r = (struct rules){ .cfi = { dwarf_getcfi_elf(elf) }, .own = true };
}

void rules_add(struct rules *r, Dwarf *dwarf)
{
	r->cfi[1] = dwarf_getcfi(dwarf);
}

static void free_rows(struct rules *r)
{
	for (size_t i = 0; i < r->room; i++)
		if (r->rows[i]) {
			free(r->rows[i]->ops);
			free(r->rows[i]);
		}
	free(r->rows);
	r->rows = NULL;
	r->n = r->room = 0;
}

void rules_free(struct rules *r)
{
	free_rows(r);
	if (r->cfi[0])
		dwarf_cfi_end(r->cfi[0]);
	*r = (struct rules){ 0 };
}

/* ---- what libdw says, into our form ---- */

static bool keep_ops(struct row *row, struct rule *rule, const Dwarf_Op *ops, size_t n)
{
	if (n > RULE_OPS || row->n_ops + n > UINT8_MAX)
		return false;
	Dwarf_Op *more = realloc(row->ops, (row->n_ops + n) * sizeof *more);
	if (!more)
		return false;
	memcpy(more + row->n_ops, ops, n * sizeof *ops);
	row->ops = more;
	rule->first = row->n_ops;
	rule->number = (uint8_t)n;
	row->n_ops = (uint8_t)(row->n_ops + n);
	return true;
}

static bool fits(Dwarf_Word number)
{
	return (int64_t)number >= INT32_MIN && (int64_t)number <= INT32_MAX;
}

/* "breg7 +16", or whatever else. */
static bool set_frame(struct row *row, const Dwarf_Op *ops, size_t n)
{
	bool by_register = n == 1 && ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31 &&
			   fits(ops[0].number);
	if (by_register && ops[0].atom - DW_OP_breg0 < FAULT_REGISTERS) {
		row->frame = (struct rule){ .kind = RULE_OFFSET,
					    .number = (uint8_t)(ops[0].atom - DW_OP_breg0),
					    .offset = (int32_t)ops[0].number };
		return true;
	}
	row->frame.kind = RULE_COMPUTED;
	return n > 0 && keep_ops(row, &row->frame, ops, n);
}

/* dwarf_frame_register(3): an expression of where it is saved, or with stack_value of what it is;
 * in a register; none and no place at all: it is the caller's still. */
static bool set_register(struct row *row, struct rule *rule, const Dwarf_Op *ops, size_t n)
{
	if (n == 0) {
		rule->kind = ops ? RULE_UNDEFINED : RULE_SAME;
		return true;
	}
	bool value = n > 1 && ops[n - 1].atom == DW_OP_stack_value;
	size_t rest = n - value;
	bool plain = rest == 2 && ops[1].atom == DW_OP_plus_uconst && fits(ops[1].number);
	if (ops[0].atom == DW_OP_call_frame_cfa && (rest == 1 || plain)) {
		rule->kind = value ? RULE_VALUE : RULE_OFFSET;
		rule->offset = plain ? (int32_t)ops[1].number : 0;
		return true;
	}
	if (n == 1 && ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31 &&
	    ops[0].atom - DW_OP_reg0 < FAULT_REGISTERS) {
		rule->kind = RULE_REGISTER;
		rule->number = (uint8_t)(ops[0].atom - DW_OP_reg0);
		return true;
	}
	rule->kind = value ? RULE_COMPUTED : RULE_SAVED_AT;
	return keep_ops(row, rule, ops, rest);
}

static bool set_row(struct row *row, Dwarf_Frame *frame)
{
	Dwarf_Op memory[3], *ops;
	size_t n;
	bool signal;
	int column = dwarf_frame_info(frame, NULL, NULL, &signal);
	if (column < 0 || column >= FAULT_REGISTERS || dwarf_frame_cfa(frame, &ops, &n) != 0 ||
	    !set_frame(row, ops, n))
		return false;
	for (int i = 0; i < FAULT_REGISTERS; i++)
		if (dwarf_frame_register(frame, i, memory, &ops, &n) != 0 ||
		    !set_register(row, &row->registers[i], ops, n))
			return false;
	row->signal = signal;
	row->return_column = (uint8_t)column;
	return true;
}

static struct row *make_row(struct rules *r, uint64_t address)
{
	struct row *row = calloc(1, sizeof *row);
	if (!row)
		return NULL;
	row->address = address;
	for (size_t i = 0; i < 2 && !row->known; i++) {
		Dwarf_Frame *frame = NULL;
		if (r->cfi[i] && dwarf_cfi_addrframe(r->cfi[i], address, &frame) == 0)
			row->known = set_row(row, frame);
		free(frame);
	}
	return row;
}

/* ---- those that were asked for ---- */

static struct row **slot_of(struct row **rows, size_t room, uint64_t address)
{
	uint64_t hash = address * 0x9e3779b97f4a7c15;
	for (size_t at = hash >> 20;; at++) {
		struct row **slot = &rows[at & (room - 1)];
		if (!*slot || (*slot)->address == address)
			return slot;
	}
}

static bool make_room(struct rules *r)
{
	if (r->n >= RULES_MOST)
		free_rows(r);
	if (r->n * 2 < r->room)
		return true;
	size_t room = r->room ? r->room * 2 : 64;
	struct row **rows = calloc(room, sizeof *rows);
	if (!rows)
		return false;
	for (size_t i = 0; i < r->room; i++)
		if (r->rows[i])
			*slot_of(rows, room, r->rows[i]->address) = r->rows[i];
	free(r->rows);
	r->rows = rows;
	r->room = room;
	return true;
}

const struct row *rules_at(struct rules *r, uint64_t address)
{
	if (!make_room(r))
		return NULL;
	struct row **slot = slot_of(r->rows, r->room, address);
	if (!*slot && (*slot = make_row(r, address)))
		r->n++;
	return *slot;
}
