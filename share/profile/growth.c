#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum {
	MOST_STEPS = 65536, /* even */
	MOST_PROCESSES = 1024,
	MOST_THREADS = 1024,
	MOST_CELLS = 1 << 18, /* beyond them, what dies with a process is not known by frame */
	CELL_SLOTS = 2 * MOST_CELLS,
};

/* ---- what processes hold ---- */

static struct grown_process *find_process(const struct grown *l, pid_t pid)
{
	for (size_t i = l->n_processes; i-- > 0;)
		if (l->processes[i].pid == pid)
			return &l->processes[i];
	return NULL;
}

/* Beyond the bound there is none. */
static int add_process(struct grown *l, pid_t pid)
{
	if (find_process(l, pid) || l->n_processes == MOST_PROCESSES)
		return 0;
	struct grown_process *made = array_more(&l->processes, &l->n_processes, sizeof *made);
	if (!made)
		return -ENOMEM;
	made->pid = pid;
	return 0;
}

static void hold(struct grown *l, struct grown_process *process, int64_t umib)
{
	l->together = sum_of(l->together, umib - process->held);
	process->held = umib;
}

/* The slot of that cell, or the free one where it belongs. */
static uint32_t *slot_of(const struct grown *l, size_t process, size_t frame)
{
	size_t at =
		(size_t)((uint64_t)(process * (GROWN_FRAMES + 1) + frame) * 0x9e3779b97f4a7c15 >>
			 32);
	for (;; at++) {
		uint32_t *slot = &l->cell_slots[at % CELL_SLOTS];
		if (*slot == 0 ||
		    (l->cells[*slot - 1].process == process && l->cells[*slot - 1].frame == frame))
			return slot;
	}
}

static int add_to_cell(struct grown *l, struct grown_process *process,
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
		struct grown_cell *made = array_more(&l->cells, &l->n_cells, sizeof *made);
		if (!made)
			return -ENOMEM;
		*made = (struct grown_cell){ index, step->frame, 0, process->cells };
		process->cells = l->n_cells;
		*slot = (uint32_t)l->n_cells;
	}
	struct grown_cell *cell = &l->cells[*slot - 1];
	cell->net = sum_of(cell->net, step->delta);
	return 0;
}

/* ---- steps ---- */

/* The figures at the peak are those before the first change after it. */
static void change(struct grown_tally *tally, uint64_t peaks, int64_t delta, int64_t *at_peak)
{
	if (tally->seen_peak != peaks) {
		*at_peak = tally->alive;
		tally->seen_peak = peaks;
	}
	tally->alive = sum_of(tally->alive, delta);
}

static void end_process(struct grown *l, struct profile_growth *g, pid_t pid)
{
	struct grown_process *process = find_process(l, pid);
	if (!process || process->held == 0)
		return;
	hold(l, process, 0);
	for (size_t i = process->cells; i > 0; i = l->cells[i - 1].next) {
		struct grown_cell *cell = &l->cells[i - 1];
		change(&l->tallies[cell->frame], l->peaks, -cell->net,
		       &g->frames[cell->frame].at_peak);
		cell->net = 0;
	}
	for (size_t i = 0; i < g->n_threads; i++)
		if (g->threads[i].pid == pid)
			change(&l->thread_tallies[i], l->peaks, -l->thread_tallies[i].alive,
			       &g->threads[i].at_peak);
}

static void add_to_frame(struct grown *l, struct profile_growth *g, const struct profile_step *step)
{
	struct profile_frame *frame = &g->frames[step->frame];
	change(&l->tallies[step->frame], l->peaks, step->delta, &frame->at_peak);
	frame->net = sum_of(frame->net, step->delta);
	frame->grew = sum_of(frame->grew, step->delta > 0 ? step->delta : 0);
	frame->steps++;
}

static int add_to_thread(struct grown *l, struct profile_growth *g, const struct profile_step *step)
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
	change(&l->thread_tallies[i], l->peaks, step->delta, &thread->at_peak);
	thread->net = sum_of(thread->net, step->delta);
	thread->grew = sum_of(thread->grew, step->delta > 0 ? step->delta : 0);
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

static int add_step(struct grown *l, struct profile_growth *g, const struct profile_step *step)
{
	int r = grown_add_nowhere(l, g);
	if (r == 0 && g->n_steps == MOST_STEPS)
		put_together(g);
	struct profile_step *kept =
		r == 0 ? array_more(&g->steps, &g->n_steps, sizeof *kept) : NULL;
	if (!kept)
		return -ENOMEM;
	*kept = *step;
	add_to_frame(l, g, step);
	r = add_to_thread(l, g, step);
	if (l->together > g->peak.at.umib || l->peaks == 0) {
		g->peak = *step;
		g->peak.at.umib = l->together;
		l->peaks++;
	}
	return r;
}

/* ---- records ---- */

