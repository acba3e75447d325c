/* The files that code is run from, each looked into once for all processes that have it mapped.
 * Only for one thread at a time. */
#pragma once

#include "recorder/python/binary.h"

enum { BINARIES_MOST = 32 };

struct binary_file {
	uint64_t device, inode; /* as mappings have them */
	int fd;                 /* held, so that no other file has that inode; -1: none */
	struct binary binary;
	uint64_t evaluates; /* the file's address of CPython's bytecode loop; 0: it has none */
	uint64_t used;      /* when, by a count */
};

/* The one that was taken in before, or NULL. What is returned is valid until the next is taken in.
 */
struct binary_file *binaries_find(uint64_t device, uint64_t inode);

/* Takes in an open file, which is closed with it; NULL: it is nothing that code is run from, and
 * was closed. */
struct binary_file *binaries_add(uint64_t device, uint64_t inode, int fd);

void binaries_forget(void);
