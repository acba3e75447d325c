/* Pixels as a PNG: with a palette where they have few colours. */
#pragma once

#include <stdio.h>

struct canvas;
struct raster;

/* 0 or -errno. */
int png_put(const struct raster *raster, const struct canvas *canvas, FILE *out);
