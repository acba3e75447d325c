/* From a place in a code object to its line: the tables that CPython keeps for tracebacks. A table
 * may hold anything. The formats: Objects/lnotab_notes.txt (3.9 and 3.10) and
 * InternalDocs/code_objects.md (3.11 and later) of CPython's source. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_table {
	LINE_TABLE_LNOTAB,   /* 3.9 */
	LINE_TABLE_LINES,    /* 3.10 */
	LINE_TABLE_POSITIONS /* 3.11 and later */
};

/* The way through a table: what is known once so many bytes of it were read. */
struct line_cursor {
	size_t at;       /* bytes of the table */
	int64_t address; /* bytes of code: where the range ends that was read last … */
	int64_t line;    /* … and its line */
	int64_t further; /* lines that the next range is on, where that was read before it (3.9) */
	bool none;       /* the range has no line */
};

/* The line of the instruction at `offset` bytes; 0: it has none. */
int line_table_find(enum line_table kind, const uint8_t *table, size_t n, int first,
		    int64_t offset);

/* Marks the way through a long table every LINE_STEP bytes or so: at most `most` cursors, the first
 * at the beginning; how many. */
enum { LINE_STEP = 2048 };
size_t line_table_mark(enum line_table kind, const uint8_t *table, size_t n, int first,
		       struct line_cursor *marks, size_t most);

/* Which of `n` (> 0) marks is the last that is not past the instruction. */
size_t line_table_nearest(const struct line_cursor *marks, size_t n, int64_t offset);

/* As line_table_find, of a piece of the table that begins where the mark was made. */
int line_table_find_from(enum line_table kind, const uint8_t *piece, size_t n,
			 const struct line_cursor *mark, int64_t offset);
