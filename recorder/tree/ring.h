/* A ring of records, a CPU's or a thread's, which the kernel writes and we read:
 * perf_event_open(2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/tree/event.h"

struct ring {
	int fd;
	pid_t thread;              /* whose it is; 0: a CPU's */
	bool counted;              /* faults tell how many they are */
	void *pages;               /* a page of positions, then the records */
	size_t data;               /* bytes of records, a power of two */
	uint64_t tail, head;       /* what is between them is to be read: ring_see's */
	size_t length;             /* of the record that `next` was; 0: none was read ahead */
	struct event next;         /* its time the kernel's */
	unsigned char *straddling; /* a record that lies at both ends of the ring */
};

/* Maps the ring of `fd`, which it takes: of `*data` bytes, or as much less as the kernel allows,
 * which then stands there. 0 or -errno. */
int ring_open(struct ring *ring, int fd, size_t *data);

/* All that was written until now may be read. */
void ring_see(struct ring *ring);

/* Reads the next record ahead that says something. Is there one? */
int ring_peek(struct ring *ring);

/* The one that was read ahead is done with: the kernel may write there. */
void ring_pass(struct ring *ring);
void ring_close(struct ring *ring);
