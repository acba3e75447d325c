/* Room that is shared with what works inside the target: a file in memory that the target opens by
 * its path in /proc, or, where files may not grow so large (ulimit -f), a segment that it attaches
 * by its number. */
#pragma once

#include <stddef.h>

struct room {
	int fd;       /* -1: none */
	int segment;  /* shmget(2)'s; -1: none */
	void *memory; /* what it holds; NULL: none */
	size_t size;  /* bytes */
};

#define ROOM_NONE                       \
	{                               \
		.fd = -1, .segment = -1 \
	}

/* 0 or -errno: the address space may be limited (ulimit -v). What it holds is zero. To be freed
 * after an error, too. */
int room_make(struct room *room, size_t size);
void room_free(struct room *room);

/* Where it is found there. */
void room_place(const struct room *room, char *out, size_t size);
