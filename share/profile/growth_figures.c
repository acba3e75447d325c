/* What frames, threads and processes grew by, step by step, and what of it is alive at the peak. */
#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/profile/growth.h"
#include "share/profile/sum.h"

enum {
	MOST_STEPS = 65536, /* even */
	MOST_PROCESSES = 1024,
	MOST_THREADS = 1024,
	MOST_CELLS = 1 << 18, /* beyond them, what dies with a process is not known by frame */
	CELL_SLOTS = 2 * MOST_CELLS,
};

/* ---- what processes hold ---- */

static struct growth_process *find_process(const struct growth_loading *l, pid_t pid)
{
	for (size_t i = l->n_processes; i-- > 0;)
		if (l->processes[i].pid == pid)
			return &l->processes[i];
	return NULL;
}

static void hold(struct growth_loading *l, struct growth_process *process, int64_t umib)
{
	l->together = sum_of(l->together, umib - process->held);
	process->held = umib;
}

int growth_hold(struct growth_loading *l, pid_t pid, int64_t umib, struct growth_process **of)
{
	*of = find_process(l, pid);
	if (!*of && l->n_processes < MOST_PROCESSES) {
		*of = array_more(&l->processes, &l->n_processes, sizeof **of);
		if (!*of)
			return -ENOMEM;
		(*of)->pid = pid;
	}
	if (*of)
		hold(l, *of, umib);
	return 0;
}

/* The slot of that cell, or the free one where it belongs. */
static uint32_t *slot_of(const struct growth_loading *l, size_t process, size_t frame)
{
	size_t at = (size_t)((uint64_t)(process * (GROWTH_MOST_FRAMES + 1) + frame) *
				     0x9e3779b97f4a7c15 >>
			     32);
	for (;; at++) {
		uint32_t *slot = &l->cell_slots[at % CELL_SLOTS];
		if (*slot == 0 ||
		    (l->cells[*slot - 1].process == process && l->cells[*slot - 1].frame == frame))
			return slot;
	}
}

static int add_to_cell(struct growth_loading *l, struct growth_process *process,
		       const struct profile_step *step)
{
	if (!l->cell_slots)
		l->cell_slots = calloc(CELL_SLOTS, sizeof *l->cell_slots);
	if (!l->cell_slots)
		return -ENOMEM;
	size_t index = (size_t)(process - l->processes);
	uint32_t *slot = slot_of(l, index, step->frame);
	if (*slot == 0 && l->n_cells == MOST_CELLS)
		return 0;
	if (*slot == 0) {
		struct growth_cell *made = array_more(&l->cells, &l->n_cells, sizeof *made);
		if (!made)
			return -ENOMEM;
		*made = (struct growth_cell){ index, step->frame, 0, process->cells };
		process->cells = l->n_cells;
		*slot = (uint32_t)l->n_cells;
	}
	struct growth_cell *cell = &l->cells[*slot - 1];
	cell->net = sum_of(cell->net, step->delta);
	return 0;
}

/* ---- steps ---- */

/* The figures at the peak are those before the first change after it. */
static void change(struct growth_tally *tally, uint64_t peaks, int64_t delta, int64_t *at_peak)
{
	if (tally->seen_peak != peaks) {
		*at_peak = tally->alive;
		tally->seen_peak = peaks;
	}
	tally->alive = sum_of(tally->alive, delta);
}

void growth_gone(struct growth_loading *l, struct profile_growth *g, pid_t pid)
{
	struct growth_process *process = find_process(l, pid);
	if (!process || process->held == 0)
		return;
	hold(l, process, 0);
	change(&l->inherited, l->peaks, -process->inherited, &g->inherited_at_peak);
	process->inherited = 0;
	for (size_t i = process->cells; i > 0; i = l->cells[i - 1].next) {
		struct growth_cell *cell = &l->cells[i - 1];
		change(&l->tallies[cell->frame], l->peaks, -cell->net,
		       &g->frames[cell->frame].at_peak);
		cell->net = 0;
	}
	for (size_t i = 0; i < g->n_threads; i++)
		if (g->threads[i].pid == pid)
			change(&l->thread_tallies[i], l->peaks, -l->thread_tallies[i].alive,
			       &g->threads[i].at_peak);
}

static void add_how(const struct profile_step *step, int64_t *polled, int64_t *late)
{
	int64_t *to = step->how == PROFILE_LATE ? late : step->how == PROFILE_FAULT ? NULL : polled;
	if (to)
		*to = sum_of(*to, step->delta);
}

