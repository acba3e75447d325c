/* Pieces of JSON (RFC 8259). */
#pragma once

#include <stdio.h>

/* The text in its quotes, what is not printable as \u202e; bytes that are no UTF-8 become U+FFFD.
 */
void json_text(FILE *out, const char *text);

void json_text_or_null(FILE *out, const char *text); /* NULL: what is not known */
