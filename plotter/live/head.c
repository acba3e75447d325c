#include "plotter/live/head.h"

#include <stdio.h>
#include <string.h>

#include "plotter/screen/screen.h"
#include "share/profile/near.h"
#include "share/text.h"

enum { MOST_PARTS = 16, TINY = 20 };

/* ---- in words ---- */

static void say_break(char out[FIGURES_WORDS], const struct profile *profile, const char *time)
{
	struct profile_near near;
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	if (profile_ends_near_limit(profile, &near))
		snprintf(out, FIGURES_WORDS, "stops at %s of %s allowed, after %s",
			 format_memory(held, near.held), format_memory(limit, near.limit), time);
	else
		snprintf(out, FIGURES_WORDS, "breaks off after %s", time);
}

char *head_say_state(char out[FIGURES_WORDS], const struct view_of *of, bool frozen)
{
	char time[FORMAT_SIZE], silent[FORMAT_SIZE];
	format_duration(time, of->figures->elapsed);
	if (frozen)
		snprintf(out, FIGURES_WORDS, "frozen at %s", time);
	else if (of->state == VIEW_ENDED)
		snprintf(out, FIGURES_WORDS, "ended after %s", time);
	else if (of->state == VIEW_BROKEN)
		say_break(out, of->profile, time);
	else if (!of->figures->sampled)
		snprintf(out, FIGURES_WORDS, "waiting for the first sample");
	else if (of->silence > 0)
		snprintf(out, FIGURES_WORDS, "no sample for %s, after %s",
			 format_duration(silent, of->silence), time);
	else
		snprintf(out, FIGURES_WORDS, "recording, %s", time);
	return out;
}

char *head_say_gpu(char out[FIGURES_WORDS], const struct profile *p, const struct profile_gpu *gpu)
{
	char key[64], now[FORMAT_SIZE], all[FORMAT_SIZE];
	double total, mib = sample_mib(gpu->series.last.umib);
	snprintf(key, sizeof key, "gpu%.40s_total", gpu->device);
	format_memory(now, mib);
	if (profile_setting_mib(p, key, &total) && total > 0)
		snprintf(out, FIGURES_WORDS, "GPU %.16s %s of %s (%.0f %%)%s", gpu->device, now,
			 format_memory(all, total), 100 * mib / total,
			 gpu->whole_device ? ", whole device" : "");
	else
		snprintf(out, FIGURES_WORDS, "GPU %.16s %s%s", gpu->device, now,
			 gpu->whole_device ? ", whole device" : "");
	return out;
}

/* ---- what is said, in this order ---- */

struct parts {
	struct {
		char words[VIEW_MESSAGE];
		bool bold, alarm;
	} items[MOST_PARTS];
	size_t n;
};

static void add(struct parts *parts, const char *before, const char *words)
{
	if (*words && parts->n < MOST_PARTS) {
		snprintf(parts->items[parts->n].words, VIEW_MESSAGE, "%s%s", before, words);
		parts->items[parts->n].bold = parts->items[parts->n].alarm = false;
		parts->n++;
	}
}

static void add_memory(struct parts *parts, const struct view_of *of)
{
	char words[FIGURES_WORDS];
	const struct figures *f = of->figures;
	const double nearly = 90; /* percent */
	add(parts, of->state == VIEW_RECORDING ? "now " : "last ", figures_say_now(words, f));
	parts->items[0].bold = true;
	if (!f->sampled)
		return;
	add(parts, "", figures_say_peak(words, f));
	if (of->state == VIEW_RECORDING) {
		add(parts, "", figures_say_allowed(words, f));
		parts->items[parts->n - 1].alarm = figures_percent(f) >= nearly;
		add(parts, "", figures_say_rate(words, f));
		add(parts, "", figures_say_limit(words, f));
	}
}

static void collect(struct parts *parts, const struct view_of *of)
{
	char words[FIGURES_WORDS];
	const struct profile *p = of->profile;
	parts->n = 0;
	add_memory(parts, of);
	for (size_t i = 0; i < p->n_gpus && i < 8; i++)
		if (p->gpus[i].series.samples > 0)
			add(parts, "", head_say_gpu(words, p, &p->gpus[i]));
	if (of->end && *of->end) {
		add(parts, "", of->end);
		parts->items[parts->n - 1].bold = true;
		parts->items[parts->n - 1].alarm = p->status != 0;
	}
}

/* ---- in rows ---- */

static bool is_tiny(const struct view *v)
{
	return v->width < TINY || v->height < 2;
}

/* Words of one row, with " · " between; NULL cells: only counted. Returns the last row. */
static int flow(struct cells *cells, const struct parts *parts, int width, int row)
{
	int x = 0;
	for (size_t i = 0; i < parts->n; i++) {
		int needed = cells_width(parts->items[i].words);
		struct cell_style style = parts->items[i].bold ? screen_bold : screen_plain;
		if (parts->items[i].alarm)
			style.ink = 0xd55e00;
		if (x > 0 && x + 3 + needed > width) {
			x = 0;
			row++;
		}
		if (x > 0 && cells)
			cells_text(cells, x, row, " · ", 3, &screen_faint);
		x += x > 0 ? 3 : 0;
		if (cells)
			cells_text(cells, x, row, parts->items[i].words, width - x, &style);
		x += needed;
	}
	return row;
}

int head_rows(const struct view_of *of, const struct view *v)
{
	struct parts parts;
	collect(&parts, of);
	int rows = 1 + flow(NULL, &parts, v->width, 1), most = v->height / 2;
	return is_tiny(v) ? 1 : rows < most ? rows : most > 1 ? most : 1;
}

static void put_title(struct cells *cells, const struct view_of *of, const struct view *v)
{
	char state[FIGURES_WORDS];
	const struct profile *p = of->profile;
	int needed = cells_width(head_say_state(state, of, v->frozen));
	int room = v->width - needed - 2;
	const char *title = p->command ? p->command : text_base_name(p->path);
	if (room >= 8)
		cells_text(cells, 0, 0, title, room, &screen_bold);
	cells_text(cells, room >= 8 ? v->width - needed : 0, 0, state, v->width, &screen_plain);
}

void head_put(struct cells *cells, const struct view_of *of, const struct view *v)
{
	char words[FIGURES_WORDS];
	struct parts parts;
	if (is_tiny(v)) {
		cells_text(cells, 0, 0, figures_say_now(words, of->figures), v->width,
			   &screen_bold);
		return;
	}
	collect(&parts, of);
	put_title(cells, of, v);
	flow(cells, &parts, v->width, 1);
}
