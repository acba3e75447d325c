#include "share/growth/folded.h"

#include <stdlib.h>

#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/text.h"

enum { DEEPEST = 512 };

/* ';' parts frames, and the last blank a figure from them. */
static void put_words(FILE *out, const char *words)
{
	char *shown = text_printable(words);
	for (const char *c = shown; c && *c; c++)
		putc(*c == ';' ? ':' : *c, out);
	free(shown);
}

static void put_name(FILE *out, const struct folded *folded, size_t frame)
{
	char name[GROWTH_NAME];
	const struct growth *g = folded->growth;
	const struct growth_row row = { .frame = frame };
	const struct profile_frame *f = &g->frames[frame];
	if (f->thread && !f->native)
		snprintf(name, sizeof name, "thread %d, %s", (int)f->thread, f->function);
	else if (folded->by == GROWTH_BY_LINE && f->line > 0)
		snprintf(name, sizeof name, "%s (%s:%d)", f->function, growth_path(g, f->path),
			 f->line);
	else
		growth_name(name, g, &row, folded->by);
	put_words(out, name);
}

static void put_stack(FILE *out, const struct folded *folded, size_t frame)
{
	size_t room[DEEPEST], n = 0;
	for (; frame > 0 && n < DEEPEST; frame = folded->growth->frames[frame].caller)
		room[n++] = frame;
	if (frame > 0)
		fputs("…;", out);
	while (n-- > 0) {
		put_name(out, folded, room[n]);
		if (n > 0)
			putc(';', out);
	}
}

void folded_put(FILE *out, const struct folded *folded)
{
	size_t n = folded->growth->n_frames;
	for (size_t i = 0; i < n || i == 0; i++) {
		long long kib = (long long)(sample_mib(folded->figures[i]) * 1024 + 0.5);
		if (kib <= 0)
			continue;
		if (folded->root) {
			put_words(out, folded->root);
			putc(';', out);
		}
		if (i == 0)
			fputs("(no known line)", out);
		else
			put_stack(out, folded, i);
		fprintf(out, " %lld\n", kib);
	}
}
