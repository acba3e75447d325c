/* --heap: a library in the program samples what is allocated, and keeps the figures in memory that
 * is shared with the recorder, which tells at the ticks what has changed; and at the end, however
 * that came. */
#include "recorder/heap/probe.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "recorder/heap/follow.h"
#include "recorder/heap/heap.h"
#include "recorder/heap/notes.h"
#include "recorder/heap/put.h"
#include "recorder/kernel/clock.h"
#include "recorder/python/aside.h"
#include "recorder/python/executable.h"
#include "share/command.h"
#include "share/fault.h"
#include "share/number.h"
#include "share/version.h"

static const char unseen[] = "the heap cannot be seen";

/* ---- options ---- */

static const uint64_t MOST_MEAN = (uint64_t)1 << 40;

/* A number by itself is meant as bytes. */
static int parse_mean(const char *text, void *value)
{
	uint64_t bytes;
	char plain[32];
	int r = number_size(text, &bytes);
	if (r == -EDOM && snprintf(plain, sizeof plain, "%sB", text) < (int)sizeof plain)
		r = number_size(plain, &bytes);
	if (r < 0)
		return r;
	if (bytes == 0 || bytes > MOST_MEAN)
		return -ERANGE;
	*(uint64_t *)value = bytes;
	return 0;
}

static const struct option_type type_mean = {
	.placeholder = "BYTES",
	.expects = "a size from 1B to 1T: the bytes between two samples",
	.parse = parse_mean,
	.otherwise = "256K",
};

static const struct command_option options[] = {
	{ 0, "heap", &type_mean, offsetof(struct heap_probe, mean),
	  "sample who allocates and who holds, every 256K or BYTES" },
	{ 0 },
};

static int check(void *state, struct recording *r)
{
	enum { SELDOM = 4096 }; /* bytes: whoever allocates small objects is hardly slower */
	const struct heap_probe *heap = state;
	r->heap.mean = heap->mean;
	if (heap->mean > 0 && heap->mean < SELDOM && !r->options.quiet)
		notice("--heap=%lluB takes a sample at most allocations: the program may run many "
		       "times slower, and the figures need room; from 4K on it hardly does",
		       (unsigned long long)heap->mean);
	return -1;
}

/* ---- bringing it in ---- */

static int try_room(void)
{
	struct room trial;
	int r = room_make(&trial, HEAP_BYTES);
	room_free(&trial);
	return r;
}

static void say_missing(int error, const char *path)
{
	if (error == -EINVAL)
		warning("%s: a blank or a colon stands in the path %s", unseen, path);
	else
		warning("%s: libmprof-heap.so is neither beside mprof-c nor in %s", unseen,
			MPROF_LIBEXECDIR);
}

static void fill_in(struct heap_shared *shared, uint64_t mean)
{
	shared->format = HEAP_FORMAT;
	shared->mean = mean;
	atomic_store(&shared->used, (sizeof *shared + 63) / 64 * 64);
	if (getrandom(&shared->token, sizeof shared->token, 0) != sizeof shared->token)
		shared->token = (uint64_t)clock_now();
}

static int announce(struct heap_probe *heap)
{
	char place[32], setting[64];
	struct heap_shared *shared = heap->room.memory;
	fill_in(shared, heap->mean);
	room_place(&heap->room, place, sizeof place);
	snprintf(setting, sizeof setting, "%s,%llx", place, (unsigned long long)shared->token);
	return preload_bring(&heap->preload, heap->library, HEAP_VARIABLE, setting);
}

static void prepare(void *state, struct recording *r)
{
	struct heap_probe *heap = state;
	(void)r;
	if (heap->mean == 0 || heap->refused)
		return;
	int e = room_make(&heap->room, HEAP_BYTES);
	if (e == 0)
		e = announce(heap);
	if (e < 0)
		warning("%s: %s", unseen, strerror(-e));
}

static void started(void *state, struct recording *r)
{
	struct heap_probe *heap = state;
	(void)r;
	preload_take_back(&heap->preload);
}

/* ---- reading ---- */

/* Where many sites change all the time, a long recording tells of them less often: a record costs a
 * millisecond at first, and in the end twenty; some thousand have been saved up. */
static const struct purse RECORDS = { .share = 1, .most = 10000000000 };

static void put_mean(const struct heap_probe *heap, struct recording *r, bool refused)
{
	char mean[24];
	snprintf(mean, sizeof mean, "%llu", (unsigned long long)heap->mean);
	const struct profile_pair pairs[] = { { "heap", mean }, { "heap_lacks", "program" } };
	profile_put_meta(&r->writer, pairs, refused ? 2 : 1);
}

