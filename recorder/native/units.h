/* DWARF: which functions an address is in, those that were inlined there too. Our own index, since
 * not every compiler writes .debug_aranges, and libdw's search walks a unit at each question. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

struct units {
	Dwarf *dwarf;
	struct unit_range {
		uint64_t start, end;
		size_t unit;
	} * ranges; /* by start */
	size_t n;
	struct unit {
		Dwarf_Off offset;
		bool indexed;
		struct function_range {
			uint64_t start, end;
			Dwarf_Off offset;
		} * functions; /* by start */
		size_t n;
	} * items;
	size_t n_items;
};

/* A call of one into the next. */
struct scope {
	char *function; /* NULL: it has no name */
	char *path; /* as the compiler was told, with the folder that it ran in; NULL: not known */
	int line;
};

enum { SCOPES_MOST = 64 };

void units_open(struct units *units, Dwarf *dwarf); /* which stays the caller's */

/* Innermost first; how many, 0: nothing is known of that address. The texts are the caller's to
 * free. */
size_t units_scopes(struct units *units, uint64_t address, struct scope scopes[SCOPES_MOST]);
void units_free(struct units *units);
