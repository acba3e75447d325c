/* A face of our own, drawn as strokes: printable ASCII, Latin-1 and the few other signs that charts
 * use. */
#pragma once

#include <stdint.h>

/* Twenty units to the em; the baseline is 0, small letters reach 10, capitals 14, and tails -4. */
enum { STROKE_EM = 20, STROKE_BEARING = 2 };

/* One character. A stroke is a run of points, two characters each: x from 'A' (0), y from 'e' (0;
 * 'a' is -4). Blanks stand between strokes; one that begins with '~' is a smooth curve through its
 * points, one with '@' a smooth closed one. */
struct stroke_glyph {
	uint32_t code_point;
	int width; /* of the ink; a bearing stands on either side */
	const char *strokes;
};

/* What is made of others: a letter and its accent, or small figures side by side. */
struct stroke_composite {
	uint32_t code_point;
	char base;
	char accent; /* ` ' ^ ~ : o , as they look; 0: none */
};

/* In ascending order; the last one has no strokes. */
extern const struct stroke_glyph stroke_glyphs[];
extern const struct stroke_composite stroke_composites[]; /* likewise; the last one has no base */
