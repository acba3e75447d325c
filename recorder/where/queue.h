/* Faults that wait until their process is looked at: what an event points to is valid during its
 * call only, so registers and stack are copied. There is room for so many of each process and of
 * all; when it is used up, fewer of a thread's stand for all that it took. So a look is soon done,
 * and the next can follow soon. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/tree/fault.h"

enum { QUEUE_STACK = 8192, QUEUE_MOST = 256, QUEUE_EACH = 16 };

struct queued {
	struct queued *next;
	struct fault fault; /* points into this */
	bool huge;          /* the memory that it brought may be of huge pages */
	uint64_t registers[FAULT_REGISTERS];
	uint8_t stack[QUEUE_STACK];
};

struct queue { /* of one process; the oldest first */
	struct queued *first, *last;
	size_t n;
};

struct queue_room { /* of all */
	struct queued *free;
	size_t used;
};

/* False: there is no room, and none of that thread's to add it to. */
bool queue_add(struct queue *queue, struct queue_room *room, const struct fault *fault, bool huge);
struct queued *queue_take(struct queue *queue); /* the oldest; NULL: none */
void queue_return(struct queue_room *room, struct queued *taken);
size_t queue_clear(struct queue *queue, struct queue_room *room); /* how many there were */
void queue_room_close(struct queue_room *room);                   /* every queue has been cleared */
