/* The arenas from which CPython hands out its small objects: which there are, and how full. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands before what maps arenas; `first` is called before the first is mapped, when the settings
 * of the program's allocators have been made, and once. */
void python_arenas_begin(void (*first)(void));

/* true: it had been set back, as a Python does that starts once more (from 3.12 on), and we stand
 * there again. */
bool python_arenas_again(void);

/* An arena that was mapped before we stood there. */
void python_arenas_note(const void *pointer, size_t size);

bool python_arenas_size(size_t size); /* may it be that of an arena? */
bool python_arenas_hold(const void *pointer);
bool python_arenas_any(void);

/* Bytes of all blocks that are handed out, and of what is kept beside them in pages that were used:
 * counted by the heads of the pools; of very many, of each so-manieth, scaled. false: there are
 * none, or others stand before us. */
bool python_arenas_figures(uint64_t *used, uint64_t *kept);

void python_arenas_forked(void); /* in a child */
