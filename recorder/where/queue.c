#include "recorder/where/queue.h"

#include <stdlib.h>
#include <string.h>

static struct queued *place(struct queue_room *room)
{
	if (room->used == QUEUE_MOST)
		return NULL;
	struct queued *made = room->free;
	if (made)
		room->free = made->next;
	else
		made = malloc(sizeof *made);
	room->used += made != NULL;
	return made;
}

static void copy(struct queued *to, const struct fault *fault)
{
	to->next = NULL;
	to->fault = *fault;
	if (fault->registers) {
		memcpy(to->registers, fault->registers, sizeof to->registers);
		to->fault.registers = to->registers;
	}
	if (!fault->stack)
		return;
	if (to->fault.n_stack > sizeof to->stack)
		to->fault.n_stack = sizeof to->stack;
	memcpy(to->stack, fault->stack, to->fault.n_stack);
	to->fault.stack = to->stack;
}

/* Of two faults of a thread that follow each other the first stands for both: what is left tells
 * of all the time that has passed. */
static void thin(struct queue *queue, struct queue_room *room)
{
	for (struct queued *q = queue->first; q; q = q->next) {
		struct queued *next = q->next;
		if (!next || next->fault.thread != q->fault.thread)
			continue;
		q->fault.faults += next->fault.faults;
		q->next = next->next;
		if (queue->last == next)
			queue->last = q;
		queue->n--;
		queue_return(room, next);
	}
}

static bool add_to_last(struct queue *queue, const struct fault *fault)
{
	struct queued *last = NULL;
	for (struct queued *q = queue->first; q; q = q->next)
		if (q->fault.thread == fault->thread)
			last = q;
	if (last)
		last->fault.faults += fault->faults;
	return last != NULL;
}

bool queue_add(struct queue *queue, struct queue_room *room, const struct fault *fault, bool huge)
{
	if (room->used == QUEUE_MOST || queue->n == QUEUE_EACH)
		thin(queue, room);
	struct queued *made = queue->n < QUEUE_EACH ? place(room) : NULL;
	if (!made)
		return add_to_last(queue, fault);
	copy(made, fault);
	made->huge = huge;
	if (queue->last)
		queue->last->next = made;
	else
		queue->first = made;
	queue->last = made;
	queue->n++;
	return true;
}

struct queued *queue_take(struct queue *queue)
{
	struct queued *taken = queue->first;
	if (!taken)
		return NULL;
	queue->first = taken->next;
	queue->n--;
	if (!queue->first)
		queue->last = NULL;
	return taken;
}

void queue_return(struct queue_room *room, struct queued *taken)
{
	taken->next = room->free;
	room->free = taken;
	room->used--;
}

size_t queue_clear(struct queue *queue, struct queue_room *room)
{
	size_t n = 0;
	for (struct queued *taken; (taken = queue_take(queue)); n++)
		queue_return(room, taken);
	return n;
}

void queue_room_close(struct queue_room *room)
{
	while (room->free) {
		struct queued *next = room->free->next;
		free(room->free);
		room->free = next;
	}
}
