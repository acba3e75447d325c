/* Strict numbers from a command line or a file: the whole text or nothing, never nan, inf, hex or a
 * locale's comma. Each returns 0, -EINVAL (not such a number) or -ERANGE (too small or too large);
 * the result is untouched on error. */
#pragma once

#include <stdint.h>

int number_decimal(const char *text, double *value); /* [+-]digits[.digits][e[+-]digits] */
int number_whole(const char *text, long *value);     /* [+-]digits */
int number_size(const char *text, uint64_t *bytes);  /* 512B, 1.5G, 512MiB, 2GB; K M G T are
							1024-based, KB MB GB TB 1000-based;
							-EDOM: 512 of what? 0 needs no unit */

/* Two decimals with `separator` between them. */
int number_pair(const char *text, char separator, double *first, double *second);
