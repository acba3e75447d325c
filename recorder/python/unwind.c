#include "recorder/python/unwind.h"

#include <stdlib.h>
#include <string.h>

#include "share/array.h"

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

enum { TRIES = 4 };

static uint16_t *slot_of(const struct unwinder *u, uint64_t address, size_t try)
{
	size_t hash = (address * 0x9e3779b97f4a7c15) >> 51;
	return &u->slots[(hash + try) % UNWIND_SLOTS];
}
_Static_assert(UNWIND_SLOTS == 1 << (64 - 51), "a hash has as many bits as there are slots");

static void forget_rows(struct unwinder *u)
{
	u->n = 0;
	memset(u->slots, 0, UNWIND_SLOTS * sizeof *u->slots);
}

/* What was not found is looked for again. */
static void forget_failures(struct unwinder *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (!u->rows[i].found)
			u->rows[i].address = 0;
}

/* Where one image has taken another's place, all are looked for again. */
static void check_rows(struct unwinder *u)
{
	if (u->changed != u->images.changed)
		forget_rows(u);
	else if (u->read != u->images.read)
		forget_failures(u);
	u->changed = u->images.changed;
	u->read = u->images.read;
}

static struct unwind_row *find_row(const struct unwinder *u, uint64_t address)
{
	for (size_t i = 0; i < TRIES; i++) {
		uint16_t which = *slot_of(u, address, i);
		if (which > 0 && u->rows[which - 1].address == address)
			return &u->rows[which - 1];
	}
	return NULL;
}

/* A new one, or that which lies in the way. */
static struct unwind_row *add_row(struct unwinder *u, uint64_t address)
{
	size_t n = u->n, try = 0;
	while (try < TRIES && *slot_of(u, address, try))
		try++;
	uint16_t *slot = slot_of(u, address, try < TRIES ? try : 0);
	if (try == TRIES)
		return &u->rows[*slot - 1];
	struct unwind_row *row = array_more(&u->rows, &n, sizeof *row);
	if (row)
		*slot = (uint16_t)(u->n = n);
	return row;
}

static struct unwind_row *read_row(struct unwinder *u, uint64_t address)
{
	struct unwind_row made = { .address = address };
	const struct image *image = images_find(&u->images, address);
	const struct binary_file *file = image ? images_file(&u->images, image) : NULL;
	if (file) {
		made.found =
			cfi_find(&file->binary, file->fd, address - image->shift, &made.row) == 0;
		made.shift = image->shift;
		made.evaluates = image->evaluates;
	}
	check_rows(u);
	if (u->n == UNWIND_ROWS)
		forget_rows(u);
	struct unwind_row *row = add_row(u, address);
	if (row)
		*row = made;
	return row;
}

/* Behind a call that does not return there may be another function already. */
static const struct unwind_row *row_of(struct unwinder *u, const struct unwound *at)
{
	uint64_t address = at->registers[FAULT_PC] - (at->innermost ? 0 : 1);
	if (!u->slots)
		u->slots = calloc(UNWIND_SLOTS, sizeof *u->slots);
	if (!u->slots || !address)
		return NULL;
	const struct unwind_row *row = find_row(u, address);
	if (!row)
		row = read_row(u, address);
	return row && row->found ? row : NULL;
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
	const struct unwind_row *found = row_of(u, at);
	at->base = 0;
	at->evaluates = false;
	if (!found || !find_base(&found->row, at))
		return false;
	at->place = at->registers[FAULT_PC] - found->shift - found->row.low;
	at->evaluates = found->row.low && found->row.low == found->evaluates;
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
	const struct unwind_row *found = row_of(u, at);
	const struct cfi_row *row = found ? &found->row : NULL;
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

void unwind_mapped(struct unwinder *u, uint64_t low, uint64_t high)
{
	images_mapped(&u->images, low, high);
	if (u->slots)
		check_rows(u);
	forget_failures(u);
}

void unwind_forget(struct unwinder *u)
{
	pid_t pid = u->images.pid;
	images_forget(&u->images);
	free(u->rows);
	free(u->slots);
	*u = (struct unwinder){ .images.pid = pid };
}
