/* Exact peaks: what the target held at most, and when. As a rule its high-water mark is only read,
 * now and then: where it has risen above all samples since the reading before, it tells what was
 * held between the two. With --exact it is reset at each sample (see family.h), and tells that of
 * every interval. The last word has ru_maxrss, once the target has ended. */
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/high_water.h"
#include "recorder/probes/probe.h"
#include "recorder/record.h"
#include "recorder/recording/watch.h"
#include "recorder/source/metrics.h"
#include "share/fault.h"
#include "share/format.h"

struct peaks {
	bool opened, exact, rss;
	struct high_water own; /* of the target, where the family keeps none */
	bool has_own;
	int64_t read_at;  /* monotonic ns of the last reading; 0: none */
	int64_t since;    /* µs, the same */
	int64_t lost;     /* µs of the last reading before a mark that exec has ended; 0: none */
	uint64_t sampled; /* MEM at most since then */
	uint64_t largest; /* of the descendants that have ended */
};

static int check(const struct record_options *options)
{
	const struct source *source = metrics_first(options->metric);
	if (options->exact && source && !source->marked)
		return fault(STATUS_USAGE,
			     "--exact follows the high-water mark of rss; there is none of %s",
			     source->name);
	return -1;
}

/* Whoever ran before the recording has a mark of that time, too. */
static void read_past(struct peaks *p, struct watch *w)
{
	uint64_t most;
	if (p->has_own && !w->target->ours && high_water_read(&p->own, &most) == 0)
		w->high_water = p->own.highest;
}

static int open_peaks(void *state, struct watch *w)
{
	struct peaks *p = state;
	const struct profile_pair pairs[] = { { "exact", "1" }, { "peak_bound", "upper" } };
	const struct high_water *mark = w->family->members[0]->mark;
	p->opened = true;
	p->rss = w->family->source->marked;
	p->exact = mark && high_water_is_reset(mark);
	p->since = w->us;
	p->has_own = !mark && high_water_open(&p->own, w->target->pid, false) == 0;
	read_past(p, w);
	if (p->exact)
		profile_put_meta(w->writer, pairs, w->total ? 2 : 1);
	return 0;
}

/* Six times as dear as a sample, so it is looked at often in the beginning, when a program grows,
 * and later every second. */
static bool is_due(const struct peaks *p, const struct watch *w, int64_t now)
{
	const int64_t most = 1000000000;
	int64_t pause = (now - w->sampler.first) / 8;
	return p->read_at == 0 || now - p->read_at >= (pause < most ? pause : most);
}

static void put(struct peaks *p, struct watch *w, uint64_t most, uint64_t sampled)
{
	if (most > sampled + HIGH_WATER_NOISE)
		profile_put(w->writer, &(struct profile_record){ .kind = PROFILE_PEAK,
								 .at = { w->us, sample_umib(most) },
								 .since = p->since });
	p->since = w->us;
	p->sampled = w->bytes;
}

/* The family has taken the marks with the sample. */
static void take_interval(struct peaks *p, struct watch *w)
{
	const struct member *target = w->family->members[0];
	uint64_t most = w->total ? w->family->most : target->most;
	w->high_water = target->mark->highest;
	if (target->mark->changed && !p->lost)
		p->lost = p->since;
	if (!w->total)
		w->most = most;
	else if (most > w->bound)
		w->bound = most;
	put(p, w, most, p->sampled);
}

static void take_reading(struct peaks *p, struct watch *w, int64_t now)
{
	uint64_t most = 0;
	p->read_at = now;
	if (high_water_read(&p->own, &most) < 0)
		return;
	if (p->own.changed && !p->lost)
		p->lost = p->since;
	if (p->own.highest > w->high_water)
		w->high_water = p->own.highest;
	put(p, w, p->rss && !w->total ? most : 0, p->sampled);
}

static void sample(void *state, struct watch *w, int64_t now)
{
	struct peaks *p = state;
	p->sampled = w->bytes > p->sampled ? w->bytes : p->sampled;
	if (w->family->members[0]->mark)
		take_interval(p, w);
	else if (p->has_own && is_due(p, w, now))
		take_reading(p, w, now);
}

