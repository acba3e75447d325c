#include "plotter/live/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double NOISE = 0.25;   /* MiB: what the kernel's own counts differ by */
static const double SHORTEST = 5.0; /* seconds that a rate can be told of */

/* ---- what they are ---- */

static double sum_of_children(const struct profile *p)
{
	double sum = 0;
	for (size_t i = 0; i < p->n_children; i++)
		if (p->children[i].gone == 0 && p->children[i].series.samples > 0)
			sum += sample_mib(p->children[i].series.last.umib);
	return sum;
}

/* While it runs the file holds no mark of the whole of its life: the kernel is asked. One below
 * what was seen is of another image, begun since. */
static void find_peak(struct figures *f, const struct profile *p, int64_t mark)
{
	f->peak = (struct peak_verdict){ 0 };
	peak_best(p, &f->peak);
	bool alone = !profile_is_set(p, "tree") && peak_is_marked(p);
	if (mark <= 0 || p->ended || !alone || sample_mib(mark) < f->peak.mib - NOISE)
		return;
	f->peak.mib = fmax(sample_mib(mark), f->peak.mib);
	f->peak.how = (struct known_how){ &metric_rss, KNOWN_BY_MARK, false, 0 };
	f->peak.known = known_judge(&f->peak.how);
}

static void find_allowed(struct figures *f, const struct profile *p)
{
	double mib;
	f->allowed = 0;
	f->of_machine = false;
	if (profile_setting_mib(p, "limit", &mib)) {
		f->allowed = mib;
	} else if (profile_setting_mib(p, "machine", &mib)) {
		f->allowed = mib;
		f->of_machine = true;
	}
}

static void find_rate(struct figures *f, const struct profile *p, const struct recent *recent)
{
	struct sample then;
	f->over = 0;
	if (!recent_minute_ago(&recent->memory, &then))
		return;
	double over = sample_seconds(p->memory.last.us - then.us);
	if (over < SHORTEST)
		return;
	f->over = over;
	f->rate = sample_mib(p->memory.last.umib - then.umib) * 60 / over;
}

int figures_make(struct figures *f, const struct profile *p, const struct recent *recent,
		 int64_t mark)
{
	f->sampled = p->memory.samples > 0;
	int64_t last = p->ended ? profile_end_us(p) : p->memory.last.us;
	f->elapsed = f->sampled && last > p->start_us ? sample_seconds(last - p->start_us) : 0;
	f->now = sample_mib(p->memory.last.umib);
	double children = profile_is_set(p, "tree") ? 0 : sum_of_children(p);
	f->together = children > 0 ? f->now + children : 0;
	find_peak(f, p, mark);
	find_allowed(f, p);
	find_rate(f, p, recent);
	return 0;
}

int figures_look(struct figures *f, const struct profile *p, growth_own own)
{
	int r = outlook_make(&f->outlook, p, own);
	f->trended = r == 0 && f->outlook.n > 0;
	return r;
}

int figures_percent(const struct figures *f)
{
	double most = fmax(f->now, f->together);
	return f->sampled && f->allowed > 0 && !f->of_machine
		       ? (int)fmin(100 * most / f->allowed, 100)
		       : -1;
}

/* ---- in words ---- */

char *figures_say_now(char out[FIGURES_WORDS], const struct figures *f)
{
	char now[FORMAT_SIZE], all[FORMAT_SIZE];
	format_memory(now, f->now);
	if (!f->sampled)
		strcpy(out, "no sample yet");
	else if (f->together > 0)
		snprintf(out, FIGURES_WORDS, "%s, with children %s", now,
			 format_memory(all, f->together));
	else
		strcpy(out, now);
	return out;
}

char *figures_say_peak(char out[FIGURES_WORDS], const struct figures *f)
{
	char peak[FORMAT_SIZE];
	snprintf(out, FIGURES_WORDS, "%s %s", known_peak(f->peak.known),
		 format_memory(peak, f->peak.mib));
	return out;
}

