/* What a face can do: the two kinds behind font.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plotter/raster/point.h"

struct raster;
struct text_style;

struct face {
	const char *name;
	/* A face of that family (NULL: the system's sans); NULL when there is none, or no memory.
	 */
	void *(*open)(const char *family);
	/* The family that was found where another was asked for, or NULL. NULL here: the face has
	 * but one. */
	const char *(*instead)(void *state);
	/* The first character that was wanted and that no face here has; 0: there was none. NULL:
	 * the face does not know. */
	uint32_t (*missing)(void *state);
	void (*close)(void *state);
	/* In ems; 0 for marks that combine. */
	double (*advance)(void *state, uint32_t code_point, bool bold);
	/* From `at` on the baseline, whatever the anchor. 0 or -ENOMEM. */
	int (*draw)(void *state, struct raster *raster, struct raster_point at, uint32_t code_point,
		    const struct text_style *style);
};

extern const struct face face_stroke; /* always opens */
#ifdef HAVE_FREETYPE
extern const struct face face_freetype;
#endif
