/* A file that appears whole or not at all: written without a name (or beside its place), then put
 * there by rename(2). One that replaces another can be read by whoever could read that one; what is
 * of another kind is not replaced. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "share/replace.h"

struct output {
	enum replace_kind kind;
	bool replaces; /* something that is not empty */
	FILE *stream;
	char *path;      /* the place; NULL: standard output, or a device or pipe that is written in
			    place */
	char *temporary; /* the name beside it; NULL while the file has none (O_TMPFILE) */
};

/* "-" is standard output. 0 or -errno; -EEXIST: what stands there may not be replaced. */
int output_open(struct output *output, const char *path, enum replace_kind kind);

/* A program that can compress sets this: a stream whose content goes to `plain` compressed, and
 * which ends that, but not the stream, when it is closed; `comment` stands in its head. NULL: no
 * memory. */
extern FILE *(*output_compress)(FILE *plain, const char *comment);

/* Writes what is buffered, closes it and puts the file in its place. 0, or the first error of all
 * writing as -errno, upon which nothing is left behind and a file that stood there before still
 * does. Either way `output` is done with. */
int output_commit(struct output *output);
void output_abandon(struct output *output);
