/* UTF-8 text that is to be shown: one line, bounded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_REPLACEMENT = 0xfffd }; /* what a byte that is no UTF-8 is shown as */

/* The next code point; advances *text. Broken bytes give U+FFFD, one a byte. 0 at the end. */
uint32_t text_next(const char **text);

/* A copy whose control characters are written out ("\n", "\x1b") and whose broken bytes are "\xff":
 * what is left is UTF-8 in one line, with nothing that moves a cursor or turns the direction of
 * writing. The caller frees it; NULL: no memory. */
char *text_printable(const char *text);

/* What is behind the last slash of a path: a part of it; the whole of "folder/". */
const char *text_base_name(const char *path);

/* Character cells in a terminal: 0 for combining marks, 2 for East Asian wide ones. */
int text_cells(uint32_t code_point);

/* How wide a text is, in whatever unit its room is. */
typedef double text_width(void *context, const char *text);

/* Cuts the middle out, "train.py --da…--seed 1", until width(context, text) <= room. `text` is
 * changed in place; it never grows. What fits not even as "…" becomes "". */
void text_shorten(char *text, double room, text_width *width, void *context);

/* Cuts the last of the clauses that ", " and " · " part, in place; false: there is only one. */
bool text_drop_clause(char *text);
