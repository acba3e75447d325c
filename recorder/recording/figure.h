/* Bytes, as a recording writes them and as people read them: MiB. */
#pragma once

#include <stdint.h>

#include "share/format.h"

enum { FIGURE_SIZE = 32 };

/* "12.345678", as in MEM. Returns `out`. */
char *figure_write(char out[FIGURE_SIZE], uint64_t bytes);

/* "12.3 MiB", "2.1 GiB". Returns `out`. */
char *figure_say(char out[FORMAT_SIZE], uint64_t bytes);
