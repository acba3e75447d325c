/* The whole screen: what stands in which row. */
#pragma once

#include "plotter/live/view.h"

/* A text of exactly view->height lines, each with its newline; the caller frees it. 0 or -errno. */
int frame_make(char **text, const struct view_of *of, const struct view *view);
