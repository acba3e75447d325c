/* Code objects of another process, read once and known again: by their address and by the pointers
 * that they hold, since an address is given out anew. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "recorder/python/line_table.h"
#include "recorder/python/runtime.h"

enum { CODE_KEYS = 4 }; /* file, name, qualified name or 0, table of lines: pointers */

struct code {
	uint64_t at, keys[CODE_KEYS];
	char *file, *name;         /* UTF-8; the name is qualified where Python knows that (3.11) */
	uint8_t *table;            /* of lines; NULL where it is long: pieces are read anew … */
	size_t size;               /* … bytes of it … */
	struct line_cursor *marks; /* … and the way through one that is not short */
	size_t n_marks;
	int first;         /* line; > 0 */
	struct code *next; /* of the same hash */
};

struct codes {
	struct code **slots;
	size_t n, n_slots;
	size_t bytes;       /* of all that is kept of them */
	uint64_t type;      /* of code objects: its address; 0: not yet known */
	size_t work;        /* bytes of tables gone through since codes_trim */
	unsigned forgotten; /* how often all were: what was handed out before is no more */
};

/* What must be read of a code object at each use, and where it begins in it; the pointers in it are
 * its keys. */
enum { CODE_HEAD = 32 };
int code_head(const struct offsets *offsets);
void code_keys(const struct offsets *offsets, const uint8_t head[CODE_HEAD],
	       uint64_t keys[CODE_KEYS]);

/* The code object there, or NULL: what stands there is none, or there is no more room for it until
 * codes_trim. Lives until then. */
const struct code *codes_find(struct codes *codes, const struct runtime *runtime, uint64_t at,
			      const uint64_t keys[CODE_KEYS]);

/* The line of the instruction at `offset` bytes of it; where it has none of its own, or that is not
 * known, the first of the code object. */
int code_line(const struct code *code, const struct runtime *runtime, int64_t offset);
void codes_trim(struct codes *codes); /* forgets all when they are many, or large */
void codes_free(struct codes *codes);
