#include "recorder/python/unwind.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a function gives back as it was, by the calling conventions: System V for x86-64, AAPCS64.
 */
#if defined(__aarch64__)
static const uint64_t KEPT = (uint64_t)0x7ff << 19;
static const uint64_t ADDRESS = ((uint64_t)1 << 48) - 1; /* above it a return address is signed */
#else
static const uint64_t KEPT = 1 << 3 | 1 << 6 | 0xf << 12;
static const uint64_t ADDRESS = ~(uint64_t)0;
#endif

static const uint64_t ONE = 1;

bool unwind_word(const struct fault *fault, uint64_t address, uint64_t *word)
{
	uint64_t at = address - fault->registers[FAULT_SP];
	if (address < fault->registers[FAULT_SP] || fault->n_stack < sizeof *word ||
	    at > fault->n_stack - sizeof *word)
		return false;
	memcpy(word, fault->stack + at, sizeof *word);
	return true;
}

bool unwind_begin(const struct fault *fault, struct unwound *at)
{
	if (!fault->registers || !fault->stack)
		return false;
	*at = (struct unwound){ .known = ~(uint64_t)0, .innermost = true };
	memcpy(at->registers, fault->registers, sizeof at->registers);
	return true;
}

/* ---- rows ---- */

static size_t slot_of(uint64_t address)
{
	return (address * 0x9e3779b97f4a7c15) >> 52;
}
_Static_assert(UNWIND_ROWS == 1 << (64 - 52), "a hash has as many bits as there are rows");

static bool read_row(struct unwinder *u, uint64_t address, size_t slot)
{
	const struct image *image = images_find(&u->images, address);
	int fd = image ? image_open(&u->images, image) : -1;
	if (fd < 0)
		return false;
	int e = cfi_find(&image->binary, fd, address - image->shift, &u->rows[slot].row);
	close(fd);
	u->rows[slot].address = e == 0 ? address : 0;
	u->rows[slot].shift = image->shift;
	u->rows[slot].evaluates = image->evaluates;
	return e == 0;
}

/* Behind a call that does not return there may be another function already. */
static const struct cfi_row *row_of(struct unwinder *u, const struct unwound *at, size_t *slot)
{
	uint64_t address = at->registers[FAULT_PC] - (at->innermost ? 0 : 1);
	if (!u->rows)
		u->rows = calloc(UNWIND_ROWS, sizeof *u->rows);
	if (!u->rows || !address)
		return NULL;
	*slot = slot_of(address);
	if (u->rows[*slot].address != address && !read_row(u, address, *slot))
		return NULL;
	return &u->rows[*slot].row;
}

/* The expression that linkers write for their tables of jumps: the counter's place within an entry
 * tells whether one word was pushed or two. */
static bool is_of_jumps(const struct cfi_row *row)
{
	static const uint8_t expected[] = { 0x77, 8,    0x80, 0,    0x3f, 0x1a,
					    0x3b, 0x2a, 0x33, 0x24, 0x22 };
	return row->n_expression == sizeof expected && memcmp(row->expression, expected, 6) == 0 &&
	       memcmp(row->expression + 7, expected + 7, 4) == 0;
}

static bool find_base(const struct cfi_row *row, struct unwound *at)
{
	const uint64_t *registers = at->registers;
	if (row->base >= 0) {
		if (!(at->known >> row->base & 1))
			return false;
		at->base = registers[row->base] + (uint64_t)(int64_t)row->offset;
		return true;
	}
	if (FAULT_SP != 7 || !is_of_jumps(row))
		return false;
	bool pushed = (registers[FAULT_PC] & 15) >= (row->expression[6] & 31u);
	at->base = registers[FAULT_SP] + 8 + (pushed ? 8 : 0);
	return true;
}

bool unwind_look(struct unwinder *u, struct unwound *at)
{
	size_t slot;
	const struct cfi_row *row = row_of(u, at, &slot);
	at->base = 0;
	at->evaluates = false;
	if (!row || !find_base(row, at))
		return false;
	at->place = at->registers[FAULT_PC] - u->rows[slot].shift - row->low;
	at->evaluates = row->low && row->low == u->rows[slot].evaluates;
	return true;
}

/* ---- up ---- */

static bool take_registers(const struct fault *fault, const struct cfi_row *row,
			   const struct unwound *at, struct unwound *up)
{
	for (int i = 0; i < FAULT_REGISTERS; i++) {
		bool same = row->at[i] == CFI_SAME && at->known >> i & 1 &&
			    (KEPT >> i & 1 || i == row->back);
		bool saved = row->at[i] != CFI_SAME && row->at[i] != CFI_LOST &&
			     unwind_word(fault, at->base + (uint64_t)(int64_t)row->at[i],
					 &up->registers[i]);
		if (same)
			up->registers[i] = at->registers[i];
		if (same || saved)
			up->known |= ONE << i;
	}
	return up->known >> row->back & 1;
}

/* Where no table knows the way, the chain of frame pointers may. */
static bool by_chain(const struct fault *fault, const struct unwound *at, struct unwound *up)
{
	enum { FRAME = FAULT_SP == 7 ? 6 : 29 };
	uint64_t frame = at->registers[FRAME];
	if (!(at->known >> FRAME & 1) || !unwind_word(fault, frame, &up->registers[FRAME]) ||
	    !unwind_word(fault, frame + 8, &up->registers[FAULT_PC]))
		return false;
	up->registers[FAULT_SP] = frame + 16;
	up->known = ONE << FRAME | ONE << FAULT_SP | ONE << FAULT_PC;
	return true;
}

bool unwind_up(struct unwinder *u, const struct fault *fault, struct unwound *at)
{
	struct unwound up = { .innermost = false };
	size_t slot;
	const struct cfi_row *row = row_of(u, at, &slot);
	if (row && at->base) {
		if (!take_registers(fault, row, at, &up))
			return false;
		up.registers[FAULT_PC] = up.registers[row->back] & ADDRESS;
		up.registers[FAULT_SP] = at->base;
		up.known |= ONE << FAULT_PC | ONE << FAULT_SP;
	} else if (!by_chain(fault, at, &up)) {
		return false;
	}
	/* The stack grows down, so callers lie above: else it goes round in a circle. */
	bool on = up.registers[FAULT_SP] > at->registers[FAULT_SP] || at->innermost;
	*at = up;
	return on && at->registers[FAULT_PC] != 0;
}

void unwind_forget(struct unwinder *u)
{
	images_forget(&u->images);
	free(u->rows);
	u->rows = NULL;
}