static void gone(void *state, struct watch *w, const struct member *member)
{
	struct peaks *p = state;
	(void)w;
	p->largest = member->peak > p->largest ? member->peak : p->largest;
}

/* A tree's last interval is its target's, if that was alone in the end. */
static void put_last(struct peaks *p, struct watch *w)
{
	const struct member *target = w->family->members[0];
	uint64_t mark = w->target->ru_maxrss;
	bool rose = mark > w->high_water + HIGH_WATER_NOISE;
	bool fell = p->exact && !p->lost && target->bytes + HIGH_WATER_NOISE < mark;
	if (!p->rss || w->samples == 0 || (w->total && !p->exact) || !(rose || fell))
		return;
	if (rose && p->lost)
		p->since = p->lost;
	uint64_t most = w->total ? w->bytes - target->bytes + mark : mark;
	w->bound = w->total && most > w->bound ? most : w->bound;
	put(p, w, most, p->exact ? w->bytes : p->sampled);
}

/* ru_maxrss was lowered by every reset, and those of descendants with it. */
static void restore(const struct peaks *p, struct watch *w)
{
	uint64_t *largest = &w->target->ru_maxrss;
	*largest = w->high_water > *largest ? w->high_water : *largest;
	*largest = p->largest > *largest ? p->largest : *largest;
	for (size_t i = 1; i < w->family->n; i++)
		if (w->family->members[i]->peak > *largest)
			*largest = w->family->members[i]->peak;
}

static void end(void *state, struct watch *w)
{
	const struct profile_pair unbound = { "unreset", "1" };
	struct peaks *p = state;
	struct target *target = w->target;
	bool is_own = target->alone && target->ru_maxrss > target->floor;
	if (is_own && p->opened && w->family->n > 0)
		put_last(p, w);
	if (is_own && target->ru_maxrss > w->high_water)
		w->high_water = target->ru_maxrss;
	if (w->family->n > 0 && p->rss && w->family->members[0]->peak > w->high_water)
		w->high_water = w->family->members[0]->peak;
	w->exact = target->ours && target->ru_maxrss > 0 &&
		   target->ru_maxrss <= w->high_water + HIGH_WATER_NOISE;
	if (p->exact && target->ru_maxrss > 0)
		restore(p, w);
	if (p->exact && w->total && w->family->unreset)
		profile_put_meta(w->writer, &unbound, 1);
}

/* ---- --max-peak ---- */

/* The largest figure that was certainly reached: of MEM, and where that is the resident set, of the
 * marks. */
static uint64_t peak_of(const struct peaks *p, const struct watch *w)
{
	uint64_t peak = w->peak;
	if (p->opened && !p->rss)
		return peak;
	peak = w->high_water > peak ? w->high_water : peak;
	if (w->target->ru_maxrss > w->target->floor && w->target->ru_maxrss > peak)
		peak = w->target->ru_maxrss;
	return peak;
}

static int judge(const struct peaks *p, const struct watch *w, int status)
{
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE];
	uint64_t most = peak_of(p, w), allowed = w->options->max_peak;
	if (allowed == 0 || most <= allowed)
		return status;
	fault(STATUS_ABOVE, "the peak of %s was above the %s of --max-peak",
	      format_memory(peak, sample_mib(sample_umib(most))),
	      format_memory(limit, sample_mib(sample_umib(allowed))));
	return status == STATUS_OK ? STATUS_ABOVE : status;
}

static int say(void *state, const struct recording *recording, const struct watch *w, int status)
{
	const struct peaks *p = state;
	if (w->options->exact && p->opened && (!p->exact || w->family->unreset))
		warning("the high-water mark of %s may not be reset (a setuid program, or one that "
			"hides its memory): the highest peak is exact, the others are as sampled",
			p->exact ? "some processes" : "the program");
	(void)recording;
	return judge(p, w, status);
}

static void close_peaks(void *state)
{
	struct peaks *p = state;
	if (p->has_own)
		high_water_close(&p->own);
}

const struct probe probe_peaks = {
	.name = "peaks",
	.state_size = sizeof(struct peaks),
	.check = check,
	.open = open_peaks,
	.gone = gone,
	.sample = sample,
	.end = end,
	.say = say,
	.close = close_peaks,
};
