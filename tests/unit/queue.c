#include "recorder/where/queue.h"

#include <stdlib.h>

#include "tests/check.h"

static struct queue_room room;

static void faults_are_copied(void)
{
	struct queue queue = { 0 };
	uint64_t registers[FAULT_REGISTERS] = { [FAULT_SP] = 77 };
	uint8_t stack[16] = "stack";
	struct fault fault = {
		.thread = 5, .faults = 3, .registers = registers, .stack = stack, .n_stack = 16
	};
	CHECK(queue_add(&queue, &room, &fault, true));
	registers[FAULT_SP] = 0;
	stack[0] = 0;
	struct queued *taken = queue_take(&queue);
	CHECK_INT(taken->fault.registers[FAULT_SP], 77);
	CHECK_STR((const char *)taken->fault.stack, "stack");
	CHECK(taken->huge);
	CHECK(!queue_take(&queue));
	queue_return(&room, taken);
	CHECK_INT(room.used, 0);
}

static void a_stack_is_cut_to_the_room(void)
{
	struct queue queue = { 0 };
	uint8_t *stack = calloc(2, QUEUE_STACK);
	struct fault fault = { .stack = stack, .n_stack = (size_t)2 * QUEUE_STACK };
	CHECK(queue_add(&queue, &room, &fault, false));
	CHECK_INT(queue.first->fault.n_stack, QUEUE_STACK);
	free(stack);
	CHECK_INT(queue_clear(&queue, &room), 1);
}

static uint64_t sum_of(const struct queue *queue, pid_t thread)
{
	uint64_t sum = 0;
	for (const struct queued *q = queue->first; q; q = q->next)
		sum += q->fault.thread == thread ? q->fault.faults : 0;
	return sum;
}

static void fewer_stand_for_all_where_there_is_no_room(void)
{
	struct queue queue = { 0 };
	struct fault fault = { .thread = 1, .faults = 1 };
	for (int i = 0; i < 10 * QUEUE_MOST; i++) {
		fault.thread = 1 + (i / 8) % 2;
		CHECK(queue_add(&queue, &room, &fault, false));
	}
	CHECK_INT(sum_of(&queue, 1), 5 * QUEUE_MOST);
	CHECK_INT(sum_of(&queue, 2), 5 * QUEUE_MOST);
	CHECK(queue_clear(&queue, &room) <= QUEUE_EACH);
	CHECK_INT(room.used, 0);
}

static void others_may_have_taken_all_room(void)
{
	struct queue queues[QUEUE_MOST / QUEUE_EACH + 1] = { 0 };
	struct queue *one = &queues[0], *none = &queues[QUEUE_MOST / QUEUE_EACH];
	struct fault fault = { .faults = 1 };
	for (int i = 0; i < QUEUE_MOST; i++) {
		fault.thread = 1 + i % 2;
		CHECK(queue_add(&queues[i / QUEUE_EACH], &room, &fault, false));
	}
	CHECK(!queue_add(none, &room, &fault, false));
	fault.faults = 100;
	CHECK(queue_add(one, &room, &fault, false));
	CHECK_INT(sum_of(one, fault.thread), QUEUE_EACH / 2 + 100);
	for (int i = 0; i <= QUEUE_MOST / QUEUE_EACH; i++)
		queue_clear(&queues[i], &room);
	CHECK_INT(room.used, 0);
}

int main(void)
{
	RUN(faults_are_copied);
	RUN(a_stack_is_cut_to_the_room);
	RUN(fewer_stand_for_all_where_there_is_no_room);
	RUN(others_may_have_taken_all_room);
	queue_room_close(&room);
	return DONE();
}
