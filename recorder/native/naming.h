/* What an address is called: the functions that it is in, inlined calls and all. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "recorder/native/modules.h"

enum {
	NAMED_EVAL = 1,     /* CPython runs bytecode there: outward of it is Python's business */
	NAMED_MAIN = 2,     /* outward of it is only what starts programs */
	NAMED_START = 16,   /* is what starts programs, or threads */
	NAMED_NAMELESS = 4, /* only its offset is known */
	NAMED_LINELESS = 8, /* its function is known, its line is not */
};

/* What was found, kept with the module: numbers of `frames` from its `first` on, innermost first.
 * NULL: no memory. */
const struct named *naming_at(struct module *module, uint64_t address, struct frames *frames);

/* The number of a name that a virtual machine gave to code of its own (perf_map.h); "JS:*load
 * /srv/app.js:12:7" is a function of that file, which begins in that line. */
uint32_t naming_made(struct frames *frames, const char *name);