static int take_path(struct loading *l, const struct profile_record *record)
{
	return grown_take_path(&l->growth, &l->profile.growth, record);
}

static int take_frame(struct loading *l, const struct profile_record *record)
{
	return grown_take_frame(&l->growth, &l->profile.growth, record);
}

/* What is outside of the window grew all the same, only not there: of that, only what processes
 * hold is noted. */
static int take_step(struct loading *loading, const struct profile_record *record)
{
	struct grown *l = &loading->growth;
	struct profile_growth *g = &loading->profile.growth;
	bool counts =
		!has_window(loading) || (loading->started && is_inside(loading, record->at.us));
	if (record->frame > l->n_frame_of)
		return 0;
	int r = add_process(l, record->pid);
	struct grown_process *process = r == 0 ? find_process(l, record->pid) : NULL;
	if (process)
		hold(l, process, record->at.umib);
	struct profile_step step = {
		.at = record->at,
		.together = l->together,
		.delta = record->increment,
		.frame = record->frame ? l->frame_of[record->frame - 1] : 0,
		.pid = record->pid,
		.thread = record->thread,
	};
	if (r == 0 && counts)
		r = add_step(l, g, &step);
	return r == 0 && counts && process ? add_to_cell(l, process, &step) : r;
}

static int take_gone(struct loading *l, const struct profile_record *record)
{
	end_process(&l->growth, &l->profile.growth, record->pid);
	return 0;
}

/* ---- all of it ---- */

/* What stands unchanged since the peak was held at it. */
static void settle(const struct loading *loading, struct profile *p)
{
	const struct grown *l = &loading->growth;
	struct profile_growth *g = &p->growth;
	for (size_t i = 0; i < g->n_frames; i++)
		if (l->tallies[i].seen_peak != l->peaks)
			g->frames[i].at_peak = l->tallies[i].alive;
	for (size_t i = 0; i < g->n_threads; i++)
		if (l->thread_tallies[i].seen_peak != l->peaks)
			g->threads[i].at_peak = l->thread_tallies[i].alive;
}

static int copy_texts(struct profile_growth *to, const struct profile_growth *from)
{
	to->paths = copy_of(from->paths, from->n_paths, sizeof *to->paths);
	for (size_t i = 0; to->paths && i < from->n_paths; i++) {
		to->n_paths++;
		to->paths[i] = strdup(from->paths[i]);
		if (!to->paths[i])
			return -ENOMEM;
	}
	to->frames = copy_of(from->frames, from->n_frames, sizeof *to->frames);
	for (size_t i = 0; to->frames && i < from->n_frames; i++) {
		const char *function = from->frames[i].function;
		to->n_frames++;
		to->frames[i].function = function ? strdup(function) : NULL;
		if (!to->frames[i].function != !function)
			return -ENOMEM;
	}
	return to->n_paths == from->n_paths && to->n_frames == from->n_frames ? 0 : -ENOMEM;
}

static int copy(struct profile *to_profile, const struct profile *from_profile)
{
	const struct profile_growth *from = &from_profile->growth;
	struct profile_growth *to = &to_profile->growth;
	to->peak = from->peak;
	to->dropped_frames = from->dropped_frames;
	to->steps = copy_of(from->steps, from->n_steps, sizeof *to->steps);
	to->n_steps = to->steps ? from->n_steps : 0;
	to->threads = copy_of(from->threads, from->n_threads, sizeof *to->threads);
	to->n_threads = to->threads ? from->n_threads : 0;
	return to->n_steps == from->n_steps && to->n_threads == from->n_threads
		       ? copy_texts(to, from)
		       : -ENOMEM;
}

static void drop(struct profile *p)
{
	struct profile_growth *g = &p->growth;
	for (size_t i = 0; i < g->n_paths; i++)
		free(g->paths[i]);
	for (size_t i = 0; i < g->n_frames; i++)
		free(g->frames[i].function);
	free(g->paths);
	free(g->frames);
	free(g->steps);
	free(g->threads);
	*g = (struct profile_growth){ 0 };
}

static void forget(struct loading *loading)
{
	struct grown *l = &loading->growth;
	names_free(&l->paths);
	names_free(&l->frames);
	free(l->path_of);
	free(l->frame_of);
	free(l->tallies);
	free(l->thread_tallies);
	free(l->cells);
	free(l->cell_slots);
	free(l->processes);
	*l = (struct grown){ 0 };
}

static void begin(struct loading *l)
{
	drop(&l->profile);
	forget(l);
}

const struct part part_growth = {
	.takes = { { PROFILE_PATH, take_path },
		   { PROFILE_FRAME, take_frame },
		   { PROFILE_GROW, take_step },
		   { PROFILE_GONE, take_gone } },
	.beside = true,
	.begin = begin,
	.copy = copy,
	.settle = settle,
	.drop = drop,
	.forget = forget,
};
