/* What is mapped to be executed in a process: which file's code lies at an address. */
#pragma once

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/python/binary.h"

struct image {
	uint64_t low, high, offset; /* addresses of the process; of the file */
	uint64_t device, inode;
	char *path; /* as the process sees it; NULL: it is no file */
	int state;  /* 0: not yet looked into; -errno: nothing can be told of it; 1: what follows */
	struct binary binary;
	uint64_t shift;     /* an address of the process - the file's own */
	uint64_t evaluates; /* the file's address of CPython's bytecode loop; 0: it has none */
};

struct images {
	pid_t pid;
	struct image *all; /* by address */
	size_t n;
	int64_t next; /* monotonic ns: when they may be read again */
};

/* The one at `address`, looked into, or NULL. Reads the list of mappings where the address is not
 * in it, but seldom. */
struct image *images_find(struct images *images, uint64_t address);

/* Its file, of which nobody but the caller holds a descriptor, or -errno. */
int image_open(const struct images *images, const struct image *image);

void images_forget(struct images *images);
