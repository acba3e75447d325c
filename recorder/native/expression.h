/* DWARF expressions of the kind that unwinding needs: no loops, no calls, bounded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

/* Memory of the thread that is looked at: 8 bytes of it. */
typedef bool expression_read(void *context, uint64_t address, uint64_t *value);

struct expression_world {
	const uint64_t *registers; /* FAULT_REGISTERS of them */
	uint64_t frame;            /* what DW_OP_call_frame_cfa is */
	expression_read *read;
	void *context;
};

/* false: it is not understood, or goes where nothing is to be read. */
bool expression_value(const struct expression_world *world, const Dwarf_Op *ops, size_t n,
		      uint64_t *value);
