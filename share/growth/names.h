/* How a place in Python source is named to people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/growth/table.h"

enum { GROWTH_NAME = 512 }; /* bytes that hold any name here; longer ones are cut */

/* Finds out what growth_path shows of each path: where in it that begins. The caller frees *shown.
 * 0 or -ENOMEM. */
int growth_shorten(char *const paths[], size_t n, size_t **shown);

/* Of a library's file what stands behind the library's folder ("numpy/core/_methods.py"); of any
 * other as much of its end as no other file of the recording shares ("train.py"). Points into the
 * path. */
const char *growth_path(const struct growth *growth, size_t path);

/* "numpy.core._methods"; of a file that is no library's, growth_path with dots. */
char *growth_module(char out[GROWTH_NAME], const struct growth *growth, size_t path);

/* "numpy": the first name of the module. */
char *growth_package(char out[GROWTH_NAME], const struct growth *growth, size_t path);

/* A frame's function, or "…" where frames are left out. Lives as long as the profile. */
const char *growth_label(const struct growth *growth, size_t frame);

/* Has it a file, so that a line of source could be shown? */
bool growth_is_place(const struct growth *growth, size_t frame);

/* A row of a table: "train.py:5 load", "inside libnat.so grow", "thread 77, no Python", "train.py
 * load", "train.py", "numpy.core._methods", "thread 77 of process 70", or in brackets what has no
 * place. */
char *growth_name(char out[GROWTH_NAME], const struct growth *growth, const struct growth_row *row,
		  enum growth_by by);

/* The same, and how that is known: " ~" where it was mostly seen by polling, ", waits for it" where
 * it was mostly other threads that grew. */
char *growth_marked(char out[GROWTH_NAME], const struct growth *growth,
		    const struct growth_row *row, enum growth_by by);
