#include "plotter/chart/places.h"

#include <errno.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/growth/names.h"
#include "share/growth/peak.h"
#include "share/growth/phases.h"
#include "share/growth/table.h"

enum { MOST_STEPS = 6 };

/* Of the peak: less is no step to speak of. */
static const double NOTABLE = 0.05;

/* "matrix train.py:15"; of native code without a line "grow libnat.so"; NULL: no memory. */
static char *name_line(const struct growth *g, const struct profile_frame *f)
{
	const char *path = growth_path(g, f->path);
	return f->line > 0 || !f->native ? parts_text("%s %s:%d", f->function, path, f->line)
					 : parts_text("%s %s", f->function, path);
}

/* Of what a thread did by itself, without Python. */
static char *name_alone(const struct growth *g, size_t user, pid_t thread)
{
	char name[GROWTH_NAME];
	const struct growth_row row = { .frame = user, .thread = thread };
	return parts_text("%s", growth_name(name, g, &row, GROWTH_BY_LINE));
}

/* The same, and where something else stood inside it " (numpy _sum)". `frame` has a place. */
static char *name_place(const struct growth *g, size_t frame)
{
	char package[GROWTH_NAME];
	const struct profile_frame *inner = &g->frames[frame];
	size_t user = growth_charged(g, frame, GROWTH_TO_USER);
	if (inner->thread)
		return name_alone(g, user, inner->thread);
	if (user == GROWTH_NOT_USERS || user == frame)
		return name_line(g, inner);
	growth_package(package, g, inner->path);
	char *line = name_line(g, &g->frames[user]);
	char *place = line ? parts_text("%s (%s %s)", line, package, inner->function) : NULL;
	free(line);
	return place;
}

static bool is_of(const struct growth *g, const struct profile_step *step,
		  const struct growth_row *line)
{
	const struct growth_row row = growth_row_of(g, step->frame, GROWTH_TO_USER);
	if (row.frame == GROWTH_NOT_USERS || row.thread != line->thread)
		return false;
	const struct profile_frame *a = &g->frames[row.frame], *b = &g->frames[line->frame];
	return a->path == b->path && a->line == b->line;
}

/* The largest step that the line took in a phase. */
static const struct profile_step *largest(const struct growth *g, const struct growth_phase *phase,
					  const struct growth_row *line)
{
	const struct profile_step *found = NULL;
	for (size_t i = phase->first; i < phase->end; i++)
		if (is_of(g, &g->steps[i], line) && (!found || g->steps[i].delta > found->delta))
			found = &g->steps[i];
	return found ? found : &g->steps[phase->end - 1];
}

/* On the curve, wherever the step says that all processes together were. */
static double height_at(const struct chart_curve *curve, double x)
{
	size_t at = parts_from(curve, x);
	if (at == 0 || at == curve->n)
		return curve->points[at == 0 ? 0 : curve->n - 1].y;
	const struct chart_point *a = &curve->points[at - 1], *b = &curve->points[at];
	return b->x > a->x ? a->y + (b->y - a->y) * (x - a->x) / (b->x - a->x) : b->y;
}

/* The line that grew most in a phase, and by how much; frame 0: none that is known. */
static int main_line(const struct growth *g, const struct growth_phase *phase,
		     struct growth_row *line)
{
	struct growth_table table;
	*line = (struct growth_row){ 0 };
	int r = growth_table_of_steps(&table, g, GROWTH_BY_LINE, GROWTH_TO_USER, phase->first,
				      phase->end);
	if (r < 0)
		return r;
	growth_table_sort_by_change(&table);
	for (size_t i = 0; i < table.n && line->frame == 0; i++)
		if (table.rows[i].frame != GROWTH_NOT_USERS && table.rows[i].net > 0)
			*line = table.rows[i];
	growth_table_free(&table);
	return 0;
}

static int add_step(struct chart *chart, const struct growth *g, int64_t start,
		    const struct growth_phase *phase)
{
	char size[FORMAT_SIZE];
	struct growth_row line;
	int r = main_line(g, phase, &line);
	if (r < 0 || line.frame == 0)
		return r;
	struct chart_note *note = array_more(&chart->notes, &chart->n_notes, sizeof *note);
	if (!note)
		return -ENOMEM;
	double x = sample_seconds(largest(g, phase, &line)->at.us - start);
	format_memory(size, sample_mib(line.net));
	char *name = line.thread ? name_alone(g, line.frame, line.thread)
				 : name_line(g, &g->frames[line.frame]);
	*note = (struct chart_note){ .at = { x, height_at(&chart->curves[0], x) }, .minor = true };
	note->label = name ? parts_text("%s %s+%s", name, growth_is_polled(&line) ? "~" : "", size)
			   : NULL;
	free(name);
	return note->label ? 0 : -ENOMEM;
}

static int by_net(const void *a, const void *b)
{
	const struct growth_phase *x = a, *y = b;
	return (x->net < y->net) - (x->net > y->net);
}

static int add_steps(struct chart *chart, const struct profile *profile, const struct growth *g)
{
	struct growth_phase phases[2 * GROWTH_PHASES + 1];
	int n = growth_phases(g, profile->memory.last.us, phases);
	int r = n < 0 ? n : 0;
	double least = NOTABLE * sample_mib(g->peak.at.umib);
	if (n > 0)
		qsort(phases, (size_t)n, sizeof *phases, by_net);
	for (int i = 0; i < n && i < MOST_STEPS && r == 0; i++)
		if (phases[i].end > phases[i].first && sample_mib(phases[i].net) >= least)
			r = add_step(chart, g, profile->start_us, &phases[i]);
	return r;
}

/* Of the process whose curve it is: the target, unless that is the whole tree's. As many as there
 * are; the caller frees *steps. -ENOMEM. */
static long select_steps(const struct profile *profile, struct profile_step **steps)
{
	const char *pid = profile_setting(profile, "pid");
	bool all = profile_is_set(profile, "tree") || !pid;
	long n = 0;
	*steps = calloc(profile->growth.n_steps, sizeof **steps);
	if (!*steps)
		return -ENOMEM;
	for (size_t i = 0; i < profile->growth.n_steps; i++) {
		struct profile_step step = profile->growth.steps[i];
		if (!all && step.pid != atoi(pid))
			continue;
		step.together = all ? step.together : step.at.umib;
		(*steps)[n++] = step;
	}
	return n;
}

static struct profile_step highest(const struct profile_step *steps, size_t n)
{
	struct profile_step peak = steps[0];
	for (size_t i = 1; i < n; i++)
		if (steps[i].together > peak.together)
			peak = steps[i];
	peak.at.umib = peak.together;
	return peak;
}

/* `g` has a step. */
static int show(struct chart *chart, const struct profile *profile, const struct growth *g)
{
	size_t maker;
	if (growth_peak_maker(g, &maker) < 0)
		return -ENOMEM;
	if (maker > 0) {
		chart->notes[0].place = name_place(g, maker);
		if (!chart->notes[0].place)
			return -ENOMEM;
	}
	return add_steps(chart, profile, g);
}

int places_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish)
{
	struct profile_step *steps;
	struct growth g;
	if (profile->growth.n_steps == 0 || chart->n_curves == 0 || chart->n_notes == 0)
		return 0;
	long n = select_steps(profile, &steps);
	int r = n > 0 ? growth_open(&g, &profile->growth, wish->own) : (int)n;
	if (n > 0 && r == 0) {
		g.steps = steps;
		g.n_steps = (size_t)n;
		g.peak = highest(steps, (size_t)n);
		r = show(chart, profile, &g);
		growth_close(&g);
	}
	free(steps);
	return r;
}
