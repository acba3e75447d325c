/* What a picture is drawn on: how large it is, in which colours and letters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct theme;

struct canvas {
	double width, height; /* pixels, or for `cells` backends character cells; scale included */
	double scale;         /* dpi / 96: lines and text grow with it */
	double dpi;
	const struct theme *theme;
	const char *font;   /* family; "builtin": the stroke face; NULL: the system's sans */
	const char *format; /* the output's extension in lower case ("svg"), or NULL: the backend's
			       first */
	bool ascii;         /* no character beyond ASCII may be used to draw */
	bool colour;        /* terminal: escape sequences are welcome */
	int columns;        /* of the terminal that a picture is to be as wide as; 0: not told */
	size_t registers;   /* colours that a terminal can show at once; 0: not told */
	bool window;        /* open a window instead of writing to a stream */
};
