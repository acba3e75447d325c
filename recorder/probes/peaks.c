/* Exact peaks: what the target held at most, and when. As a rule its high-water mark is only read,
 * now and then: where it has risen above all samples since the reading before, it tells what was
 * held between the two. With --exact it is reset at each sample (see family.h), and tells that of
 * every interval. The last word has ru_maxrss, once the target has ended. */
#include <stddef.h>

#include "recorder/kernel/high_water.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"

struct peaks {
	bool wanted; /* --exact */
	bool opened, exact, rss;
	struct high_water own; /* of the target, where the family keeps none */
	bool has_own;
	int64_t read_at;  /* monotonic ns of the last reading; 0: none */
	int64_t since;    /* µs, the same */
	int64_t lost;     /* µs of the last reading before a mark that exec has ended; 0: none */
	uint64_t sampled; /* MEM at most since then */
};

static const struct command_option options[] = {
	{ 'X', "exact", NULL, offsetof(struct peaks, wanted),
	  "peaks between samples too; lowers the program's own VmHWM" },
	{ 0 },
};

static int check(void *state, struct recording *r)
{
	const struct peaks *p = state;
	if (p->wanted && !r->source->metric->marked)
		return fault(STATUS_USAGE,
			     "--exact follows the high-water mark of rss; there is none of %s",
			     r->source->metric->name);
	if (p->wanted && r->options.group)
		return fault(STATUS_USAGE,
			     "--exact and --cgroup exclude each other: a group has no mark of its "
			     "own that could be reset; -b cgroup records its figure");
	return -1;
}

/* The family is not yet open, and is told how to be. */
static void started(void *state, struct recording *r)
{
	const struct peaks *p = state;
	r->family.exact = p->wanted;
}

static void raise_mark(struct recording *r, uint64_t mark)
{
	r->peaks.high_water = mark > r->peaks.high_water ? mark : r->peaks.high_water;
}

/* Whoever ran before the recording has a mark of that time, too. */
static void read_past(struct peaks *p, struct recording *r)
{
	uint64_t most;
	if (p->has_own && !r->target.ours && high_water_read(&p->own, &most) == 0)
		r->peaks.high_water = p->own.highest;
}

static int open_peaks(void *state, struct recording *r)
{
	struct peaks *p = state;
	const struct profile_pair pairs[] = { { "exact", "1" }, { "peak_bound", "upper" } };
	const struct high_water *mark = r->family.members[0]->mark;
	p->opened = true;
	p->rss = r->family.source->metric->marked;
	p->exact = mark && high_water_is_reset(mark);
	p->since = r->us;
	p->has_own = !mark && high_water_open(&p->own, r->target.pid, false) == 0;
	read_past(p, r);
	if (p->exact)
		profile_put_meta(&r->writer, pairs, r->total ? 2 : 1);
	return 0;
}

static int64_t pause_at(const struct recording *r, int64_t now)
{
	const int64_t most = 1000000000;
	int64_t pause = (now - r->sampler.first) / 8;
	return pause < most ? pause : most;
}

/* Six times as dear as a sample, so it is looked at often in the beginning, when a program grows,
 * and later every second. */
static bool is_due(const struct peaks *p, const struct recording *r, int64_t now)
{
	return p->read_at == 0 || now - p->read_at >= pause_at(r, now);
}

static void put(struct peaks *p, struct recording *r, uint64_t most, uint64_t sampled)
{
	if (most > sampled + HIGH_WATER_NOISE)
		profile_put(&r->writer,
			    &(struct profile_record){ .kind = PROFILE_PEAK,
						      .at = { r->us, sample_umib(most) },
						      .since = p->since });
	p->since = r->us;
	p->sampled = r->memory.bytes;
}

/* One of them held so much more than at the last sample, for all that is known of the others. */
static void raise_possible(struct recording *r, uint64_t more)
{
	uint64_t sum = r->total ? r->memory.bytes + more : 0;
	r->peaks.possible = sum > r->peaks.possible ? sum : r->peaks.possible;
}

