/* Where everything of a chart stands on a canvas of pixels: the layout that png and svg share. */
#pragma once

struct canvas;
struct chart;
struct painter;

void figure_draw(const struct chart *chart, const struct canvas *canvas,
		 const struct painter *painter);
