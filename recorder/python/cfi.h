/* How to get from a place in a function to its caller: the unwinding tables that compilers leave in
 * programs (.eh_frame). Tables may hold anything. The format: DWARF 5, 6.4, with the differences
 * that the Linux Standard Base has for .eh_frame. */
#pragma once

#include <stdint.h>

#include "recorder/python/binary.h"
#include "recorder/tree/fault.h"

enum { CFI_EXPRESSION = 32 }; /* bytes of the longest that is kept: that of PLTs has 11 */

/* What an offset is where the register is not kept in memory. */
enum { CFI_SAME = INT32_MAX, CFI_LOST = INT32_MAX - 1 };

struct cfi_row {
	uint64_t low,
		high;   /* of the function, in the file's terms: the first byte, behind the last */
	int base;       /* CFA = that register + offset; -1: by the expression */
	int32_t offset; /* bytes */
	int32_t at[FAULT_REGISTERS]; /* of each register of the caller: from the CFA, bytes */
	int back;                    /* the register that holds where to return to */
	uint8_t expression[CFI_EXPRESSION];
	uint8_t n_expression;
};

/* 0; -ENOENT: no table speaks of that address; -ENOTSUP: it says what we do not understand. */
int cfi_find(const struct binary *binary, int fd, uint64_t address, struct cfi_row *row);
