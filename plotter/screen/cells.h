/* A screen of character cells: text, and lines of dots, of which a cell holds two across and four
 * down (Unicode's braille patterns, U+2800; in ASCII the nearest stroke). Knows no chart. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CELL_PLAIN = -1 }; /* a colour: the terminal's own */

struct cell_style {
	int32_t ink, paper; /* 0xRRGGBB or CELL_PLAIN */
	bool bold, faint;
};

struct cell {
	char text[12]; /* one character and what combines with it; "": none */
	uint8_t dots;  /* bits as in a braille pattern */
	bool second;   /* the right half of a wide character */
	bool soft;     /* a grid line: anything may take its place */
	char letter;   /* what dots are written as in ASCII; 0: strokes */
	struct cell_style style;
};

struct cells {
	int width, height;
	bool ascii;
	struct cell *items; /* rows from the top */
};

struct cell_box {
	int x, y, w, h;
};

enum cell_colours { COLOURS_NONE, COLOURS_256, COLOURS_TRUE };

/* As many as the terminal says that it has (COLORTERM); none unless `colour`. */
enum cell_colours cells_colours(bool colour);

/* 0, -EINVAL (a side < 1 or > 10000) or -ENOMEM. */
int cells_open(struct cells *cells, int width, int height, bool ascii);
void cells_close(struct cells *cells);

/* How many cells a text is wide. */
int cells_width(const char *text);

/* Writes a text, shortened in the middle to `room` cells and to the screen; returns its width. */
int cells_text(struct cells *cells, int x, int y, const char *text, int room,
	       const struct cell_style *style);

/* Writes one of two characters, the second where only ASCII may be used. Outside the screen:
 * nothing. */
void cells_put(struct cells *cells, int x, int y, const char *character, char ascii,
	       const struct cell_style *style);

/* The same for a grid: only where nothing is yet, and giving way to all that comes. */
void cells_put_soft(struct cells *cells, int x, int y, const char *character, char ascii,
		    const struct cell_style *style);

/* Do these cells hold neither text nor dots? Outside the screen is not free. */
bool cells_are_free(const struct cells *cells, int x, int y, int width);

struct cell_pen {
	struct cell_style style;
	char letter; /* as in struct cell */
	int dash;    /* dots drawn and left out in turn; 0: solid */
};

/* A straight line between two points in dots from the box's upper left corner, clipped to it. */
void cells_line(struct cells *cells, const struct cell_box *box, const double from[2],
		const double to[2], const struct cell_pen *pen);

/* A light pattern of dots between such a line and the box's lower edge; not in ASCII. */
void cells_shade(struct cells *cells, const struct cell_box *box, const double from[2],
		 const double to[2], const struct cell_style *style);

/* Lines without trailing blanks. */
void cells_print(const struct cells *cells, enum cell_colours colours, FILE *out);
