/* From a place in a code object to its line: the tables that CPython keeps for tracebacks. A table
 * may hold anything. The formats: Objects/lnotab_notes.txt (3.9 and 3.10) and
 * InternalDocs/code_objects.md (3.11 and later) of CPython's source. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum line_table {
	LINE_TABLE_LNOTAB,   /* 3.9 */
	LINE_TABLE_LINES,    /* 3.10 */
	LINE_TABLE_POSITIONS /* 3.11 and later */
};

/* The line of the instruction at `offset` bytes; 0: it has none. */
int line_table_find(enum line_table kind, const uint8_t *table, size_t n, int first,
		    int64_t offset);
