#include "plotter/live/below.h"

#include <stdio.h>
#include <stdlib.h>

#include "plotter/screen/screen.h"

enum {
	BESIDE = 76, /* cells from which on both stand side by side */
	NARROW = 37, /* that the children's names and figures need */
};

int below_make(struct below *t, const struct view_of *of, const struct view *v)
{
	const struct profile *p = of->profile;
	t->seconds = view_window(of, v);
	int64_t from = t->seconds ? p->memory.last.us - (int64_t)t->seconds * 1000000 : 0;
	t->roles = NULL;
	t->n_roles = t->lines.n = t->lines.all = 0;
	int r = v->hide_children ? 0 : roles_make(&t->roles, &t->n_roles, p);
	if (r == 0 && !v->hide_lines)
		r = lines_make(&t->lines, p, from, of->own);
	if (r < 0)
		below_free(t);
	return r;
}

void below_free(struct below *t)
{
	free(t->roles);
	t->roles = NULL;
	t->n_roles = t->lines.n = t->lines.all = 0;
}

/* With a heading each. */
static int rows_of(size_t n)
{
	return n > 0 ? (int)(n < 100 ? n : 100) + 1 : 0;
}

int below_rows(const struct below *t, int width)
{
	int roles = rows_of(t->n_roles), lines = rows_of(t->lines.n);
	if (width < BESIDE)
		return roles + lines;
	return roles > lines ? roles : lines;
}

/* Where a table stands. */
struct place {
	int x, y, w, h;
};

static const char *window_name(unsigned seconds)
{
	return seconds == 0               ? "so far"
	       : seconds <= RECENT_MINUTE ? "in the last minute"
					  : "in the last 10 minutes";
}

static void put_lines(struct cells *cells, const struct below *t, const struct place *at)
{
	const struct lines *lines = &t->lines;
	char text[GROWTH_NAME + 64];
	snprintf(text, sizeof text, "net MiB    grew  %s", window_name(t->seconds));
	cells_text(cells, at->x, at->y, text, at->w, &screen_faint);
	for (int i = 0; i < (int)lines->n && i + 1 < at->h; i++) {
		const struct line *line = &lines->items[i];
		snprintf(text, sizeof text, "%+7.1f %7.1f  ", sample_mib(line->net),
			 sample_mib(line->grew));
		int used = cells_text(cells, at->x, at->y + 1 + i, text, at->w, &screen_plain);
		cells_text(cells, at->x + used, at->y + 1 + i, line->name, at->w - used,
			   &screen_plain);
	}
}

static void say_role(char *out, size_t size, const struct role *role)
{
	char all[FORMAT_SIZE], one[FORMAT_SIZE];
	if (role->measured == 0) {
		snprintf(out, size, "%6zu%22s", role->n, "");
		return;
	}
	format_memory(all, sample_mib(role->umib));
	format_memory(one, sample_mib(role->peak));
	snprintf(out, size, "%6zu %10s %10s", role->n, all, one);
}

/* What there is no row for. */
static struct role sum_up(const struct role *roles, size_t n)
{
	struct role sum = { .name = "others" };
	for (size_t i = 0; i < n; i++) {
		sum.n += roles[i].n;
		sum.measured += roles[i].measured;
		sum.umib += roles[i].umib;
		sum.peak = roles[i].peak > sum.peak ? roles[i].peak : sum.peak;
	}
	return sum;
}

static void put_role(struct cells *cells, const struct role *role, const struct place *at, int row)
{
	char figures[96];
	say_role(figures, sizeof figures, role);
	int needed = cells_width(figures), name = at->w > needed + 4 ? at->w - needed - 1 : 0;
	name = name > 24 ? 24 : name;
	cells_text(cells, at->x, at->y + row, role->name ? role->name : "children", name,
		   &screen_plain);
	cells_text(cells, at->x + name, at->y + row, figures, at->w - name, &screen_plain);
}

static void put_roles(struct cells *cells, const struct role *roles, size_t n,
		      const struct place *at)
{
	bool measured = n > 0 && roles[0].measured > 0;
	const struct role head = { .name = "children" };
	int name = at->w > 33 ? at->w - 29 : 0, room = at->h - 1;
	name = name > 24 ? 24 : name;
	cells_text(cells, at->x, at->y, head.name, name, &screen_faint);
	cells_text(cells, at->x + name, at->y,
		   measured ? "number        now   each max" : "number (-M records their memory)",
		   at->w - name, &screen_faint);
	for (int i = 0; i < (int)n && i < room; i++) {
		const struct role rest = sum_up(roles + i, n - (size_t)i);
		bool last = i + 1 == room && (int)n > room;
		put_role(cells, last ? &rest : &roles[i], at, 1 + i);
	}
}

void below_put(struct cells *cells, const struct below *t)
{
	struct place left = { 0, 0, cells->width, cells->height }, right = left;
	bool both = t->n_roles > 0 && t->lines.n > 0;
	if (both && cells->width >= BESIDE) {
		left.w = cells->width * 9 / 20;
		left.w = left.w < NARROW ? NARROW : left.w > 56 ? 56 : left.w;
		right.x = left.w + 2;
		right.w = cells->width - right.x;
	} else if (both) {
		left.h = rows_of(t->n_roles) < cells->height / 2 ? rows_of(t->n_roles)
								 : cells->height / 2;
		right.y = left.h;
		right.h = cells->height - left.h;
	}
	if (t->n_roles > 0)
		put_roles(cells, t->roles, t->n_roles, &left);
	if (t->lines.n > 0)
		put_lines(cells, t, &right);
}
