/* Pieces of HTML: what comes from a recording is text in it, and nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A table with a caption and a heading for each column, in which columns of figures begin with
 * '#'. Behind it rows, and markup_end_table. */
void markup_table(FILE *out, const char *caption, const char *const headings[], size_t n);
void markup_end_table(FILE *out);

/* A cell of figures, as it is read and as it is sorted; "" where there is none. */
void markup_mib(FILE *out, int64_t umib);
void markup_figure(FILE *out, double value, int decimals);
void markup_cell(FILE *out, const char *text);
