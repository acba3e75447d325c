/* Recordings read and drawn, or exported, as a command was told. Part of the commands: says its own
 * faults. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plotter/align.h"
#include "plotter/choose.h"
#include "plotter/many/many.h"
#include "plotter/window.h"
#include "share/growth/own.h"

struct drawing_wish {
	struct picture picture;
	const char *title; /* NULL: the command line */
	struct own own;
	struct window window;
	struct align align;
	bool no_functions, flame, slope, heap, bill, apart;
	bool no_band;        /* of many, each by itself all the same */
	bool heatmap;        /* many as an image */
	enum many_sort sort; /* of its rows */
};

/* The exit status. A recording that cannot be shown is said and left out, as long as another one
 * can. */
int drawing_make(const struct drawing_wish *wish, const char *const paths[], size_t n);