static void raise_bound(struct recording *r, uint64_t most)
{
	r->peaks.bound = most > r->peaks.bound ? most : r->peaks.bound;
}

/* At the first sample there is no interval yet: what the mark has beyond it was before the program
 * had its own memory. */
static void put_sampled(struct peaks *p, struct recording *r, uint64_t most)
{
	put(p, r, r->us > p->since ? most : 0, p->sampled);
}

/* The family has taken the marks with the sample. */
static void take_interval(struct peaks *p, struct recording *r)
{
	const struct member *target = r->family.members[0];
	uint64_t most = r->total ? r->family.most : target->most;
	r->peaks.high_water = target->mark->highest;
	if (target->mark->changed && !p->lost)
		p->lost = p->since;
	if (r->total)
		raise_bound(r, most);
	else if (most > r->peaks.most)
		r->peaks.most = most;
	put_sampled(p, r, most);
}

static void weigh_own(struct recording *r)
{
	const struct member *target = r->family.members[0];
	uint64_t mark = r->source->metric->marked ? r->peaks.high_water : 0;
	if (mark > target->peak + HIGH_WATER_NOISE && mark > target->bytes)
		raise_possible(r, mark - target->bytes);
}

static void take_reading(struct peaks *p, struct recording *r, int64_t now)
{
	uint64_t most = 0;
	p->read_at = now;
	if (high_water_read(&p->own, &most) < 0)
		return;
	if (p->own.changed && !p->lost)
		p->lost = p->since;
	r->peaks.addresses = p->own.addresses;
	raise_mark(r, p->own.highest);
	weigh_own(r);
	put_sampled(p, r, p->rss && !r->total ? most : 0);
}

static void sample(void *state, struct recording *r, int64_t now)
{
	struct peaks *p = state;
	r->peaks.most = r->memory.bytes;
	p->sampled = r->memory.bytes > p->sampled ? r->memory.bytes : p->sampled;
	if (r->family.members[0]->mark)
		take_interval(p, r);
	else if (p->has_own && is_due(p, r, now))
		take_reading(p, r, now);
}

/* Of somebody else's child nobody tells the mark at its end, unless we are root: it is read between
 * ticks that are far apart too, so that no more than the last eighth of a life goes unread. */
static int64_t wait_to_read(const void *state, const struct recording *r, int64_t now)
{
	const int64_t least = 5000000;
	const struct peaks *p = state;
	if (r->target.ours || !p->has_own)
		return -1;
	int64_t pause = pause_at(r, now);
	int64_t left = p->read_at + (pause > least ? pause : least) - now;
	return left > 0 ? left : 0;
}

static void look(void *state, struct recording *r, int64_t now)
{
	r->us = sampler_epoch_us(&r->sampler, now);
	take_reading(state, r, now);
}

static void gone(void *state, struct recording *r, const struct member *member)
{
	struct peaks_result *peaks = &r->peaks;
	(void)state;
	uint64_t held = r->family.source->metric->marked ? member->peak : 0;
	held = member->exact > held ? member->exact : held;
	peaks->late |= member->exact == 0 || member->unread > 0;
	if (member->beyond > 0)
		raise_possible(r, member->beyond);
	peaks->largest = held > peaks->largest ? held : peaks->largest;
	peaks->sum += member->exact ? held : 0;
	if (member->exact == 0 && (peaks->untold++ == 0 || held < peaks->least))
		peaks->least = held;
}

/* ---- the end ---- */

/* Whoever has ended since the last sample, each at its highest. `mark`: the target's last word, 0
 * where it may be another's. */
