#include "plotter/chart/failure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/growth/card_facts.h"

/* What the process holds reaches up to its curve; what is free is left out. */
enum { N_LAYERS = CARD_ROW_FREE, MOST_FAILURES = 8, FEWEST = 4 };
_Static_assert((int)N_LAYERS == CHART_CLASSES + 1, "a colour for each; undivided, it has one");

static const double WIDTH = 0.03;  /* of the column, in parts of the time that is shown */
static const double SMALL = 0.005; /* of the card: told with the others */
static const double MOST = 0.3;    /* of the card: a bar of what was wanted is cut there */

struct failure {
	struct chart *chart;
	const struct profile *profile;
	const struct chart_wish *wish;
	const struct card *card;
	struct card_bill bill; /* what is shown */
	bool below;
	double from, to;         /* seconds: the column's sides */
	double all[N_LAYERS];    /* MiB */
	double total, others, y; /* MiB: of the card; of small ones; so high it is by now */
	size_t rows_left;        /* of the legend, that are still to come */
};

static double seconds_of(const struct failure *f, int64_t us)
{
	return sample_seconds(us - f->profile->start_us);
}

static bool is_shown(const struct failure *f, double x)
{
	return f->wish->from == f->wish->to || (x >= f->wish->from && x <= f->wish->to);
}

/* ---- moments ---- */

static int add_mark(struct failure *f, int64_t us, const char *label, bool decisive)
{
	double x = seconds_of(f, us);
	if (!is_shown(f, x))
		return 0;
	struct chart_mark *mark = array_more(&f->chart->marks, &f->chart->n_marks, sizeof *mark);
	if (!mark)
		return -ENOMEM;
	*mark = (struct chart_mark){ x, label, decisive };
	return 0;
}

/* Those that follow at once are one line; the decisive one is always there. */
static int mark_failures(struct failure *f)
{
	const struct profile *p = f->profile;
	double near = WIDTH * fmax(f->chart->end, 1e-3), last = -INFINITY;
	size_t n = 0;
	int r = 0;
	for (size_t i = 0; i < p->n_ooms && r == 0; i++) {
		double x = seconds_of(f, p->ooms[i].at.us);
		bool decisive = &p->ooms[i] == f->card->oom;
		if (!decisive && (x - last < near || n >= MOST_FAILURES))
			continue;
		last = x;
		n++;
		r = add_mark(f, p->ooms[i].at.us, "OOM", decisive);
	}
	return r;
}

/* One of the process that failed, on that device, until then. */
static bool is_rise(const struct failure *f, const struct profile_vram_step *step)
{
	const struct profile_oom *oom = f->card->oom;
	return step->umib > 0 && step->pid == oom->pid && step->us <= oom->at.us &&
	       strcmp(f->profile->vram.devices[step->device], oom->device) == 0;
}

/* What is taken first, by no deed that is known, and is of that size. */
static bool is_context(const struct failure *f, const struct profile_vram_step *step,
		       enum card_deed deed)
{
	return deed < CARD_LOADING && f->card->facts.outside > 0 &&
	       step->umib / 2 <= f->card->facts.outside;
}

/* When it was first seen to take memory for each. */
static int mark_phases(struct failure *f, const struct growth *g)
{
	static const char *const names[] = {
		[CARD_OTHER] = "context",      [CARD_LOADING] = "weights",
		[CARD_FORWARD] = "forward",    [CARD_BACKWARD] = "backward",
		[CARD_STEPPING] = "optimizer",
	};
	const struct profile_vram *v = &f->profile->vram;
	bool seen[sizeof names / sizeof *names] = { 0 }, any = false;
	int r = 0;
	for (size_t i = 0; i < v->n_steps && r == 0; i++) {
		if (!is_rise(f, &v->steps[i]))
			continue;
		enum card_deed deed = card_deed_at(g, v->steps[i].frame);
		bool first = !any, known = deed >= CARD_LOADING;
		any = true;
		if (!known && (!first || !is_context(f, &v->steps[i], deed)))
			continue;
		deed = known ? deed : CARD_OTHER;
		if (!seen[deed])
			r = add_mark(f, v->steps[i].us, names[deed], false);
		seen[deed] = true;
	}
	return r;
}

/* ---- the column ---- */

static int add_piece(struct failure *f, unsigned colour, double mib)
{
	struct chart_point *points = calloc(4, sizeof *points);
	struct chart_band *band =
		points ? array_more(&f->chart->bands, &f->chart->n_bands, sizeof *band) : NULL;
	if (!band) {
		free(points);
		return -ENOMEM;
	}
	points[0] = (struct chart_point){ f->from, f->y + mib };
	points[1] = (struct chart_point){ f->to, f->y + mib };
	points[2] = (struct chart_point){ f->to, f->y };
	points[3] = (struct chart_point){ f->from, f->y };
	*band = (struct chart_band){ colour, points, 4, 2, .stacked = true, .below = f->below };
	f->y += mib;
	return 0;
}

