/* Below the curve: the children by their names, and the lines that grew. */
#pragma once

#include "plotter/live/lines.h"
#include "plotter/live/roles.h"
#include "plotter/live/view.h"
#include "plotter/screen/cells.h"

struct tables {
	struct role *roles;
	size_t n_roles;
	struct lines lines;
	unsigned seconds; /* the lines are of the last ones; 0: of all */
};

/* 0 or -ENOMEM, upon which they are empty. */
int tables_make(struct tables *tables, const struct view_of *of, const struct view *view);
void tables_free(struct tables *tables);

/* As many rows as would show all of them. */
int tables_rows(const struct tables *tables, int width);
void tables_put(struct cells *cells, const struct tables *tables);
