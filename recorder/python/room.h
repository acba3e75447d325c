/* Room that is shared with the agents: a file in memory that the target opens by its path in /proc,
 * or, where files may not grow so large (ulimit -f), a segment that it attaches by its number. */
#pragma once

#include <stddef.h>

struct agent_shared;

struct room {
	int fd;                      /* -1: none */
	int segment;                 /* shmget(2)'s; -1: none */
	struct agent_shared *shared; /* what it holds; NULL: none */
};

/* 0 or -errno: the address space may be limited (ulimit -v). What it holds is zero. To be freed
 * after an error, too. */
int room_make(struct room *room);
void room_free(struct room *room);

/* Where an agent finds it. */
void room_place(const struct room *room, char *out, size_t size);