/* Where the legend has no room for all, its last row counts those that are left out. Takes the
 * texts. */
static int put_row(struct failure *f, unsigned colour, char *name, char *detail)
{
	size_t room = parts_room(f->chart, f->wish), left = f->rows_left--;
	if (room > 1 || (room == 1 && left == 1))
		return parts_add_row(f->chart, ROW_AREA, colour, name, detail);
	free(name);
	free(detail);
	if (room == 0)
		return 0;
	return parts_add_row(f->chart, ROW_MORE, CHART_OTHERS, parts_text("%zu more", left),
			     parts_text("%s", ""));
}

static int add_row(struct failure *f, unsigned colour, const char *name, double mib)
{
	char size[FORMAT_SIZE];
	return put_row(f, colour, parts_text("%s", name),
		       parts_text("%s", format_memory(size, mib)));
}

/* That of the decisive one, or else the last that there is. */
static bool find_bill(struct failure *f)
{
	const struct profile *p = f->profile;
	bool found = card_bill_make(&f->bill, p, f->card->oom);
	for (size_t i = p->n_ooms; !found && i-- > 0;)
		found = card_bill_make(&f->bill, p, &p->ooms[i]);
	return found;
}

/* The small ones, and those for which the legend has no room, go together. */
static void gather(struct failure *f)
{
	size_t room = parts_room(f->chart, f->wish), named = 0;
	size_t most = room > FEWEST + 2 ? room - 2 : FEWEST; /* "others", and what was wanted */
	double least = SMALL * f->total;
	for (size_t k = 0; k < N_LAYERS; k++)
		named += f->all[k] >= least;
	for (; named > most; named--) {
		size_t at = 0;
		for (size_t k = 0; k < N_LAYERS; k++)
			if (f->all[k] >= least && (f->all[at] < least || f->all[k] < f->all[at]))
				at = k;
		least = nextafter(f->all[at], INFINITY);
	}
	for (size_t k = 0; k < N_LAYERS; k++)
		if (f->all[k] < least) {
			f->others += f->all[k];
			f->all[k] = 0;
		}
}

static void weigh(struct failure *f)
{
	f->total = sample_mib(f->bill.total);
	for (size_t k = 0; k < N_LAYERS; k++)
		if (f->bill.rows[k].there && f->bill.rows[k].umib > 0)
			f->all[k] = sample_mib(f->bill.rows[k].umib);
	gather(f);
}

/* What the process may have of it (set_per_process_memory_fraction), where that is less. */
static int add_allowed(struct failure *f)
{
	char size[FORMAT_SIZE];
	double allowed = sample_mib(f->bill.allowed);
	if (allowed <= 0)
		return 0;
	format_memory(size, allowed);
	return parts_add_limit(f->chart, allowed, CHART_OTHERS, f->below,
			       parts_text("%s allowed", size));
}

static int add_wanted(struct failure *f)
{
	char size[FORMAT_SIZE], free[FORMAT_SIZE], of[FORMAT_SIZE + 16] = "";
	const int64_t unheld = f->bill.rows[CARD_ROW_FREE].umib;
	const double most = (1 + MOST) * f->total;
	if (f->bill.of->at.umib <= 0)
		return 0;
	double wanted = sample_mib(f->bill.of->at.umib);
	bool cut = f->y + wanted > most;
	int r = add_piece(f, CHART_PEAK, cut ? fmax(most - f->y, 0) : wanted);
	if (f->bill.rows[CARD_ROW_FREE].there && unheld >= 0)
		snprintf(of, sizeof of, ", %s free", format_memory(free, sample_mib(unheld)));
	return r < 0 ? r
		     : put_row(f, CHART_PEAK, parts_text("wanted beside that"),
			       parts_text("%s%s%s", format_memory(size, wanted), of,
					  cut ? ", not to scale" : ""));
}

/* What is in use is divided into classes or is not: never both. */
static unsigned colour_of(unsigned row)
{
	return CHART_CLASS + (row < CARD_ROW_USED ? row : row - 1);
}

