#include "plotter/live/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "plotter/figure/theme.h"
#include "plotter/live/below.h"
#include "plotter/live/head.h"
#include "plotter/live/picture.h"
#include "plotter/screen/screen.h"

enum { LEAST_WIDTH = 40, LEAST_HEIGHT = 8, LEAST_CURVE = 6, LEAST_GPU = 6, MOST_TABLE = 9 };

/* How the rows are shared out, from the top. */
struct layout {
	int head, curve, gpu, tables, foot;
};

static const struct profile_gpu *fullest_gpu(const struct profile *p)
{
	const struct profile_gpu *found = NULL;
	for (size_t i = 0; i < p->n_gpus; i++)
		if (p->gpus[i].series.samples > 0 &&
		    (!found || p->gpus[i].series.last.umib > found->series.last.umib))
			found = &p->gpus[i];
	return found;
}

static struct layout lay_out(const struct view_of *of, const struct view *v,
			     const struct below *tables)
{
	struct layout l = { .head = head_rows(of, v), .foot = 1 };
	if (v->width < LEAST_WIDTH || v->height < LEAST_HEIGHT)
		return (struct layout){ .head = v->height };
	int left = v->height - l.head - l.foot, most = left / 3;
	l.tables = below_rows(tables, v->width);
	most = most < MOST_TABLE ? most : MOST_TABLE;
	l.tables = l.tables > most ? most : l.tables;
	l.tables = l.tables < 2 ? 0 : l.tables;
	left -= l.tables;
	if (!v->hide_gpu && fullest_gpu(of->profile) && left >= LEAST_CURVE + LEAST_GPU)
		l.gpu = left * 2 / 5;
	l.curve = left - l.gpu;
	return l;
}

/* ---- the parts ---- */

static int draw_picture(const struct view_of *of, const struct view *v,
			const struct profile_gpu *gpu, int rows, FILE *out)
{
	const struct picture_of picture = { of->profile, of->recent, gpu, view_window(of, v) };
	const struct canvas canvas = {
		.width = v->width,
		.height = rows,
		.scale = 1,
		.dpi = 96,
		.theme = theme_find("light"),
		.ascii = v->ascii,
		.colour = v->colour,
	};
	return rows > 0 ? picture_draw(&picture, &canvas, out) : 0;
}

static void put_help(struct cells *cells)
{
	static const char *const lines[] = {
		"q        leave; the recording goes on",
		"space    freeze what is shown, and go on",
		"← →      show the last minute, 10 minutes, all",
		"c l g    children, lines, the GPU's curve: hide and show",
		"m        write a mark with a name into the recording",
		"^L       draw all of it again",
		"?        this help",
		"exact: the kernel counted it. at least: it may have been more.",
		"The trend is an estimate.",
	};
	for (int i = 0; i < (int)(sizeof lines / sizeof *lines); i++)
		cells_text(cells, 2, i + 1, lines[i], cells->width - 2, &screen_plain);
}

static const char *window_name(unsigned seconds)
{
	return seconds == 0 ? "all" : seconds <= RECENT_MINUTE ? "1 min" : "10 min";
}

static void put_foot(struct cells *cells, const struct view *v)
{
	char keys[128];
	if (v->prompt || *v->message) {
		int used = cells_text(cells, 0, 0, v->message, v->width - 1, &screen_bold);
		if (v->prompt)
			cells_text(cells, used, 0, "_", 1, &screen_bold);
		return;
	}
	snprintf(keys, sizeof keys, "? help  q leave  space %s  ← → %s  c l g show  m mark",
		 v->frozen ? "go on" : "freeze", window_name(v->seconds));
	if (cells_width(keys) > v->width)
		snprintf(keys, sizeof keys, "? help  q leave  ← → %s", window_name(v->seconds));
	cells_text(cells, 0, 0, keys, v->width, &screen_faint);
}

enum rows { ROWS_HEAD, ROWS_HELP, ROWS_TABLES, ROWS_FOOT };

struct drawing {
	const struct view_of *of;
	const struct view *view;
	const struct below *tables;
	FILE *out;
};

static int draw(const struct drawing *d, enum rows which, int n)
{
	struct cells cells;
	if (n <= 0)
		return 0;
	int r = cells_open(&cells, d->view->width, n, d->view->ascii);
	if (r < 0)
		return r;
	if (which == ROWS_HEAD)
		head_put(&cells, d->of, d->view);
	else if (which == ROWS_HELP)
		put_help(&cells);
	else if (which == ROWS_TABLES)
		below_put(&cells, d->tables);
	else
		put_foot(&cells, d->view);
	cells_print(&cells, cells_colours(d->view->colour), d->out);
	cells_close(&cells);
	return 0;
}

static int draw_curves(const struct drawing *d, const struct layout *l)
{
	const struct view_of *of = d->of;
	bool help = d->view->help || of->profile->memory.samples == 0;
	if (help)
		return draw(d, ROWS_HELP, l->curve + l->gpu);
	int r = draw_picture(of, d->view, NULL, l->curve, d->out);
	return r < 0 ? r : draw_picture(of, d->view, fullest_gpu(of->profile), l->gpu, d->out);
}

/* ---- all of it ---- */

static int draw_all(const struct drawing *d)
{
	const struct layout l = lay_out(d->of, d->view, d->tables);
	int r = draw(d, ROWS_HEAD, l.head);
	r = r < 0 ? r : draw_curves(d, &l);
	r = r < 0 ? r : draw(d, ROWS_TABLES, l.tables);
	return r < 0 ? r : draw(d, ROWS_FOOT, l.foot);
}

int frame_make(char **text, const struct view_of *of, const struct view *v)
{
	struct below tables;
	size_t size;
	*text = NULL;
	int r = below_make(&tables, of, v);
	if (r < 0)
		return r;
	FILE *out = open_memstream(text, &size);
	r = out ? 0 : -ENOMEM;
	if (r == 0)
		r = draw_all(&(struct drawing){ of, v, &tables, out });
	if (out && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0) {
		free(*text);
		*text = NULL;
	}
	below_free(&tables);
	return r;
}
