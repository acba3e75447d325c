/* What a picture is drawn with. Lengths are pixels. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ink {
	uint32_t rgb; /* 0xRRGGBB */
	double alpha; /* 0 … 1 */
};

/* Joins are round. */
struct pen {
	double width;
	double dash; /* drawn and left out in turn; 0: solid */
	bool round;  /* the ends; else butt */
	struct ink ink;
};

enum anchor { ANCHOR_LEFT, ANCHOR_MIDDLE, ANCHOR_RIGHT }; /* of a text's place */

struct text_style {
	double size; /* an em */
	bool bold;
	enum anchor anchor;
	struct ink ink;
};
