/* What a process has told of its code, for when it has gone before its maps were read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/heap/layout.h"
#include "recorder/heap/region.h"
#include "share/names.h"

/* Into a layout that is empty; it is the process' own word only. false: it has told nothing. */
bool extents_take(struct layout *layout, const struct region *region, size_t slot,
		  struct names *texts);
