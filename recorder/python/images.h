/* What is mapped to be executed in a process: which file's code lies at an address. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/python/binaries.h"

struct image {
	uint64_t low, high, offset; /* addresses of the process; of the file */
	uint64_t device, inode;
	char *path; /* as the process sees it; NULL: it is no file */
	int state;  /* 0: not yet looked into; -errno: nothing can be told of it; 1: what follows */
	uint64_t shift;     /* an address of the process - the file's own */
	uint64_t evaluates; /* the file's address of CPython's bytecode loop; 0: it has none */
};

struct images {
	pid_t pid;
	struct image *all; /* by address */
	size_t n;
	int64_t next;     /* monotonic ns: when they may be read again … */
	int64_t pause;    /* … and how long after that */
	unsigned changed; /* counts the readings after which an image was no more what it had been
			     … */
	unsigned read;    /* … and all of them */
};

/* The one at `address`, looked into, or NULL. Reads the list of mappings where the address is not
 * in it, but seldom. */
const struct image *images_find(struct images *images, uint64_t address);

/* Its file, valid until the next one is asked for, or NULL. */
const struct binary_file *images_file(const struct images *images, const struct image *image);

/* Something was mapped there: what is not found is looked for at once, and what was there before is
 * no more. */
void images_mapped(struct images *images, uint64_t low, uint64_t high);

void images_forget(struct images *images);
