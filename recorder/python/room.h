/* Room that is shared with the agents: a file in memory that the target opens by its path in /proc.
 */
#pragma once

struct agent_shared;

struct room {
	int fd;                      /* -1: none */
	struct agent_shared *shared; /* what it holds; NULL: none */
};

/* 0 or -errno: the address space, or a file of that size, may be limited (ulimit -v, -f). What it
 * holds is zero. To be freed after an error, too. */
int room_make(struct room *room);
void room_free(struct room *room);
