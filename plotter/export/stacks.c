#include "plotter/export/stacks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/names.h"
#include "share/profile/sum.h"

/* ---- places ---- */

static int by_place(const void *a, const void *b, void *context)
{
	const struct growth *g = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct profile_frame *x = &g->frames[i], *y = &g->frames[k];
	if (x->path != y->path)
		return x->path < y->path ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	return strcmp(x->function, y->function);
}

/* The first frame is no place, and has no function. */
static int find_places(struct stacks *s)
{
	size_t n = s->growth.n_frames;
	size_t *order = calloc(n + 1, sizeof *order);
	s->place_of = calloc(n + 1, sizeof *s->place_of);
	s->frame_of = calloc(n + 1, sizeof *s->frame_of);
	if (!order || !s->place_of || !s->frame_of) {
		free(order);
		return -ENOMEM;
	}
	s->n_places = 1;
	for (size_t i = 1; i < n; i++)
		order[i] = i;
	if (n > 2)
		qsort_r(order + 1, n - 1, sizeof *order, by_place, &s->growth);
	for (size_t i = 1; i < n; i++) {
		if (i == 1 || by_place(&order[i - 1], &order[i], &s->growth) != 0)
			s->frame_of[s->n_places++] = order[i];
		s->place_of[order[i]] = s->n_places - 1;
	}
	free(order);
	return 0;
}

/* ---- figures ---- */

static void add(int64_t *to, int64_t delta)
{
	*to = sum_of(*to, delta);
}

/* What grew is the window's already; of the heap, what lives when that ends. */
static void take_figures(struct stacks *s, const struct export *export)
{
	const struct profile_heap *h = &s->profile->heap;
	size_t n = s->growth.n_frames;
	int64_t end = s->profile->start_us + (int64_t)(fmin(export->to, 9e9) * 1e6);
	bool windowed = export->from != export->to;
	for (size_t i = 0; i < n; i++) {
		s->figures[STACKS_GREW][i] = s->growth.frames[i].grew;
		s->figures[STACKS_AT_PEAK][i] = s->growth.frames[i].at_peak;
		s->figures[STACKS_HEAP][i] = i < h->n_frames && !windowed ? h->frames[i].live : 0;
	}
	for (size_t i = 0; i < h->n_steps && windowed && h->steps[i].us <= end; i++)
		if (h->steps[i].frame < n)
			add(&s->figures[STACKS_HEAP][h->steps[i].frame], h->steps[i].live);
}

int stacks_open(struct stacks *s, const struct export *export)
{
	*s = (struct stacks){ .profile = export->profile };
	int r = growth_open(&s->growth, &export->profile->growth, NULL);
	r = r ? r : find_places(s);
	for (int i = 0; i < STACKS_KINDS && r == 0; i++) {
		s->figures[i] = calloc(s->growth.n_frames + 1, sizeof *s->figures[i]);
		r = s->figures[i] ? 0 : -ENOMEM;
	}
	if (r == 0)
		take_figures(s, export);
	return r;
}

void stacks_close(struct stacks *s)
{
	growth_close(&s->growth);
	free(s->place_of);
	free(s->frame_of);
	for (int i = 0; i < STACKS_KINDS; i++)
		free(s->figures[i]);
}

bool stacks_has(const struct stacks *s, enum stacks_of of)
{
	for (size_t i = 0; i < s->growth.n_frames; i++)
		if (s->figures[of][i] > 0)
			return true;
	return false;
}

/* ---- words ---- */

const char *stacks_say(char out[STACKS_WORDS], const struct stacks *s, enum stacks_of of)
{
	int64_t grew = 0, polled = 0;
	for (size_t i = 0; i < s->growth.n_frames; i++) {
		add(&grew, s->growth.frames[i].grew);
		add(&polled, s->growth.frames[i].polled);
	}
	const char *how = polled == 0         ? ""
			  : polled > grew / 2 ? ", mostly seen by polling: an estimate"
					      : ", in part seen by polling: an estimate";
	if (of == STACKS_HEAP)
		snprintf(out, STACKS_WORDS, "heap that lives at the end, sampled: an estimate");
	else
		snprintf(out, STACKS_WORDS, "%s%s",
			 of == STACKS_GREW ? "where memory grew, in all" : "what stood at the peak",
			 how);
	return out;
}

char *stacks_name(const struct stacks *s, size_t place)
{
	const struct profile_frame *f = &s->growth.frames[s->frame_of[place]];
	char name[GROWTH_NAME];
	if (place == 0)
		return strdup("(no known line)");
	if (f->thread && !f->native)
		snprintf(name, sizeof name, "thread %d, %s", (int)f->thread, f->function);
	else
		snprintf(name, sizeof name, "%s", f->function);
	return strdup(name);
}

char *stacks_label(const struct stacks *s, size_t place)
{
	char *name = stacks_name(s, place), *label;
	if (!name || !stacks_file(s, place) || stacks_line(s, place) == 0)
		return name;
	int n = asprintf(&label, "%s (%s:%d)", name,
			 growth_path(&s->growth, s->growth.frames[s->frame_of[place]].path),
			 stacks_line(s, place));
	free(name);
	return n < 0 ? NULL : label;
}

const char *stacks_file(const struct stacks *s, size_t place)
{
	size_t frame = s->frame_of[place];
	if (place == 0 || !growth_is_place(&s->growth, frame))
		return NULL;
	return s->growth.paths[s->growth.frames[frame].path];
}

int stacks_line(const struct stacks *s, size_t place)
{
	return place == 0 ? 0 : s->growth.frames[s->frame_of[place]].line;
}
