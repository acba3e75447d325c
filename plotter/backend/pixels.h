/* A chart as pixels, for the backends that write those. */
#pragma once

struct canvas;
struct chart;
struct raster;

/* Opens the raster and draws on it; the caller closes it. 0 or -errno, upon which it is closed. */
int pixels_draw(const struct chart *chart, const struct canvas *canvas, struct raster *raster);

/* Of what was drawn last: a backend's remark. */
const char *pixels_remark(void);
