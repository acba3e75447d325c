#include "recorder/python/agent/runs.h"

#include <stdlib.h>

#include "recorder/python/agent/break.h"
#include "recorder/python/agent/records.h"
#include "recorder/python/agent/stacks.h"
#include "recorder/python/agent/stream.h"
#include "recorder/python/shared.h"

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

/* Of what a line added, the part that other threads took while it ran, by their share of the page
 * faults: those are not all of one size, so it is an estimate. */
static int64_t foreign_part(const struct memory_seen *added)
{
	if (added->rss <= 0 || added->faults <= 0 || added->foreign <= 0)
		return 0;
	int64_t foreign = added->foreign < added->faults ? added->foreign : added->faults;
	return (int64_t)((double)added->rss * (double)foreign / (double)added->faults);
}

static void add_to_line(struct agent_line *line, const struct memory_seen *added, int64_t rss,
			int64_t peak, bool once_more)
{
	if (added->rss != 0) {
		line->increment += added->rss;
		line->foreign += foreign_part(added);
	}
	line->most = rss > line->most ? rss : line->most;
	line->peak = peak > line->peak ? peak : line->peak;
	line->occurrences += once_more;
}

/* The line that ends has seen `now` at its end. */
static void account(struct run *run, struct memory_seen now)
{
	struct subject *top = run->subject->top;
	struct agent_line *line = run->subject->lines ? subject_line(top, run->line) : NULL;
	struct agent_line *told = line && top->stream ? stream_line(top, run->line) : NULL;
	struct memory_seen added = memory_since(now, run->seen);
	int64_t peak = run->peak > now.rss ? run->peak : now.rss;
	if (line)
		add_to_line(line, &added, now.rss, peak, !run->resumed);
	if (told)
		add_to_line(told, &added, now.rss, peak, !run->resumed);
	run->highest = peak > run->highest ? peak : run->highest;
	run->peak = now.rss;
	run->seen = now;
	run->resumed = false;
}

static bool is_foreign(const struct run *run, const struct memory_seen *now)
{
	struct memory_seen added = memory_since(*now, run->seen);
	return 2 * foreign_part(&added) > added.rss && added.rss > 0;
}

/* What is seen where a run begins; what was held before it, the line around it has held. */
static struct memory_seen measure_before(const struct runs *runs)
{
	int64_t nobody = 0;
	const struct run *run = &runs->items[runs->n - 1];
	struct run *around = runs->n > 1 ? &runs->items[runs->n - 2] : NULL;
	struct memory_seen seen = memory_measure(around ? &around->peak : &nobody);
	if (__builtin_expect(memory_break_due, 0) && around && around->subject->lines)
		break_tell(around->subject, around->line,
			   is_foreign(around, &seen) ? BREAK_ASIDE : BREAK_AT);
	else if (__builtin_expect(memory_break_due, 0))
		break_tell(run->subject, run->line, BREAK_BEFORE);
	return seen;
}

static struct memory_seen measure_line(struct run *run)
{
	struct memory_seen seen = memory_measure(&run->peak);
	if (__builtin_expect(memory_break_due, 0))
		break_tell(run->subject, run->line,
			   is_foreign(run, &seen) ? BREAK_ASIDE : BREAK_AT);
	return seen;
}

static void start(struct runs *runs, struct run *run)
{
	run->began = run->seen = measure_before(runs);
	run->peak = run->seen.rss;
}

void run_enter(struct subject *subject, const void *frame, int line)
{
	struct run stale, *run;
	if (subject->asks)
		subject_asked();
	if (subject->asks && !subject->lines && !subject->calls)
		return;
	struct runs *runs = stacks_here();
	if (frame) /* a generator that was dropped without a word, at the same address */
		take_suspended(frame, subject, &stale);
	run = stacks_push(runs);
	if (!run)
		return;
	run->subject = subject;
	run->line = line;
	start(runs, run);
	if (!subject->calls)
		return;
	run->recorded = true;
	run->level = runs->level++;
	run->entered = memory_sample(run->seen.rss);
	records_enter(subject->name, run->entered, run->level);
}

void run_resume(struct subject *subject, const void *frame, int line)
{
	struct run run;
	if (!take_suspended(frame, subject, &run)) {
		run_enter(subject, NULL, line);
		return;
	}
	struct runs *runs = stacks_here();
	struct run *again = stacks_push(runs);
	if (!again)
		return;
	*again = run;
	again->resumed = true;
	start(runs, again);
	runs->level += run.recorded;
}

void run_line(struct subject *subject, int line)
{
	struct run *run = stacks_find(stacks_here(), subject);
	if (!run)
		return;
	account(run, measure_line(run));
	run->line = line;
}

struct subject *run_subject(void)
{
	const struct runs *runs = stacks_here();
	return runs->n > 0 ? runs->items[runs->n - 1].subject : NULL;
}

/* A comprehension, a function inside the function, or itself once more: what grew there has been
 * counted there, in the same table, and is not the calling line's as well. True: there is such a
 * line. */
static bool count_once(struct runs *runs, const struct run *inner)
{
	enum { FARTHEST = 256 };
	for (size_t i = runs->n, looked = 0; i-- > 0 && looked < FARTHEST; looked++)
		if (runs->items[i].subject->top == inner->subject->top) {
			struct memory_seen counted = memory_since(inner->seen, inner->began);
			memory_add(&runs->items[i].seen, &counted);
			return true;
		}
	return false;
}

/* Takes it from the stack; what it held at most, its caller's line held. */
static bool end(struct subject *subject, struct run *out, bool *outermost)
{
	struct runs *runs = stacks_here();
	struct run *run = stacks_find(runs, subject);
	if (!run)
		return false;
	account(run, measure_line(run));
	*out = *run;
	stacks_drop(runs, run);
	runs->level -= out->recorded;
	*outermost = subject->lines && !count_once(runs, out);
	if (runs->n > 0 && out->highest > runs->items[runs->n - 1].peak)
		runs->items[runs->n - 1].peak = out->highest;
	return true;
}

void run_suspend(struct subject *subject, const void *frame)
{
	struct run run;
	bool outermost;
	if (end(subject, &run, &outermost))
		put_suspended(frame, &run);
}

void run_leave(struct subject *subject)
{
	struct run run;
	bool outermost;
	if (!end(subject, &run, &outermost))
		return;
	if (run.recorded)
		records_leave(subject->name, run.entered, memory_sample(run.seen.rss), run.level);
	if (outermost && subject->top->stream)
		stream_tell(subject->top);
}

void runs_forked(void)
{
	stacks_forked();
}
