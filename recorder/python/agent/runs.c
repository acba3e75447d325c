#include "recorder/python/agent/runs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/records.h"
#include "recorder/python/shared.h"

/* One call under way, of a function that is looked at. */
struct run {
	struct subject *subject;
	int line;
	int level;             /* of those that are recorded */
	bool recorded;         /* has an ENTER record, and is to have a FUNC */
	bool resumed;          /* its line was counted when it suspended */
	struct sample entered; /* if it is recorded */
	int64_t began;         /* bytes held when it was entered or resumed */
	int64_t rss;           /* at the start of the line */
	int64_t peak;          /* inside the line so far */
	int64_t highest; /* of the lines before it in this run: its caller's line held it too */
};

/* Those of this thread. */
struct runs {
	struct run *items; /* the innermost last */
	size_t n, allocated;
	int level;
};

static _Thread_local struct runs own;

/* ---- the stack ---- */

static pthread_key_t at_end;

static void free_runs(void *runs)
{
	(void)runs;
	free(own.items);
	own = (struct runs){ 0 };
}

__attribute__((constructor)) static void make_key(void)
{
	pthread_key_create(&at_end, free_runs);
}

static struct run *push(void)
{
	if (own.n == own.allocated) {
		size_t wanted = own.allocated ? 2 * own.allocated : 32;
		struct run *runs = realloc(own.items, wanted * sizeof *runs);
		if (!runs)
			return NULL;
		own.items = runs;
		own.allocated = wanted;
		pthread_setspecific(at_end, runs);
	}
	struct run *run = &own.items[own.n++];
	memset(run, 0, sizeof *run);
	return run;
}

/* Nearly always the innermost; others stand above it only where something switches stacks behind
 * the interpreter's back, as greenlets do. */
static struct run *find(const struct subject *subject)
{
	for (size_t i = own.n; i-- > 0;)
		if (own.items[i].subject == subject)
			return &own.items[i];
	return NULL;
}

static void drop(const struct run *run)
{
	size_t at = (size_t)(run - own.items);
	memmove(own.items + at, own.items + at + 1, (--own.n - at) * sizeof *run);
}

struct subject *run_subject(void)
{
	return own.n > 0 ? own.items[own.n - 1].subject : NULL;
}

/* ---- those that are suspended: by the address of their frame ---- */

struct suspended {
	const void *frame;
	struct run run;
	struct suspended *next;
};

enum { BUCKETS = 1024 };
static struct suspended *suspended[BUCKETS];

static struct suspended **bucket_of(const void *frame)
{
	return &suspended[((uintptr_t)frame >> 4) * 2654435761u % BUCKETS];
}

static bool take_suspended(const void *frame, const struct subject *subject, struct run *run)
{
	for (struct suspended **at = bucket_of(frame); *at; at = &(*at)->next) {
		struct suspended *found = *at;
		if (found->frame != frame)
			continue;
		*at = found->next;
		*run = found->run;
		free(found);
		return run->subject == subject;
	}
	return false;
}

static void put_suspended(const void *frame, const struct run *run)
{
	struct suspended *new = malloc(sizeof *new);
	if (!new)
		return;
	*new = (struct suspended){ frame, *run, *bucket_of(frame) };
	*bucket_of(frame) = new;
}

/* ---- accounting ---- */

/* The line that ends has held `rss` at its end. */
static void account(struct run *run, int64_t rss)
{
	struct agent_line *line =
		run->subject->lines ? subject_line(run->subject->top, run->line) : NULL;
	int64_t peak = run->peak > rss ? run->peak : rss;
	if (line) {
		line->increment += rss - run->rss;
		line->most = rss > line->most ? rss : line->most;
		line->peak = peak > line->peak ? peak : line->peak;
		line->occurrences += !run->resumed;
	}
	run->highest = peak > run->highest ? peak : run->highest;
	run->peak = run->rss = rss;
	run->resumed = false;
}

/* What is held where a run begins; what was held before it, the line around it has held. */
static int64_t measure_before(void)
{
	int64_t nobody = 0;
	return memory_measure(own.n > 1 ? &own.items[own.n - 2].peak : &nobody);
}

void run_enter(struct subject *subject, const void *frame, int line)
{
	struct run stale, *run;
	if (frame) /* a generator that was dropped without a word, at the same address */
		take_suspended(frame, subject, &stale);
	run = push();
	if (!run)
		return;
	run->subject = subject;
	run->line = line;
	run->began = run->rss = run->peak = measure_before();
	if (!subject->calls)
		return;
	run->recorded = true;
	run->level = own.level++;
	run->entered = memory_sample(run->rss);
	records_enter(subject->name, run->entered, run->level);
}

void run_resume(struct subject *subject, const void *frame, int line)
{
	struct run run;
	if (!take_suspended(frame, subject, &run)) {
		run_enter(subject, NULL, line);
		return;
	}
	struct run *again = push();
	if (!again)
		return;
	*again = run;
	again->resumed = true;
	again->began = again->rss = again->peak = measure_before();
	own.level += run.recorded;
}

void run_line(struct subject *subject, int line)
{
	struct run *run = find(subject);
	if (!run)
		return;
	account(run, memory_measure(&run->peak));
	run->line = line;
}

/* A comprehension, a function inside the function, or itself once more: what grew there has been
 * counted there, in the same table, and is not the calling line's as well. */
static void count_once(const struct run *inner)
{
	enum { FARTHEST = 256 };
	for (size_t i = own.n, looked = 0; i-- > 0 && looked < FARTHEST; looked++)
		if (own.items[i].subject->top == inner->subject->top) {
			own.items[i].rss += inner->rss - inner->began;
			return;
		}
}

/* Takes it from the stack; what it held at most, its caller's line held. */
static bool end(struct subject *subject, struct run *out)
{
	struct run *run = find(subject);
	if (!run)
		return false;
	account(run, memory_measure(&run->peak));
	*out = *run;
	drop(run);
	own.level -= out->recorded;
	if (subject->lines)
		count_once(out);
	if (own.n > 0 && out->highest > own.items[own.n - 1].peak)
		own.items[own.n - 1].peak = out->highest;
	return true;
}

void run_suspend(struct subject *subject, const void *frame)
{
	struct run run;
	if (end(subject, &run))
		put_suspended(frame, &run);
}

void run_leave(struct subject *subject)
{
	struct run run;
	if (end(subject, &run) && run.recorded)
		records_leave(subject->name, run.entered, memory_sample(run.rss), run.level);
}

void runs_forked(void)
{
	for (size_t i = 0; i < own.n; i++)
		own.items[i].resumed = true; /* the line under way is counted by the parent */
}
