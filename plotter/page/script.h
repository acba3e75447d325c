/* The page's script: of its parts those that the page has a use for. */
#ifndef PLOTTER_PAGE_SCRIPT_H
#define PLOTTER_PAGE_SCRIPT_H

#include <stdio.h>

struct page_data;

void script_put_style(FILE *out);
void script_put(FILE *out, const struct page_data *d);
/* The same for a picture of many. */
void script_put_many(FILE *out);

#endif
