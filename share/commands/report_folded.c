/* "outermost;…;innermost KiB", a stack a line: what flame-graph tools read. */
#include <stdlib.h>

#include "share/commands/report.h"
#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/text.h"

enum { DEEPEST = 512 };

/* ';' parts frames, and the last blank a figure from them. */
static void print_name(const struct growth *g, size_t frame, enum growth_by by)
{
	char name[GROWTH_NAME];
	const struct growth_row row = { .frame = frame };
	const struct profile_frame *f = &g->frames[frame];
	if (f->thread && !f->native)
		snprintf(name, sizeof name, "thread %d, %s", (int)f->thread, f->function);
	else if (by == GROWTH_BY_LINE && f->line > 0)
		snprintf(name, sizeof name, "%s (%s:%d)", f->function, growth_path(g, f->path),
			 f->line);
	else
		growth_name(name, g, &row, by);
	char *shown = text_printable(name);
	for (const char *c = shown; c && *c; c++)
		putchar(*c == ';' ? ':' : *c);
	free(shown);
}

static void print_stack(const struct growth *g, size_t frame, enum growth_by by)
{
	size_t room[DEEPEST], n = 0;
	for (; frame > 0 && n < DEEPEST; frame = g->frames[frame].caller)
		room[n++] = frame;
	if (frame > 0)
		fputs("…;", stdout);
	while (n-- > 0) {
		print_name(g, room[n], by);
		if (n > 0)
			putchar(';');
	}
}

/* What the frame grew by, or what it allocated that lives at the end. */
static int64_t figure_of(const struct report *p, size_t frame, bool heap)
{
	const struct profile_heap *h = &p->profile->heap;
	if (heap)
		return frame < h->n_frames ? h->frames[frame].live : 0;
	return frame < p->growth.n_frames ? p->growth.frames[frame].grew : 0;
}

int report_print_folded(const struct report *p, const struct report_options *o)
{
	const struct growth *g = &p->growth;
	for (size_t i = 0; i < g->n_frames || i == 0; i++) {
		long long kib = (long long)(sample_mib(figure_of(p, i, o->heap)) * 1024 + 0.5);
		if (kib <= 0)
			continue;
		if (i == 0)
			fputs("(no known line)", stdout);
		else
			print_stack(g, i, o->by);
		printf(" %lld\n", kib);
	}
	return 0;
}
