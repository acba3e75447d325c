/* PATH, FRAME and GROW: where memory grew, in bounded memory: the figures of frames are added up as
 * they come. */
#include "share/profile/growth.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum {
	MOST_PATHS = 16384,
	MOST_FRAMES = 65536,
	MOST_NUMBERS = 1 << 20, /* that a file may give to either */
	MOST_STEPS = 65536,     /* even */
	MOST_PROCESSES = 1024,
	MOST_THREADS = 1024,
	MOST_CELLS = 1 << 18, /* beyond them, what dies with a process is not known by frame */
	CELL_SLOTS = 2 * MOST_CELLS,
	LONGEST_FUNCTION = 2048,
	LONGEST_KEY = LONGEST_FUNCTION + 64,
};

/* ---- numbers and what they stand for ---- */

/* Notes what a number means from here on; the next one is one more than there are. */
static int give_number(size_t **of, size_t *n, uint64_t number, size_t index)
{
	if (number == 0 || number > *n + 1 || number > MOST_NUMBERS)
		return 0;
	if (number == *n + 1) {
		size_t *grown = array_more(of, n, sizeof *grown);
		if (!grown)
			return -ENOMEM;
	}
	(*of)[number - 1] = index;
	return 0;
}

static int take_path(struct growth_loading *l, struct profile_growth *g,
		     const struct profile_record *record)
{
	long at = names_find(&l->paths, record->text, MOST_PATHS);
	if (at == -ENOMEM)
		return -ENOMEM;
	if (at < 0) {
		at = 0; /* too many: they go by the first */
		g->unnamed++;
	}
	if ((size_t)at == g->n_paths) {
		char *copy = strdup(record->text);
		char **path = copy ? array_more(&g->paths, &g->n_paths, sizeof *path) : NULL;
		if (!path) {
			free(copy);
			return -ENOMEM;
		}
		*path = copy;
	}
	return give_number(&l->path_of, &l->n_path_of, record->number, (size_t)at);
}

static int add_frame(struct growth_loading *l, struct profile_growth *g,
		     const struct profile_frame *what)
{
	char *function = what->function ? strndup(what->function, LONGEST_FUNCTION) : NULL;
	if (what->function && !function)
		return -ENOMEM;
	if (!array_more(&l->tallies, &l->n_tallies, sizeof *l->tallies)) {
		free(function);
		return -ENOMEM;
	}
	struct profile_frame *frame = array_more(&g->frames, &g->n_frames, sizeof *frame);
	if (!frame) {
		free(function);
		return -ENOMEM;
	}
	*frame = *what;
	frame->function = function;
	return 0;
}

/* Frame 0, which no record tells of. */
static int add_nowhere(struct growth_loading *l, struct profile_growth *g)
{
	return g->n_frames > 0 ? 0 : add_frame(l, g, &(struct profile_frame){ 0 });
}

/* Found by its whole identity, so that a recorder may begin its numbers anew. */
static int take_frame(struct growth_loading *l, struct profile_growth *g,
		      const struct profile_record *record)
{
	char key[LONGEST_KEY];
	if (record->caller > l->n_frame_of || record->path == 0 || record->path > l->n_path_of)
		return 0;
	int r = add_nowhere(l, g);
	if (r < 0)
		return r;
	struct profile_frame what = {
		.caller = record->caller ? l->frame_of[record->caller - 1] : 0,
		.path = l->path_of[record->path - 1],
		.line = record->place.line,
		.function = (char *)record->function, /* copied where it is new */
	};
	snprintf(key, sizeof key, "%zu %zu %d %.*s", what.caller, what.path, what.line,
		 LONGEST_FUNCTION, what.function);
	long at = names_find(&l->frames, key, MOST_FRAMES);
	if (at == -ENOMEM)
		return -ENOMEM;
	size_t index = (size_t)at + 1; /* behind frame 0 */
	if (at < 0) {
		index = what.caller; /* too many: its figures are its caller's */
		g->unnamed++;
	} else if (index == g->n_frames) {
		r = add_frame(l, g, &what);
		if (r < 0)
			return r;
	}
	return give_number(&l->frame_of, &l->n_frame_of, record->number, index);
}

/* ---- what processes hold ---- */

static struct growth_process *find_process(const struct growth_loading *l, pid_t pid)
{
	for (size_t i = l->n_processes; i-- > 0;)
		if (l->processes[i].pid == pid)
			return &l->processes[i];
	return NULL;
}

/* Beyond the bound there is none. */
static int add_process(struct growth_loading *l, pid_t pid)
{
	if (find_process(l, pid) || l->n_processes == MOST_PROCESSES)
		return 0;
	struct growth_process *made = array_more(&l->processes, &l->n_processes, sizeof *made);
	if (!made)
		return -ENOMEM;
	made->pid = pid;
	return 0;
}

