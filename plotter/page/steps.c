#include "plotter/page/steps.h"

#include <stdbool.h>
#include <stdint.h>

#include "plotter/page/markup.h"
#include "share/growth/names.h"
#include "share/growth/table.h"
#include "share/profile/profile.h"

enum { MOST = 4096 };

struct steps {
	FILE *out;
	const struct profile *profile;
	struct growth growth;
	size_t written;
};

/* So large is none of those beyond the most. */
static int64_t least_of(const struct growth *g)
{
	int64_t least = 0;
	for (int bit = 40; bit >= 0; bit--) {
		size_t n = 0;
		for (size_t i = 0; i < g->n_steps; i++)
			n += g->steps[i].delta >= least + ((int64_t)1 << bit);
		if (n > MOST)
			least += (int64_t)1 << bit;
	}
	return least;
}

/* `device`: NULL for what is no device's. */
static void put(struct steps *s, int64_t us, int64_t umib, size_t frame, const char *device)
{
	char name[GROWTH_NAME], whole[GROWTH_NAME + 64];
	const struct growth_row row = growth_row_of(&s->growth, frame, GROWTH_TO_USER);
	growth_name(name, &s->growth, &row, GROWTH_BY_LINE);
	snprintf(whole, sizeof whole, "%s%.48s%s%s", device ? "GPU " : "", device ? device : "",
		 device ? ": " : "", name);
	fprintf(s->out, "%s[%.3f,%.2f,", s->written++ > 0 ? "," : ",\n\"steps\":[",
		sample_seconds(us - s->profile->start_us), sample_mib(umib));
	markup_json(s->out, whole);
	fputc(']', s->out);
}

static void put_all(struct steps *s)
{
	const struct profile_vram *v = &s->profile->vram;
	int64_t least = least_of(&s->growth);
	for (size_t i = 0; i < s->growth.n_steps; i++) {
		const struct profile_step *step = &s->growth.steps[i];
		if (step->delta > least && step->frame != 0)
			put(s, step->at.us, step->delta, step->frame, NULL);
	}
	for (size_t i = 0; i < v->n_steps && i < MOST; i++)
		if (v->steps[i].umib > 0 && v->steps[i].frame != 0)
			put(s, v->steps[i].us, v->steps[i].umib, v->steps[i].frame,
			    v->devices[v->steps[i].device]);
	fputs(s->written > 0 ? "]" : "", s->out);
}

int steps_put(FILE *out, const struct profile *profile, growth_own own)
{
	struct steps s = { .out = out, .profile = profile };
	int r = growth_open(&s.growth, &profile->growth, own);
	if (r < 0)
		return r;
	put_all(&s);
	growth_close(&s.growth);
	return 0;
}
