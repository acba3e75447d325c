/* A page's chart with the samples themselves, as far as a page can hold them: every one, or where
 * they are too many the first, the lowest, the highest and the last of each stretch of time. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct chart;
struct chart_wish;
struct profile;

/* How many columns each of n recordings is to be read with: struct profile_wish. */
size_t dense_columns(size_t n);

/* As chart_make, but for the columns wished for. */
int dense_make(struct chart *dense, const struct profile *const profiles[], size_t n,
	       const struct chart_wish *wish);

/* Says on the page what is left out; nothing where all samples are there. */
void dense_say(FILE *out, const struct chart *dense, const struct profile *const profiles[],
	       size_t n);
