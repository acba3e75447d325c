/* Where memory grew, and who holds a sampled heap, as stacks of places with figures. */
#pragma once

#include "plotter/export/export.h"
#include "share/growth/growth.h"

/* What of a stack is told. */
enum stacks_of {
	STACKS_GREW,    /* all that grew there */
	STACKS_AT_PEAK, /* what of it stood when all held most; not of a window */
	STACKS_HEAP,    /* what the sampled heap had there at the end */
	STACKS_KINDS,
};

struct stacks {
	const struct profile *profile;
	struct growth growth;
	/* Frames of one line are one place, whoever called it: by frame, its place; by place, one
	 * of its frames. Place 0 is what has no known line. */
	size_t *place_of, *frame_of, n_places;
	int64_t *figures[STACKS_KINDS]; /* umib, by frame; below 0 where more was given back */
};

/* 0 or -ENOMEM; upon both it is to be closed. */
int stacks_open(struct stacks *stacks, const struct export *export);
void stacks_close(struct stacks *stacks);

/* Is there a figure above 0? */
bool stacks_has(const struct stacks *stacks, enum stacks_of of);

/* "grew, mostly by polling: an estimate" … What the figures are, in words. */
enum { STACKS_WORDS = 160 };
const char *stacks_say(char out[STACKS_WORDS], const struct stacks *stacks, enum stacks_of of);

/* A place's function, "thread 77, …", or "(no known line)". The caller frees it. */
char *stacks_name(const struct stacks *stacks, size_t place);
/* The same with file and line: "load (train.py:8)". */
char *stacks_label(const struct stacks *stacks, size_t place);
/* Its file, NULL where it has none; its line, 0: none. */
const char *stacks_file(const struct stacks *stacks, size_t place);
int stacks_line(const struct stacks *stacks, size_t place);
