#include "plotter/align.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/profile/profile.h"

/* mark:NAME, or "mark NAME" as one word: a name may hold anything. */
static int parse(const char *text, void *value)
{
	struct align *align = value;
	const size_t word = strlen("mark");
	if (strcmp(text, "start") == 0)
		align->by = ALIGN_START;
	else if (strcmp(text, "clock") == 0)
		align->by = ALIGN_CLOCK;
	else if (strncmp(text, "mark", word) == 0 && strchr(": ", text[word]) && text[word] &&
		 text[word + 1])
		*align = (struct align){ ALIGN_MARK, text + word + 1 };
	else
		return -EINVAL;
	return 0;
}

const struct option_type option_align = { "HOW", "start, clock or mark:NAME", parse,
					  "start clock mark:" };

/* The first of that name; NULL: it has none. */
static const struct profile_mark *mark_of(const struct align *align, const struct profile *p)
{
	for (size_t i = 0; i < p->n_marks; i++)
		if (strcmp(p->marks[i].label, align->mark) == 0)
			return &p->marks[i];
	return NULL;
}

bool align_can(const struct align *align, const struct profile *profile)
{
	return align->by != ALIGN_MARK || mark_of(align, profile);
}

/* µs: what of each is to stand at one place, or, without a mark, its own start. */
static int64_t moment_of(const struct align *align, const struct profile *p)
{
	return align->by == ALIGN_MARK ? mark_of(align, p)->at.us : p->start_us;
}

/* µs: how much there is of each before that at the most; so far from zero they meet. */
static int64_t lead_of(const struct align *align, const struct profile *const profiles[], size_t n)
{
	int64_t most = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t lead = moment_of(align, profiles[i]) - profiles[i]->start_us;
		most = lead > most ? lead : most;
	}
	return most;
}

static int64_t first_of(const struct profile *const profiles[], size_t n)
{
	int64_t first = profiles[0]->start_us;
	for (size_t i = 1; i < n; i++)
		first = profiles[i]->start_us < first ? profiles[i]->start_us : first;
	return first;
}

static void say(struct aligned *aligned, const struct align *align, int64_t lead)
{
	if (aligned->n < 2 || align->by == ALIGN_USUAL || align->by == ALIGN_START)
		return;
	if (align->by == ALIGN_CLOCK) {
		aligned->how = "as it was, by the clock";
		return;
	}
	aligned->how = "aligned at a mark";
	aligned->meeting = align->mark;
	aligned->meets = sample_seconds(lead);
}

int align_make(struct aligned *aligned, const struct align *align,
	       const struct profile *const profiles[], size_t n)
{
	*aligned = (struct aligned){ .n = n };
	aligned->copies = calloc(n + 1, sizeof *aligned->copies);
	aligned->profiles = calloc(n + 1, sizeof *aligned->profiles);
	if (!aligned->copies || !aligned->profiles || n == 0) {
		align_free(aligned);
		return -ENOMEM;
	}
	int64_t lead = lead_of(align, profiles, n), first = first_of(profiles, n);
	for (size_t i = 0; i < n; i++) {
		aligned->profiles[i] = &aligned->copies[i];
		aligned->copies[i] = *profiles[i];
		aligned->copies[i].start_us =
			align->by == ALIGN_CLOCK ? first : moment_of(align, profiles[i]) - lead;
	}
	say(aligned, align, lead);
	return 0;
}

static int within(struct profile_series *series, int64_t from, int64_t to)
{
	struct columns columns;
	int r = columns_within(&series->columns, from, to, series->columns.n, &columns);
	if (r < 0)
		return r;
	series->samples = 0;
	for (size_t i = 0; i < columns.n; i++) {
		struct sample samples[4];
		for (size_t k = parts_samples(&columns.items[i], samples); k-- > 0;) {
			if (samples[k].us < from || samples[k].us > to)
				continue;
			if (series->samples++ == 0 || samples[k].umib >= series->peak.umib)
				series->peak = samples[k];
		}
	}
	columns_free(&columns);
	return 0;
}

int align_window(struct aligned *aligned, double from, double to)
{
	int r = 0;
	for (size_t i = 0; i < aligned->n && r == 0; i++) {
		struct profile *p = &aligned->copies[i];
		r = within(&p->memory, p->start_us + llround(from * 1e6),
			   p->start_us + llround(to * 1e6));
	}
	return r;
}

void align_free(struct aligned *aligned)
{
	free(aligned->copies);
	free(aligned->profiles);
	*aligned = (struct aligned){ 0 };
}
