/* The characters of a Python str, as CPython keeps them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a str's state says: the bytes of a character, and whether they lie right behind its head:
 * behind a short one where all are ASCII. */
struct characters {
	unsigned width; /* 1, 2 or 4 */
	bool compact, ascii;
};

/* false: no str has such a state. */
bool characters_shape(uint32_t state, struct characters *shape);

enum { CHARACTERS_WIDEST = 4 }; /* bytes that one may become */

/* `n` characters as UTF-8 and a NUL, for which there must be room; how many bytes they are without
 * it. A lone surrogate is how Python keeps a byte that is no text: it is that byte again. */
size_t characters_to_utf8(char *out, const uint8_t *characters, size_t n, unsigned width);
