/* What a sampled heap lacks: said at the end, and kept in the file. */
#pragma once

#include "recorder/heap/heap.h"

void notes_heap_put(const struct heap_probe *heap, struct recording *recording);
void notes_heap_say(const struct heap_probe *heap, const struct recording *recording);
