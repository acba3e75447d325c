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

/* The same where `more` rows are left out, of so many columns; where there is none, as above. */
void markup_end_table_short(FILE *out, size_t more, size_t columns);

/* A part of a whole: as a bar, and in per cent. */
void markup_share(FILE *out, int64_t part, int64_t all);

/* The bar alone, 0 to 1, without a cell: nothing to those who cannot see it. */
void markup_bar(FILE *out, double part);

/* A cell of figures, as it is read and as it is sorted; "" where there is none. */
void markup_mib(FILE *out, int64_t umib);
void markup_figure(FILE *out, double value, int decimals);
void markup_cell(FILE *out, const char *text);

/* The same as a string of JSON, quotes included, that ends no element which it stands in. */
void markup_json(FILE *out, const char *text);
