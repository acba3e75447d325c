/* The Python stack of this very thread as places: what a sample is charged to. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Stands for frames that are left out, and is no place: of a deep recursion the innermost and the
 * outermost are told. */
enum { PYTHON_LEFT_OUT = 1 };

/* Innermost first, each as place_of_python numbers them; at most PYTHON_PLACES. 0: this thread runs
 * no Python, or it cannot be told. */
enum { PYTHON_PLACES = 49 };
size_t python_places(uint32_t places[PYTHON_PLACES]);

void python_places_forked(void); /* in a child */