char *figures_say_allowed(char out[FIGURES_WORDS], const struct figures *f)
{
	char all[FORMAT_SIZE];
	double share = f->allowed > 0 ? 100 * fmax(f->now, f->together) / f->allowed : 0;
	*out = '\0';
	if (f->allowed > 0 && f->of_machine)
		snprintf(out, FIGURES_WORDS, "%.*f %% of the machine's %s", share < 10 ? 1 : 0,
			 share, format_memory(all, f->allowed));
	else if (f->allowed > 0)
		snprintf(out, FIGURES_WORDS, "%.*f %% of %s allowed", share < 10 ? 1 : 0, share,
			 format_memory(all, f->allowed));
	return out;
}

char *figures_say_rate(char out[FIGURES_WORDS], const struct figures *f)
{
	double size = fabs(f->rate);
	*out = '\0';
	if (f->sampled && f->over > 0 && size < 0.05)
		snprintf(out, FIGURES_WORDS, "0 MiB/min in the last %.0f s", f->over);
	else if (f->sampled && f->over > 0)
		snprintf(out, FIGURES_WORDS, "%+.*f MiB/min in the last %.0f s",
			 size >= 100 ? 0
			 : size >= 1 ? 1
				     : 2,
			 f->rate, f->over);
	return out;
}

/* Of hours: in the unit of the first. */
static void say_hours(char out[FIGURES_WORDS], double hours, double soonest, double latest)
{
	static const struct {
		double below, unit; /* hours */
		const char *word;
	} units[] = { { 1.0 / 30, 1.0 / 3600, "s" },
		      { 2, 1.0 / 60, "min" },
		      { 48, 1, "h" },
		      { INFINITY, 24, "days" } };
	size_t i = 0;
	while (hours >= units[i].below)
		i++;
	double unit = units[i].unit;
	if (hours > 24 * 365)
		strcpy(out, "more than a year");
	else if (latest > 0)
		snprintf(out, FIGURES_WORDS, "%.0f %s (%.0f to %.0f)", hours / unit, units[i].word,
			 soonest / unit, latest / unit);
	else
		snprintf(out, FIGURES_WORDS, "%.0f %s", hours / unit, units[i].word);
}

/* No trend can be told yet, or there is none: then what the last minute comes to. */
static void say_at_rate(char out[FIGURES_WORDS], const struct figures *f)
{
	char time[FIGURES_WORDS];
	double left = f->allowed - fmax(f->now, f->together), hours = left / f->rate / 60;
	/* Nobody extrapolates a start of some seconds to a day. */
	const double times = 60, soon = times * f->over / 3600;
	*out = '\0';
	if (f->over <= 0 || f->rate < 0.05 || f->allowed <= 0 || left <= 0 || hours > soon)
		return;
	say_hours(time, hours, 0, 0);
	snprintf(out, FIGURES_WORDS, "at that rate %s in %.64s",
		 f->of_machine ? "the machine is full" : "the limit", time);
}

char *figures_say_limit(char out[FIGURES_WORDS], const struct figures *f)
{
	static const char *const words[N_ANSWERS] = {
		[ANSWER_FLAT] = "no trend",
		[ANSWER_GROWS] = "grows steadily",
		[ANSWER_SETTLES] = "settles",
		[ANSWER_STEP] = "grew in steps",
		[ANSWER_STOPPED] = "grew, and stands still",
		[ANSWER_UNEVEN] = "grows unevenly",
	};
	const struct outlook_curve *c = &f->outlook.curves[0];
	char time[FIGURES_WORDS];
	*out = '\0';
	if (f->sampled && f->trended && c->reached > 0) {
		say_hours(time, c->reached, c->soonest, c->latest);
		snprintf(out, FIGURES_WORDS, "by the trend %s in %.64s",
			 c->limit_of == OUTLOOK_MACHINE ? "the machine is full" : "the limit",
			 time);
		return out;
	}
	if (f->sampled)
		say_at_rate(out, f);
	if (!*out && f->sampled && f->trended && words[c->answer.kind])
		strcpy(out, words[c->answer.kind]);
	return out;
}
