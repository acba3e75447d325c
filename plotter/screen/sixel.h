/* Pixels in DEC's sixel format, six rows at a time. Knows no chart. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct raster;

/* `registers`: how many colours there may be, 2 to 256; those that are seldom are drawn in the
 * nearest of the others. 0 or -ENOMEM; write errors are left in ferror(out). */
int sixel_put(const struct raster *raster, size_t registers, FILE *out);
