/* Many recordings read and drawn as one picture of how far apart they are. Part of plot: says its
 * own faults. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct drawing_wish;

/* More of them than can be told apart by colour, a folder of them, or some that were merged; and
 * nothing was asked for that is of a few, or of each. */
bool drawing_is_many(const struct drawing_wish *wish, const char *const paths[], size_t n);

/* The exit status. */
int drawing_make_many(const struct drawing_wish *wish, const char *const paths[], size_t n);
