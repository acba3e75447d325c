/* What a page's picture shows, for those who cannot see it: of a few intervals the most that each
 * curve held, as a table that is folded away. */
#pragma once

#include <stdio.h>

struct page_data;

void words_put(FILE *out, const struct page_data *data);