static void add_to_frame(struct growth_loading *l, struct profile_growth *g,
			 const struct profile_step *step)
{
	struct profile_frame *frame = &g->frames[step->frame];
	change(&l->tallies[step->frame], l->peaks, step->delta, &frame->at_peak);
	frame->net = sum_of(frame->net, step->delta);
	if (step->delta > 0) {
		frame->grew = sum_of(frame->grew, step->delta);
		add_how(step, &frame->polled, &frame->late);
	}
	frame->steps++;
}

static int add_to_thread(struct growth_loading *l, struct profile_growth *g,
			 const struct profile_step *step)
{
	size_t i = 0;
	while (i < g->n_threads &&
	       (g->threads[i].pid != step->pid || g->threads[i].thread != step->thread))
		i++;
	if (i == MOST_THREADS)
		return 0;
	if (i == g->n_threads) {
		if (!array_more(&l->thread_tallies, &l->n_thread_tallies,
				sizeof *l->thread_tallies) ||
		    !array_more(&g->threads, &g->n_threads, sizeof *g->threads))
			return -ENOMEM;
		g->threads[i].pid = step->pid;
		g->threads[i].thread = step->thread;
	}
	struct profile_thread *thread = &g->threads[i];
	thread->python |= g->frames[step->frame].python && !g->frames[step->frame].thread;
	change(&l->thread_tallies[i], l->peaks, step->delta, &thread->at_peak);
	thread->net = sum_of(thread->net, step->delta);
	if (step->delta > 0) {
		thread->grew = sum_of(thread->grew, step->delta);
		add_how(step, &thread->polled, &thread->late);
	}
	thread->steps++;
	return 0;
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

/* Half of the room again. */
static void put_together(struct profile_growth *g)
{
	for (size_t i = 0; i + 1 < g->n_steps; i += 2) {
		const struct profile_step *a = &g->steps[i], *b = &g->steps[i + 1];
		struct profile_step sum = magnitude(a->delta) > magnitude(b->delta) ? *a : *b;
		sum.delta = sum_of(a->delta, b->delta);
		sum.at = b->at;
		sum.together = b->together;
		g->steps[i / 2] = sum;
	}
	g->n_steps /= 2;
}

/* One change that several share, each told with what the process held after all of it. */
static bool is_same_account(const struct profile_step *a, const struct profile_step *b)
{
	return a->pid == b->pid && a->at.us == b->at.us && a->at.umib == b->at.umib &&
	       a->together == b->together;
}

void growth_note_peak(struct growth_loading *l, struct profile_growth *g,
		      const struct profile_step *step)
{
	bool more = l->together > g->peak.at.umib || l->peaks == 0;
	if (more || is_same_account(&l->peak_told, step))
		l->peaks++;
	if (!more)
		return;
	l->peak_told = g->peak = *step;
	g->peak.at.umib = l->together;
}

void growth_take_inherited(struct growth_loading *l, struct profile_growth *g,
			   struct growth_process *process, const struct profile_step *step)
{
	g->inherited = sum_of(g->inherited, step->delta);
	change(&l->inherited, l->peaks, step->delta, &g->inherited_at_peak);
	if (process)
		process->inherited = sum_of(process->inherited, step->delta);
	growth_note_peak(l, g, step);
}

int growth_take_step(struct growth_loading *l, struct profile_growth *g,
		     struct growth_process *process, const struct profile_step *step)
{
	if (g->n_steps == MOST_STEPS)
		put_together(g);
	struct profile_step *kept = array_more(&g->steps, &g->n_steps, sizeof *kept);
	if (!kept)
		return -ENOMEM;
	*kept = *step;
	add_to_frame(l, g, step);
	growth_note_peak(l, g, step);
	int r = add_to_thread(l, g, step);
	return r == 0 && process ? add_to_cell(l, process, step) : r;
}

/* After each of those that share a change, that much of it had come. */
static void part_accounts(struct profile_growth *g)
{
	int64_t told = g->n_steps ? g->steps[g->n_steps - 1].together : 0;
	for (size_t i = g->n_steps; i-- > 1;) {
		struct profile_step *step = &g->steps[i - 1], next = g->steps[i];
		int64_t together = step->together;
		next.together = told;
		if (is_same_account(step, &next))
			step->together = sum_of(g->steps[i].together, -next.delta);
		told = together;
	}
}

/* The figures at the peak are those before the first change after it, and there may be none yet. */
void growth_settle(struct growth_loading *l, struct profile_growth *g)
{
	part_accounts(g);
	for (size_t i = 0; i < g->n_frames; i++)
		change(&l->tallies[i], l->peaks, 0, &g->frames[i].at_peak);
	for (size_t i = 0; i < g->n_threads; i++)
		change(&l->thread_tallies[i], l->peaks, 0, &g->threads[i].at_peak);
	change(&l->inherited, l->peaks, 0, &g->inherited_at_peak);
}
