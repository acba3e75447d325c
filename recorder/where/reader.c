#include "recorder/where/reader.h"

#include <errno.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/aside.h"
#include "share/pages.h"
#include "share/sanitized.h"

static const int64_t PATIENCE = SANITIZED ? 10000000000 : 50000000; /* ns */

int reader_open(struct reader *reader)
{
	*reader = (struct reader){ .aside = aside_new(), .reading = NULL };
	reader->reading = reader->aside ? pages_new(sizeof *reader->reading) : NULL;
	return reader->reading ? 0 : -ENOMEM;
}

/* What is still read stays as it is: the end of the process ends that too. */
void reader_close(struct reader *reader)
{
	if (!aside_free(reader->aside))
		return;
	if (reader->orphan)
		grower_free(reader->orphan);
	pages_free(reader->reading, sizeof *reader->reading);
}

static void find(void *context)
{
	struct reading *reading = context;
	grower_find(reading->grower);
}

/* A thread's stack is read once, and serves all its faults. */
static void place(void *context)
{
	struct reading *reading = context;
	struct grower *g = reading->grower;
	pid_t seen = 0;
	grower_trim(g);
	reading->waiter.asked = false;
	for (size_t i = 0; i < reading->n_faults && g->state == GROWER_READY; i++) {
		const struct fault *fault = &reading->faults[i]->fault;
		if (fault->thread != seen) {
			grower_read(g, grower_find_thread(g, fault->thread), &reading->stack);
			reading->stack.rests = grower_rests(g, fault->thread);
		}
		seen = fault->thread;
		reading->placed[i].known =
			position_find(g->positions, &g->runtime, &g->codes, fault, &reading->stack,
				      &reading->placed[i].stack);
		if (reading->placed[i].known != POSITION_NONE)
			waiter_join(&reading->waiter, g, fault->thread, &reading->placed[i].stack);
	}
}

static void read_thread(void *context)
{
	struct reading *reading = context;
	struct crew_member *member = &reading->member;
	uint64_t state = grower_find_thread(reading->grower, reading->thread);
	uint64_t fresh = member->fresh;
	int64_t before = clock_now();
	reading->runs = crew_runs(member);
	crew_ask(member);
	reading->ahead = member->fresh - fresh;
	reading->foreign = state == 0;
	reading->stack.n = 0;
	if (state)
		grower_stack(reading->grower, state, &reading->stack);
	reading->waiter.asked = false;
	waiter_join(&reading->waiter, reading->grower, reading->thread, &reading->stack);
	fresh = member->fresh;
	crew_ask(member);
	reading->meanwhile = member->fresh - fresh;
	reading->runs = reading->runs && crew_runs(member);
	reading->waited = before;
	reading->took = clock_now() - before;
}

static bool read_aside(struct reader *reader, struct grower *grower, void (*work)(void *))
{
	int64_t cost = 0;
	if (reader_stalls(reader, clock_now()) > 0)
		return false;
	reader->reading->grower = grower;
	int r = aside_do(reader->aside, work, reader->reading, PATIENCE, &cost);
	reader->cost += cost;
	if (r < 0)
		reader->since = clock_now();
	return r == 0;
}

bool reader_find(struct reader *reader, struct grower *grower)
{
	return read_aside(reader, grower, find);
}

bool reader_place(struct reader *reader, struct grower *grower)
{
	for (size_t i = 0; i < READER_BATCH; i++)
		reader->reading->placed[i].known = POSITION_NONE;
	return read_aside(reader, grower, place);
}

bool reader_thread(struct reader *reader, struct grower *grower, struct crew_member *member,
		   int64_t asked)
{
	struct reading *reading = reader->reading;
	if (reader_stalls(reader, clock_now()) > 0)
		return false;
	reading->thread = member->thread;
	reading->member = *member;
	if (!read_aside(reader, grower, read_thread))
		return false;
	reading->waited -= asked;
	*member = reading->member;
	return true;
}

int64_t reader_stalls(struct reader *reader, int64_t now)
{
	if (reader->since == 0)
		return 0;
	if (aside_is_busy(reader->aside))
		return now > reader->since ? now - reader->since : 1;
	reader->since = 0;
	if (reader->orphan)
		grower_free(reader->orphan);
	reader->orphan = NULL;
	return 0;
}

void reader_drop(struct reader *reader, struct grower *grower)
{
	if (reader_stalls(reader, clock_now()) > 0 && reader->reading->grower == grower)
		reader->orphan = grower;
	else
		grower_free(grower);
}
