/* UTF-8 text that is to be shown: one line, bounded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_REPLACEMENT = 0xfffd }; /* what a byte that is no UTF-8 is shown as */

/* The next code point; advances *text. Broken bytes give U+FFFD, one a byte. 0 at the end. */
uint32_t text_next(const char **text);

/* May it be shown as it is? Not a control, nor what turns the direction of writing, ends a line for
 * somebody, cannot be seen, or is no character (which XML and JSON refuse). */
bool text_is_printable(uint32_t code_point);

enum { TEXT_SHOWN = 16 };

/* The next character as it may be shown, "\x1b" or "\u202e" where it may not as it is; a broken
 * byte is "\xff". Advances *text; returns the length of what is in `out`, 0 at the end. No NUL. */
size_t text_show(const char **text, char out[TEXT_SHOWN]);

/* A copy of what text_show makes of each: UTF-8 in one line. Whatever is printed and comes from a
 * recording, a process or a command line is printed so. The caller frees it; NULL: no memory. */
char *text_printable(const char *text);

bool text_ends_in(const char *text, const char *ending);

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
