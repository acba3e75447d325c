/* A chart as a PNG in memory, for terminals that are sent one. */
#pragma once

#include <stddef.h>

struct canvas;
struct chart;

/* 0 or -errno. The caller frees *bytes. */
int inlay_png(const struct chart *chart, const struct canvas *canvas, char **bytes, size_t *n);
