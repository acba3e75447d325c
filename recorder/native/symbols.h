/* Names of functions from the symbol tables of ELF files; of what has none in them, where functions
 * begin, from the table that unwinding has (.eh_frame_hdr). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gelf.h>

struct symbol {
	uint64_t start, end; /* end 0: not told */
	const char *name;    /* of the file, while it is open; NULL: it has none */
};

struct symbols {
	struct symbol *items; /* by start, once they are complete */
	size_t n;
	size_t named; /* of the whole table, not only of what others may call */
};

enum { SYMBOLS_MOST = 8 << 20 };

/* Adds those of a file; NULL is accepted. */
void symbols_add(struct symbols *symbols, Elf *elf);
void symbols_add_bare(struct symbols *symbols, Elf *elf);
void symbols_complete(struct symbols *symbols);

/* Whose code that is; NULL: nobody's. */
const struct symbol *symbols_at(const struct symbols *symbols, uint64_t address);
void symbols_free(struct symbols *symbols);
