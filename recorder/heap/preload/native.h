/* The native stack of this very thread, by its unwind tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/preload/object.h"

enum { NATIVE_PLACES = 48 };

struct native {
	uint64_t addresses[NATIVE_PLACES]; /* right behind each call, innermost first; none of ours
					    */
	size_t n;
	bool more;      /* frames that are left out */
	bool in_signal; /* one of those that were met is a signal's handler */
};

/* `until`: frames of that object and those before them are not told; NULL: all are. */
void native_read(struct native *native, const struct object *until);

/* Does this thread run a signal's handler? true where that cannot be told. */
bool native_in_signal(void);