static int open_heap(void *state, struct recording *r)
{
	struct heap_probe *heap = state;
	if (!heap->preload.announced) {
		r->heap.mean = 0;
		if (heap->refused)
			put_mean(heap, r, true);
		return -ENOSYS;
	}
	heap->region = (struct region){ heap->room.memory, heap->room.size };
	heap->aside = aside_new();
	heap->purse = (struct purse)PURSE_USUAL;
	heap->records = RECORDS;
	heap->began = clock_now();
	put_mean(heap, r, false);
	return heap->aside ? 0 : -ENOMEM;
}

static void heap_event(void *state, struct recording *r, const struct event *event)
{
	(void)r;
	if (event->kind == EVENT_EXEC)
		follow_exec(state, event->pid, event->at);
}

static int64_t cost_of(const struct heap_probe *heap, size_t put, int64_t now)
{
	static const int64_t MS = 1000000, HOUR = 3600000000000;
	int64_t each = MS + (now - heap->began) / (HOUR / (4 * MS));
	return (int64_t)put * (each < 20 * MS ? each : 20 * MS);
}

static bool is_empty(const struct heap_probe *heap)
{
	const struct heap_shared *shared = heap->room.memory;
	return atomic_load(&shared->attached) == 0 && heap->met == 0;
}

static size_t look(struct heap_probe *heap, struct recording *r, int64_t now, bool last)
{
	follow_look(heap, r, now);
	size_t put = put_changes(heap, r, now, last);
	namer_look(&heap->namer, &heap->places, r, now);
	put_waiting(heap, r, false);
	return put;
}

static void heap_sample(void *state, struct recording *r, int64_t now)
{
	struct heap_probe *heap = state;
	if (is_empty(heap) || now < heap->next)
		return;
	int64_t before = clock_cpu();
	size_t put = look(heap, r, now, false);
	follow_drop(heap, r, now);
	follow_figures(heap, r);
	purse_pay(&heap->purse, now, clock_cpu() - before);
	purse_pay(&heap->records, now, cost_of(heap, put, now));
	heap->next = heap->purse.not_before > heap->records.not_before ? heap->purse.not_before
								       : heap->records.not_before;
}

static void end(void *state, struct recording *r)
{
	struct heap_probe *heap = state;
	int64_t now = clock_now();
	look(heap, r, now, true);
	namer_end(&heap->namer, &heap->places, r);
	put_changes(heap, r, now, true);
	put_waiting(heap, r, true);
	follow_drop(heap, r, now);
	put_waiting(heap, r, true);
	follow_figures(heap, r);
	notes_heap_put(heap, r);
}

static int say(void *state, const struct recording *r, int status)
{
	const struct heap_probe *heap = state;
	notes_heap_say(heap, r);
	return status;
}

static void close_heap(void *state)
{
	struct heap_probe *heap = state;
	preload_free(&heap->preload);
	follow_close(heap);
	namer_close(&heap->namer);
	places_free(&heap->places);
	stacks_free(&heap->stacks);
	told_free(&heap->own);
	free(heap->waiting);
	aside_free(heap->aside);
	room_free(&heap->room);
}

static const struct heap_probe initial = { .room = ROOM_NONE };

const struct probe probe_heap = {
	.state_size = sizeof(struct heap_probe),
	.initial = &initial,
	.options = options,
	.of_ours = true,
	.check = check,
	.prepare = prepare,
	.started = started,
	.open = open_heap,
	.event = heap_event,
	.sample = heap_sample,
	.end = end,
	.say = say,
	.close = close_heap,
};

void heap_check(const struct probes *probes, const char *file)
{
	struct heap_probe *heap = probes_state(probes, &probe_heap);
	if (!heap || heap->mean == 0)
		return;
	const char *obstacle = executable_obstacle(file);
	int found = preload_find("libmprof-heap.so", heap->library);
	if (!obstacle && found == 0)
		obstacle = preload_obstacle(file, heap->library);
	int room = obstacle || found < 0 ? 0 : try_room();
	heap->refused = obstacle || found < 0 || room < 0;
	if (obstacle)
		warning("the heap of %s cannot be seen: %s", file, obstacle);
	else if (found < 0)
		say_missing(found, heap->library);
	else if (room < 0)
		warning("%s: there is no memory to share with the program: %s", unseen,
			strerror(-room));
}
