/* Edges of an outline → how much of each pixel lies inside: exact area coverage by accumulation.
 * Every edge adds, in each row that it crosses, its height to the pixels right of it and the
 * covered part of that height to the pixel that it runs through; a running sum along the row then
 * gives the winding number times the covered area. The rows are worked on in bands, so that the
 * scratch memory stays small whatever the picture's size. */
#pragma once

#include <stdint.h>

enum { EDGES_FULL = 16 }; /* the coverage of a pixel that is wholly inside */

struct raster_edges; /* opaque; kept between pictures, owns its scratch memory */

struct edges_clip {
	int left, top, right, bottom; /* pixels, right and bottom excluded, each below 2^15 */
};

/* One row of the result: `n` pixels from (x, y), each 0 … EDGES_FULL. */
typedef void edges_row(void *context, int x, int y, int n, const uint8_t *coverage);

/* Starts a new outline; makes *edges when it is NULL. 0 or -ENOMEM. */
int edges_begin(struct raster_edges **edges, const struct edges_clip *clip);

/* Finite coordinates only, of any size. Together the edges of an outline must be closed polygons.
 */
void edges_add(struct raster_edges *edges, double x0, double y0, double x1, double y1);

/* Hands over every row that is touched: 0 or -ENOMEM (an edge was lost, nothing is handed over). */
int edges_end(struct raster_edges *edges, edges_row *row, void *context);

void edges_free(struct raster_edges *edges);
