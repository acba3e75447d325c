#include "recorder/native/unwind.h"

#include <string.h>

#include "recorder/native/expression.h"

#if defined(__aarch64__)
enum { FRAME_POINTER = 29 };
static const uint64_t ADDRESS = 0x0000ffffffffffff; /* above it, signatures */
#else
enum { FRAME_POINTER = 6 };
static const uint64_t ADDRESS = UINT64_MAX;
#endif

static bool read_stack(void *context, uint64_t address, uint64_t *value)
{
	const struct thread_state *t = context;
	uint64_t at = address - t->bottom;
	if (t->n_stack < sizeof *value || at > t->n_stack - sizeof *value)
		return false;
	return memcpy(value, t->stack + at, sizeof *value), true;
}

static bool frame_of(struct thread_state *t, const struct row *row, uint64_t *frame)
{
	const struct rule *rule = &row->frame;
	const struct expression_world world = { t->registers, 0, read_stack, t };
	if (rule->kind == RULE_COMPUTED)
		return expression_value(&world, row->ops + rule->first, rule->number, frame);
	*frame = t->registers[rule->number] + (uint64_t)(int64_t)rule->offset;
	return true;
}

static bool follow(struct thread_state *t, const struct row *row, const struct rule *rule,
		   uint64_t frame, uint64_t *value)
{
	const struct expression_world world = { t->registers, frame, read_stack, t };
	uint64_t place = frame + (uint64_t)(int64_t)rule->offset;
	switch (rule->kind) {
	case RULE_OFFSET: return read_stack(t, place, value);
	case RULE_VALUE: *value = place; return true;
	case RULE_REGISTER: *value = t->registers[rule->number]; return true;
	case RULE_COMPUTED:
		return expression_value(&world, row->ops + rule->first, rule->number, value);
	case RULE_SAVED_AT:
		return expression_value(&world, row->ops + rule->first, rule->number, &place) &&
		       read_stack(t, place, value);
	default: return true;
	}
}

static bool step_by_row(struct thread_state *t, const struct row *row)
{
	uint64_t next[FAULT_REGISTERS], frame;
	const struct rule *back = &row->registers[row->return_column];
	if (back->kind == RULE_UNDEFINED || !frame_of(t, row, &frame))
		return false;
	memcpy(next, t->registers, sizeof next);
	next[FAULT_SP] = frame;
	for (int i = 0; i < FAULT_REGISTERS; i++) /* one that is lost is missed if it is needed */
		if (!follow(t, row, &row->registers[i], frame, &next[i]) && i == row->return_column)
			return false;
	next[FAULT_PC] = next[row->return_column] & ADDRESS;
	bool stays = next[FAULT_PC] == t->registers[FAULT_PC] && frame == t->registers[FAULT_SP];
	if (next[FAULT_SP] < t->registers[FAULT_SP] || stays)
		return false;
	memcpy(t->registers, next, sizeof next);
	t->called = !row->signal;
	return true;
}

/* The pair that a frame pointer points to: the caller's, then where it goes on. */
static bool step_by_pointer(struct thread_state *t)
{
	uint64_t at = t->registers[FRAME_POINTER], pointer, address;
	if (at < t->registers[FAULT_SP] || !read_stack(t, at, &pointer) ||
	    !read_stack(t, at + 8, &address))
		return false;
	t->registers[FRAME_POINTER] = pointer;
	t->registers[FAULT_SP] = at + 16;
	t->registers[FAULT_PC] = address & ADDRESS;
	t->called = true;
	return true;
}

bool unwind_step(struct thread_state *t, const struct row *row)
{
	bool stepped = row && row->known ? step_by_row(t, row) : step_by_pointer(t);
	return stepped && t->registers[FAULT_PC] > 4096;
}