static void hold(struct growth_loading *l, struct growth_process *process, int64_t umib)
{
	l->together = sum_of(l->together, umib - process->held);
	process->held = umib;
}

/* The slot of that cell, or the free one where it belongs. */
static uint32_t *slot_of(const struct growth_loading *l, size_t process, size_t frame)
{
	size_t at = (size_t)((uint64_t)(process * (MOST_FRAMES + 1) + frame) * 0x9e3779b97f4a7c15 >>
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

static void process_gone(struct growth_loading *l, struct profile_growth *g, pid_t pid)
{
	struct growth_process *process = find_process(l, pid);
	if (!process || process->held == 0)
		return;
	hold(l, process, 0);
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

static void add_to_frame(struct growth_loading *l, struct profile_growth *g,
			 const struct profile_step *step)
{
	struct profile_frame *frame = &g->frames[step->frame];
	change(&l->tallies[step->frame], l->peaks, step->delta, &frame->at_peak);
	frame->net = sum_of(frame->net, step->delta);
	frame->grew = sum_of(frame->grew, step->delta > 0 ? step->delta : 0);
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

static void note_peak(struct growth_loading *l, struct profile_growth *g,
		      const struct profile_step *step)
{
	if (l->together <= g->peak.at.umib && l->peaks > 0)
		return;
	g->peak = *step;
	g->peak.at.umib = l->together;
	l->peaks++;
}

static int take_step(struct growth_loading *l, struct profile_growth *g,
		     const struct profile_step *step)
{
	if (add_nowhere(l, g) < 0)
		return -ENOMEM;
	if (g->n_steps == MOST_STEPS)
		put_together(g);
	struct profile_step *kept = array_more(&g->steps, &g->n_steps, sizeof *kept);
	if (!kept)
		return -ENOMEM;
	*kept = *step;
	add_to_frame(l, g, step);
	note_peak(l, g, step);
	return add_to_thread(l, g, step);
}

/* Where it does not count, only what processes hold is noted. */
static int take_growth(struct growth_loading *l, struct profile_growth *g,
		       const struct profile_record *record, bool counts)
{
	if (record->frame > l->n_frame_of)
		return 0;
	int r = add_process(l, record->pid);
	struct growth_process *process = r == 0 ? find_process(l, record->pid) : NULL;
	if (process)
		hold(l, process, record->at.umib);
	struct profile_step step = {
		.at = record->at,
		.together = l->together,
		.delta = record->increment,
		.frame = record->frame ? l->frame_of[record->frame - 1] : 0,
		.pid = record->pid,
		.thread = record->thread,
		.how = record->how,
	};
	if (!counts || r < 0 || record->how == PROFILE_COPIED)
		return r;
	if (record->how == PROFILE_INHERITED) {
		g->inherited = sum_of(g->inherited, record->increment);
		note_peak(l, g, &step);
		return 0;
	}
	r = take_step(l, g, &step);
	return r == 0 && process ? add_to_cell(l, process, &step) : r;
}

/* ---- the part ---- */

/* What is outside of the window grew all the same, only not there. */
static int take(struct loading *l, const struct profile_record *record)
{
	struct profile_growth *g = &l->profile.growth;
	bool counts = !l->window.wanted || (l->started && loading_shows(l, record->at.us));
	switch (record->kind) {
	case PROFILE_PATH: return take_path(&l->growth, g, record);
	case PROFILE_FRAME: return take_frame(&l->growth, g, record);
	case PROFILE_GONE: process_gone(&l->growth, g, record->pid); return 0;
	default: return take_growth(&l->growth, g, record, counts);
	}
}

/* The figures at the peak are those before the first change after it, and there may be none yet. */
static int settle(struct loading *l)
{
	struct profile_growth *g = &l->profile.growth;
	struct growth_loading *lo = &l->growth;
	for (size_t i = 0; i < g->n_frames; i++)
		change(&lo->tallies[i], lo->peaks, 0, &g->frames[i].at_peak);
	for (size_t i = 0; i < g->n_threads; i++)
		change(&lo->thread_tallies[i], lo->peaks, 0, &g->threads[i].at_peak);
	return 0;
}

static void forget(struct loading *loading)
{
	struct growth_loading *l = &loading->growth;
	names_free(&l->paths);
	names_free(&l->frames);
	free(l->path_of);
	free(l->frame_of);
	free(l->tallies);
	free(l->thread_tallies);
	free(l->cells);
	free(l->cell_slots);
	free(l->processes);
	*l = (struct growth_loading){ 0 };
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

static void begin(struct loading *l)
{
	forget(l);
	drop(&l->profile);
}

const struct loading_part loading_growth = {
	.kinds = 1u << PROFILE_PATH | 1u << PROFILE_FRAME | 1u << PROFILE_GROW | 1u << PROFILE_GONE,
	.no_curve = true,
	.take = take,
	.settle = settle,
	.begin = begin,
	.forget = forget,
	.free = drop,
};
