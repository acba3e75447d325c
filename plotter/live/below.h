/* Below the curve: the children by their names, and the lines that grew. */
#pragma once

#include "plotter/live/lines.h"
#include "plotter/live/roles.h"
#include "plotter/live/view.h"
#include "plotter/screen/cells.h"

struct below {
	struct role *roles;
	size_t n_roles;
	struct lines lines;
	unsigned seconds; /* the lines are of the last ones; 0: of all */
};

/* 0 or -ENOMEM, upon which they are empty. */
int below_make(struct below *below, const struct view_of *of, const struct view *view);
void below_free(struct below *below);

/* As many rows as would show all of them. */
int below_rows(const struct below *below, int width);
void below_put(struct cells *cells, const struct below *below);