/* From the bottom; its rows, as it lies, from the top. */
static int add_column(struct failure *f)
{
	int r = 0;
	f->rows_left = (f->bill.of->at.umib > 0) + (f->others > 0);
	for (unsigned i = 0; i < N_LAYERS && r == 0; i++)
		if (f->all[i] > 0) {
			r = add_piece(f, colour_of(i), f->all[i]);
			f->rows_left++;
		}
	if (r == 0 && f->others > 0)
		r = add_piece(f, CHART_OTHERS, f->others);
	r = r < 0 ? r : add_wanted(f);
	if (r == 0 && f->others > 0)
		r = add_row(f, CHART_OTHERS, "others", f->others);
	for (unsigned i = N_LAYERS; i-- > 0 && r == 0;)
		if (f->all[i] > 0)
			r = add_row(f, colour_of(i), card_row_name((enum card_row)i), f->all[i]);
	return r;
}

/* It ends at the failure; where that is at the very beginning, it begins there. */
static void place_column(struct failure *f)
{
	double x = seconds_of(f, f->bill.of->at.us);
	double low = f->wish->from == f->wish->to ? 0 : f->wish->from;
	double high = f->wish->from == f->wish->to ? fmax(f->chart->end, x) : f->wish->to;
	double width = WIDTH * (high - low);
	f->to = fmax(x, low + width);
	f->from = f->to - width;
}

/* Which pane is the device's curve in? Without one there is no axis to stand on. */
static bool find_axis(struct failure *f)
{
	for (size_t i = 0; i < f->chart->n_curves; i++)
		if (f->chart->curves[i].gpu) {
			f->below = f->chart->curves[i].below;
			return true;
		}
	return false;
}

/* ---- the words ---- */

/* Whose failure it was, where that is not the program itself: " in worker 43"; and how that ended.
 */
static int tell_whom(const struct failure *f, char *out, size_t size)
{
	const struct profile *p = f->profile;
	const char *pid = profile_setting(p, "pid");
	pid_t whom = f->card->oom->pid;
	out[0] = '\0';
	if (!pid || atoi(pid) == whom)
		return p->ended ? p->status : PROFILE_STATUS_UNKNOWN;
	snprintf(out, size, " in process %d", (int)whom);
	for (size_t i = 0; i < p->n_children; i++)
		if (p->children[i].pid == whom) {
			if (p->children[i].name)
				snprintf(out, size, " in %s %d", p->children[i].name, (int)whom);
			return p->children[i].status;
		}
	return PROFILE_STATUS_UNKNOWN;
}

static int say(struct failure *f)
{
	const struct profile *p = f->profile;
	const struct card_verdict *v = &f->card->verdict;
	bool known = v->cause != CARD_CANNOT_TELL;
	uint64_t n = p->n_ooms + p->untold_ooms;
	const int64_t us = profile_end_us(p) - f->card->oom->at.us;
	char times[48] = "", before[48] = "", whom[96];
	int status = tell_whom(f, whom, sizeof whom);
	if (f->card->fate.end == CARD_OUTLIVED)
		snprintf(before, sizeof before, ", which was caught");
	else if (us > 2000000) /* something else may be why it ended */
		snprintf(before, sizeof before, ", %.1f s before the end", sample_seconds(us));
	if (status == 0) {
		if (n > 1)
			snprintf(times, sizeof times, "%s %llu times",
				 n >= CARD_TOLD_ALL ? " at least" : "", (unsigned long long)n);
		f->chart->failure =
			parts_text("GPU %s had no memory left%s%s, %s went on",
				   f->card->oom->device, whom, times, whom[0] ? "which" : "and it");
	} else {
		f->chart->failure =
			parts_text("GPU %s had no memory left%s%s%s%s%s%s", f->card->oom->device,
				   whom, known ? " (" : "", known ? card_cause_name(v->cause) : "",
				   known && !v->sure ? ", likely" : "", known ? ")" : "", before);
	}
	return f->chart->failure ? 0 : -ENOMEM;
}

static int show(struct failure *f, const struct growth *g)
{
	int r = say(f);
	r = r < 0 ? r : mark_phases(f, g);
	r = r < 0 ? r : mark_failures(f);
	if (r < 0 || !find_bill(f) || f->wish->bill || !find_axis(f) ||
	    !is_shown(f, seconds_of(f, f->bill.of->at.us)))
		return r;
	weigh(f);
	place_column(f);
	r = add_allowed(f);
	return r < 0 ? r : add_column(f);
}

int failure_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish)
{
	struct growth growth;
	struct card card;
	if (profile->n_ooms == 0)
		return 0;
	int r = growth_open(&growth, &profile->growth, wish->own);
	if (r < 0)
		return r;
	r = card_open(&card, profile, &growth);
	struct failure f = { .chart = chart, .profile = profile, .wish = wish, .card = &card };
	r = r < 0 || !card.oom ? r : show(&f, &growth);
	card_close(&card);
	growth_close(&growth);
	return r;
}
