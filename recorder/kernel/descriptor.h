/* A descriptor that is kept inside a program which does not know of it. The program may close it,
 * with all that are not its own, upon which the number is another file's: so before each use we ask
 * whose it is. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Closes all from this number on: of a process of ours that is to keep nothing else open, so that
 * whoever waits for the end of a file does not wait for that. */
void descriptor_close_from(int first);

/* Is it the very file? */
bool descriptor_is_of(int fd, dev_t device, ino_t inode);

struct descriptor {
	int fd; /* -1: none */
	dev_t device;
	ino_t inode;
};

#define DESCRIPTOR_NONE  \
	{                \
		.fd = -1 \
	}

/* Keeps `fd`, from now on ours to close; below 0: none. */
void descriptor_keep(struct descriptor *descriptor, int fd);

/* Is it still what was kept? Only then may it be read, written or closed. */
bool descriptor_is_own(const struct descriptor *descriptor);

/* Closes it, if it is still ours; there is none after that. */
void descriptor_close(struct descriptor *descriptor);
