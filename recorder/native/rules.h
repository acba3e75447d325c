/* How to get from a call to its caller: what .eh_frame and .debug_frame say of an address, kept in
 * a form that is quick to follow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "recorder/tree/fault.h"

enum { RULE_OPS = 24, RULES_MOST = 1 << 16 };

enum rule_kind {
	RULE_SAME,
	RULE_UNDEFINED, /* of the return address: there is no caller */
	RULE_OFFSET,    /* it is saved so far from the frame's address */
	RULE_VALUE,     /* it is the frame's address and so much */
	RULE_REGISTER,  /* it is in another one */
	RULE_SAVED_AT,  /* an expression gives where it is saved */
	RULE_COMPUTED,  /* an expression gives it */
};

struct rule {
	uint8_t kind;
	uint8_t number; /* of the other register; of how many ops there are */
	uint16_t first; /* of the ops */
	int32_t offset;
};

struct row {
	uint64_t address;
	bool known;  /* false: nothing is said of that address */
	bool signal; /* the caller was interrupted there, it has not called */
	uint8_t return_column;
	uint8_t n_ops;
	struct rule frame; /* RULE_OFFSET from a register, or RULE_COMPUTED */
	struct rule registers[FAULT_REGISTERS];
	Dwarf_Op *ops; /* of all its expressions */
};

struct rules {
	Dwarf_CFI *cfi[2];
	bool own;          /* the first is to be ended */
	struct row **rows; /* by hash */
	size_t n, room;
};

void rules_open(struct rules *rules, Elf *elf);
void rules_add(struct rules *rules, Dwarf *dwarf);

/* NULL: no memory. */
const struct row *rules_at(struct rules *rules, uint64_t address);
void rules_free(struct rules *rules);
