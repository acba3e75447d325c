/* HEAP: what a sampled heap holds, and held at every moment, in bounded memory. */
#include "share/profile/heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum {
	MOST_STEPS = 1 << 17, /* twice the frames that there can be */
	MOST_SLOTS = 1 << 16, /* of time, at first, once there are too many steps */
	NEAR = 1000000, /* µs: who ended so long before the end of all was there until then */
};

/* ---- steps ---- */

static int by_time(const void *a, const void *b)
{
	const struct profile_heap_step *x = a, *y = b;
	if (x->us != y->us)
		return x->us < y->us ? -1 : 1;
	return (x->frame > y->frame) - (x->frame < y->frame);
}

static void put_in_order(struct heap_loading *l, struct profile_heap *h)
{
	if (l->jumbled)
		qsort(h->steps, h->n_steps, sizeof *h->steps, by_time);
	l->jumbled = false;
}

static void join(struct profile_heap_step *to, const struct profile_heap_step *step)
{
	to->live = sum_of(to->live, step->live);
	to->spread = sum_of(to->spread, step->spread);
	to->blocks = sum_of(to->blocks, step->blocks);
}

/* All of a frame within one grain of time becomes one step, at its end. */
static void make_coarser(struct profile_heap *h, int64_t from)
{
	size_t n = 0;
	for (size_t i = 0; i < h->n_steps; i++) {
		int64_t us = h->steps[i].us;
		h->steps[i].us = from + ((us - from) / h->grain + 1) * h->grain - 1;
	}
	qsort(h->steps, h->n_steps, sizeof *h->steps, by_time);
	for (size_t i = 0; i < h->n_steps; i++) {
		struct profile_heap_step *last = n ? &h->steps[n - 1] : NULL;
		if (last && by_time(last, &h->steps[i]) == 0)
			join(last, &h->steps[i]);
		else
			h->steps[n++] = h->steps[i];
	}
	h->n_steps = n;
}

/* Half of the room again: with a single grain for all time there are as many steps as frames. */
static void thin_out(struct heap_loading *l, struct profile_heap *h)
{
	put_in_order(l, h);
	int64_t from = h->steps[0].us, length;
	if (__builtin_sub_overflow(h->steps[h->n_steps - 1].us, from, &length))
		length = INT64_MAX / 4;
	length = length > INT64_MAX / 4 ? INT64_MAX / 4 : length;
	if (h->grain == 0)
		h->grain = length / MOST_SLOTS + 1;
	while (h->n_steps > MOST_STEPS / 2 && h->grain <= length) {
		h->grain *= 2;
		make_coarser(h, from);
	}
}

static int add_step(struct heap_loading *l, struct profile_heap *h, int64_t us, size_t frame,
		    const struct heap_figures *change)
{
	if (h->n_steps == MOST_STEPS)
		thin_out(l, h);
	if (h->n_steps == MOST_STEPS)
		return 0; /* moments that no clock has */
	l->jumbled |= h->n_steps > 0 && us < h->steps[h->n_steps - 1].us;
	struct profile_heap_step *step = array_more(&h->steps, &h->n_steps, sizeof *step);
	if (!step)
		return -ENOMEM;
	*step = (struct profile_heap_step){ us, change->live, change->spread, change->blocks,
					    frame };
	return 0;
}

static struct heap_figures less(const struct heap_figures *f)
{
	return (struct heap_figures){ sum_of(0, -f->live), sum_of(0, -f->spread),
				      sum_of(0, -f->blocks) };
}

/* What it held goes with it. */
static int take_away(struct heap_loading *l, struct profile_heap *h, struct heap_process *process)
{
	int r = 0;
	for (size_t i = 0; i < process->n_cells && r == 0; i++) {
		const struct heap_cell *cell = &process->cells[i];
		const struct heap_figures back = less(&cell->holds);
		if (back.live != 0 || back.blocks != 0 || back.spread != 0)
			r = add_step(l, h, process->ended, cell->frame, &back);
	}
	process->taken = true;
	l->n_ended--;
	heap_process_clear(l, process);
	return r;
}

static int take_ended(struct heap_loading *l, struct profile_heap *h, int64_t before)
{
	int r = 0;
	for (size_t i = 0; i < l->n_processes && l->n_ended > 0 && r == 0; i++) {
		struct heap_process *p = &l->processes[i];
		if (p->ended != 0 && !p->taken && p->ended < before)
			r = take_away(l, h, p);
	}
	return r;
}

/* ---- records ---- */

static void end(struct heap_loading *l, struct heap_process *process, int64_t us)
{
	if (process->ended != 0)
		return;
	process->ended = us ? us : 1;
	l->n_ended++;
}

static struct profile_heap_frame *frame_at(struct profile_heap *h, size_t index)
{
	while (h->n_frames <= index)
		if (!array_more(&h->frames, &h->n_frames, sizeof *h->frames))
			return NULL;
	return &h->frames[index];
}

/* What has lived is given back, or its process has ended: then nothing is. */
static bool is_end(const struct profile_record *record)
{
	return record->live < 0 && record->given_back == 0;
}

