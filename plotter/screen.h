/* A grid of character cells, each with eight dots for drawing between the letters. Knows no chart.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cell {
	uint32_t letter;              /* 0: none; then the dots are shown */
	uint8_t dots;                 /* as in Unicode's braille patterns, U+2800 */
	bool coloured, bold, covered; /* covered: by the wide letter before it */
	bool filled;                  /* the colour is the cell's background */
	uint32_t rgb;
};

struct screen {
	int width, height; /* cells */
	struct cell *cells;
	bool ascii, colour;
};

/* 0 or -ENOMEM. */
int screen_open(struct screen *screen, int width, int height, bool ascii, bool colour);
void screen_close(struct screen *screen);

/* A dot, counted in half cells across and quarter cells down; what lies outside is left out. */
void screen_dot(struct screen *screen, int x, int y, uint32_t rgb);
void screen_line(struct screen *screen, int x0, int y0, int x1, int y1, uint32_t rgb);

/* Text from a cell on, at most `room` cells; returns the cells used. Without `coloured` it has the
 * terminal's own colour. */
int screen_text(struct screen *screen, int x, int y, int room, const char *text, bool coloured,
		uint32_t rgb, bool bold);

/* Gives cells of a row a background. */
void screen_fill(struct screen *screen, int x, int y, int width, uint32_t rgb);

void screen_print(const struct screen *screen, FILE *out);
