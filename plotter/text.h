/* UTF-8 text that is to be shown: one line, bounded. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The next code point; advances *text. Broken bytes give U+FFFD, one a byte. 0 at the end. */
uint32_t text_next(const char **text);

/* A copy in which control characters are U+FFFD-free escapes (\n → "\\n") and broken bytes are
 * "\\xNN"; NULL: no memory. */
char *text_printable(const char *text);

/* Cuts the middle out, "train.py --da…--seed 1", until width(context, text) <= room. `text` is
 * changed in place. */
void text_shorten(char *text, double room, double (*width)(void *context, const char *text),
		  void *context);