/* A record may come late: of a process of which all has been taken away, this is too. */
static int count(struct heap_loading *l, struct profile_heap *h, struct heap_process *process,
		 size_t frame, const struct profile_record *record)
{
	const struct heap_figures change = { record->live, record->spread, record->blocks };
	bool taken = process && process->taken;
	int64_t us = taken && record->at.us > process->ended ? process->ended : record->at.us;
	int r = add_step(l, h, us, frame, &change);
	if (r == 0 && taken) {
		const struct heap_figures back = less(&change);
		return add_step(l, h, process->ended, frame, &back);
	}
	return r == 0 && process ? heap_process_add(l, process, frame, &change) : r;
}

static int take_change(struct loading *loading, const struct profile_record *record)
{
	struct heap_loading *l = &loading->heap;
	struct profile_heap *h = &loading->profile.heap;
	size_t index = growth_frame_of(&loading->growth, record->frame);
	struct profile_heap_frame *frame = frame_at(h, index);
	if (!frame)
		return -ENOMEM;
	h->records++;
	if (record->how == PROFILE_INHERITED) {
		if (record->live > 0)
			frame->inherited = sum_of(frame->inherited, record->live);
		return 0;
	}
	if (record->at.us > l->latest)
		l->latest = record->at.us;
	if (take_ended(l, h, sum_of(l->latest, -NEAR)) < 0)
		return -ENOMEM;
	struct heap_process *process = heap_process_of(l, record->pid);
	if (process && is_end(record)) {
		end(l, process, record->at.us);
		return 0;
	}
	frame->given_back = sum_of(frame->given_back, record->given_back);
	return count(l, h, process, index, record);
}

static int take(struct loading *loading, const struct profile_record *record)
{
	struct heap_loading *l = &loading->heap;
	if (record->kind == PROFILE_HEAP)
		return take_change(loading, record);
	struct heap_process *process = heap_process_find(l, record->pid);
	if (process && record->kind == PROFILE_GONE)
		end(l, process, record->at.us);
	if (process && record->kind == PROFILE_PROC && process->ended != 0)
		process->pid = 0;
	return 0;
}

/* ---- what it comes to ---- */

/* When all held most. Returns how many of the steps had come by then. */
static size_t find_peak(struct profile_heap *h)
{
	size_t end = 0;
	int64_t live = 0;
	h->peak = (struct sample){ 0 };
	for (size_t i = 0; i < h->n_steps; i++) {
		live = sum_of(live, h->steps[i].live);
		if (i + 1 < h->n_steps && h->steps[i + 1].us == h->steps[i].us)
			continue;
		if (end > 0 && live <= h->peak.umib)
			continue;
		h->peak = (struct sample){ .umib = live, .us = h->steps[i].us };
		end = i + 1;
	}
	return end;
}

static void clear(struct profile_heap *h)
{
	h->live = h->at_rss_peak = h->given_back = h->inherited = 0;
	for (size_t i = 0; i < h->n_frames; i++)
		h->frames[i] = (struct profile_heap_frame){
			.given_back = h->frames[i].given_back,
			.inherited = h->frames[i].inherited,
		};
}

static void add_up(struct profile_heap *h, size_t peak, int64_t rss_peak)
{
	for (size_t i = 0; i < h->n_steps; i++) {
		const struct profile_heap_step *s = &h->steps[i];
		struct profile_heap_frame *f = &h->frames[s->frame];
		f->live = sum_of(f->live, s->live);
		f->spread = sum_of(f->spread, s->spread);
		f->blocks = sum_of(f->blocks, s->blocks);
		if (i < peak) {
			f->at_peak = sum_of(f->at_peak, s->live);
			f->spread_at_peak = sum_of(f->spread_at_peak, s->spread);
		}
		if (s->us <= rss_peak)
			f->at_rss_peak = sum_of(f->at_rss_peak, s->live);
	}
	for (size_t i = 0; i < h->n_frames; i++) {
		const struct profile_heap_frame *f = &h->frames[i];
		h->live = sum_of(h->live, f->live);
		h->at_rss_peak = sum_of(h->at_rss_peak, f->at_rss_peak);
		h->given_back = sum_of(h->given_back, f->given_back);
		h->inherited = sum_of(h->inherited, f->inherited);
	}
}

/* With children beside it the peak is theirs, too. */
static int64_t peak_moment(const struct profile *p)
{
	bool together = !profile_is_set(p, "tree") && p->together.umib > p->memory.peak.umib;
	return together ? p->together.us : p->memory.peak.us;
}

static int settle(struct loading *l)
{
	struct profile *p = &l->profile;
	if (p->heap.records == 0)
		return 0;
	int r = take_ended(&l->heap, &p->heap, sum_of(profile_end_us(p), -NEAR));
	if (r < 0)
		return r;
	put_in_order(&l->heap, &p->heap);
	clear(&p->heap);
	add_up(&p->heap, find_peak(&p->heap), peak_moment(p));
	return 0;
}

/* ---- the part ---- */

static void forget(struct loading *l)
{
	heap_processes_free(&l->heap);
}

static void drop(struct profile *p)
{
	free(p->heap.frames);
	free(p->heap.steps);
	p->heap = (struct profile_heap){ 0 };
}

static void begin(struct loading *l)
{
	forget(l);
	drop(&l->profile);
}

const struct loading_part loading_heap = {
	.kinds = 1u << PROFILE_HEAP | 1u << PROFILE_PROC | 1u << PROFILE_GONE,
	.no_curve = true,
	.take = take,
	.settle = settle,
	.begin = begin,
	.forget = forget,
	.free = drop,
};