static void put_last_of_tree(struct peaks *p, struct recording *r, uint64_t mark)
{
	const struct member *target = r->family.members[0];
	if (!p->exact || r->memory.samples == 0)
		return;
	mark = target->exact > mark ? target->exact : mark;
	r->peaks.late |= mark == 0;
	uint64_t most = r->family.left + (mark > target->bytes ? mark : target->bytes);
	raise_bound(r, most);
	put(p, r, most, r->memory.bytes);
}

/* `mark`: its last word. */
static void put_last(struct peaks *p, struct recording *r, uint64_t mark)
{
	const struct member *target = r->family.members[0];
	bool rose = mark > r->peaks.high_water + HIGH_WATER_NOISE;
	bool fell = p->exact && !p->lost && target->bytes + HIGH_WATER_NOISE < mark;
	if (!p->rss || r->memory.samples == 0 || !(rose || fell))
		return;
	if (rose && p->lost)
		p->since = p->lost;
	put(p, r, mark, p->exact ? r->memory.bytes : p->sampled);
}

/* ru_maxrss was lowered by every reset, and those of descendants with it. */
static uint64_t restored(const struct recording *r, uint64_t largest)
{
	largest = r->peaks.high_water > largest ? r->peaks.high_water : largest;
	largest = r->peaks.largest > largest ? r->peaks.largest : largest;
	for (size_t i = 1; i < r->family.n; i++)
		if (r->family.members[i]->peak > largest)
			largest = r->family.members[i]->peak;
	return largest;
}

/* Of the target, and where it has waited for any, of its descendants; 0: not told. */
static uint64_t last_word(const struct recording *r)
{
	uint64_t told = r->target.ru_maxrss, kept = r->agent.high_water;
	return told > 0 && kept > told ? kept : told;
}

static void conclude(void *state, struct recording *r)
{
	const struct profile_pair unbound = { "unreset", "1" };
	struct peaks *p = state;
	uint64_t last = last_word(r);
	bool is_own = r->target.alone && last > r->target.floor;
	raise_mark(r, r->agent.high_water);
	if (p->opened && r->total)
		put_last_of_tree(p, r, is_own ? last : 0);
	else if (is_own && p->opened)
		put_last(p, r, last);
	if (is_own)
		raise_mark(r, last);
	if (p->opened)
		raise_mark(r, r->family.members[0]->exact); /* its account, if we are told those */
	if (p->opened && p->rss)
		raise_mark(r, r->family.members[0]->peak);
	if (p->opened)
		weigh_own(r);
	const struct high_water *kept = p->opened ? r->family.members[0]->mark : NULL;
	r->peaks.huge = kept ? kept->huge : p->own.huge;
	/* At the floor it is our own figure. */
	r->peaks.exact = r->target.ours && last > r->target.floor &&
			 last <= r->peaks.high_water + HIGH_WATER_NOISE;
	if (p->exact && r->total && !r->peaks.late)
		r->peaks.possible = r->peaks.bound;
	r->peaks.ru_maxrss = p->exact && last > 0 ? restored(r, last) : last;
	if (p->exact && r->total && (r->family.unreset || r->peaks.late))
		profile_put_meta(&r->writer, &unbound, 1);
}

static int say(void *state, const struct recording *r, int status)
{
	const struct peaks *p = state;
	if (p->wanted && p->opened && (!p->exact || r->family.unreset))
		warning("the high-water mark of %s may not be reset (a setuid program, or one that "
			"hides its memory): the highest peak is exact, the others are as sampled",
			p->exact ? "some processes" : "the program");
	return status;
}

static void close_peaks(void *state)
{
	struct peaks *p = state;
	if (p->has_own)
		high_water_close(&p->own);
}

const struct probe probe_peaks = {
	.state_size = sizeof(struct peaks),
	.options = options,
	.check = check,
	.started = started,
	.open = open_peaks,
	.gone = gone,
	.sample = sample,
	.wait = wait_to_read,
	.look = look,
	.conclude = conclude,
	.say = say,
	.close = close_peaks,
};
