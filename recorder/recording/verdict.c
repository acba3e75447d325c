#include "recorder/recording/verdict.h"

#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "recorder/tree/members.h"

/* A stall of less than that tells no more than that samples are samples. */
static const int64_t STALL = 1000000000; /* ns */

/* ---- what is lacking ---- */

/* From the tick that was due when it ended, as far as it was not rest. */
static int64_t last_gap(const struct recording *r)
{
	int64_t end = r->sampler.first + r->us * 1000 - r->sampler.epoch;
	int64_t due = r->sampler.first + r->sampler.next * r->sampler.interval;
	if (r->sampler.purse.not_before > due)
		due = r->sampler.purse.not_before;
	return r->silent ? 0 : end - due;
}

/* A mark is read again after a stall, and tells of it; not so after one that lasts to the end. */
static unsigned find_stall(const struct recording *r)
{
	bool marked = r->source->metric->marked && !r->total;
	bool stalled = last_gap(r) > STALL || (!marked && r->sampler.longest > STALL);
	return stalled ? KNOWN_STALLED : 0;
}

/* Orphans would be our children by now. */
static bool left_none(struct family *f)
{
	struct pids own = { 0 };
	bool none = f->reach == FAMILY_ADOPTS && !f->scanning && children_list(&f->own, &own) == 0;
	for (size_t i = 0; i < own.n && none; i++)
		none = members_is_stranger(f, own.items[i]);
	pids_free(&own);
	return none;
}

/* What some of them held is in no account at all. */
static bool is_unaccounted(const struct recording *r)
{
	bool some = r->peaks.untold > 0 || r->family.hidden > 0 || !r->unseen.known ||
		    r->unseen.most > 0;
	return some && (r->target.waits_for_none || r->family.unwaited);
}

/* Who ended before there was a look has had none, if it waited for none and left none behind. */
static unsigned find_unseen(struct recording *r)
{
	if (r->unseen.known && r->unseen.most == 0)
		return is_unaccounted(r) ? KNOWN_UNSEEN : 0;
	return r->family.n == 0 && r->target.alone && !r->target.waits_for_none &&
			       left_none(&r->family)
		       ? 0
		       : KNOWN_UNSEEN;
}

/* What it held at most is hidden by what we hold. */
static unsigned find_floor(const struct recording *r)
{
	bool hidden = r->target.ours && r->peaks.ru_maxrss > 0 && r->source->metric->marked &&
		      r->peaks.ru_maxrss <= r->target.floor;
	return hidden ? KNOWN_FLOOR : 0;
}

static unsigned find_lacks(struct recording *r)
{
	const struct family *f = &r->family;
	unsigned lacks = find_stall(r);
	if (r->memory.samples == 0)
		lacks |= KNOWN_NOTHING_READ;
	if (r->target.ours && r->silent && f->n > 0)
		lacks |= KNOWN_CUT;
	if (!r->total)
		return lacks;
	lacks |= find_unseen(r);
	lacks |= f->hidden > 0 ? KNOWN_UNREAD : 0;
	lacks |= f->fell_back ? KNOWN_FELL_BACK : 0;
	lacks |= r->peak.living > 0 ? KNOWN_LIVING : 0;
	return lacks;
}

/* ---- of one process ---- */

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* What wait4 tells of it holds for itself as well, and for us who were its image before. */
static uint64_t bound_of_one(const struct recording *r)
{
	bool told = r->target.ours && r->peaks.ru_maxrss > 0 && r->source->metric->resident;
	return told ? larger(r->peaks.ru_maxrss, r->target.floor) : 0;
}

static void weigh_mark(const struct recording *r, struct peak_result *p)
{
	const struct peaks_result *peaks = &r->peaks;
	if (peaks->exact) {
		p->bytes = larger(p->bytes, peaks->high_water);
		p->bound = p->bytes;
		p->how.lacks = 0;
	} else if (peaks->high_water > p->bytes) {
		p->bytes = peaks->high_water;
		p->how.lacks |= KNOWN_EARLY;
	} else {
		return;
	}
	p->how.lacks &= ~(unsigned)KNOWN_NOTHING_READ;
	p->how.by = KNOWN_BY_MARK;
}

static void weigh_one(const struct recording *r, struct peak_result *p)
{
	p->bytes = r->memory.peak;
	p->bound = bound_of_one(r);
	if (r->source->metric->marked)
		weigh_mark(r, p);
	/* Of what it has none of, 0 is a sample like another. */
	bool seen = r->memory.samples > 0 && !r->source->metric->marked;
	if (p->bytes > 0 || p->bound == 0 || seen)
		return;
	p->bytes = p->bound;
	p->how.by = KNOWN_BY_MARK;
	p->how.lacks |= find_floor(r);
}

/* Of what it waited for, and is not in MEM. */
static uint64_t find_waited(const struct recording *r)
{
	uint64_t told = r->target.ours ? r->peaks.ru_maxrss : 0;
	bool others = !r->total && r->source->metric->marked && told > r->target.floor;
	return others && told > r->peaks.high_water + HIGH_WATER_NOISE ? told : 0;
}

/* ---- of a tree ---- */

/* Each descendant was waited for by another of them, or by us. */
static uint64_t largest_of_all(const struct recording *r)
{
	uint64_t told = r->peaks.ru_maxrss > r->target.floor ? r->peaks.ru_maxrss : 0;
	return larger(larger(told, r->peaks.largest), r->peaks.high_water);
}

/* All at once, each at its highest; of whom that is not told, as much as the largest. */
static uint64_t bound_of_tree(const struct recording *r, unsigned lacks)
{
	const struct peaks_result *peaks = &r->peaks;
	uint64_t each = larger(largest_of_all(r), r->target.floor), sum, crowd;
	bool counted = r->target.ours && peaks->ru_maxrss > 0 && r->source->metric->resident;
	if (!counted || lacks & (KNOWN_LIVING | KNOWN_CUT) ||
	    (lacks & KNOWN_UNSEEN && !r->unseen.known) || is_unaccounted(r))
		return 0;
	uint64_t blank = 1 + peaks->untold + r->unseen.most + r->family.hidden;
	if (__builtin_mul_overflow(each, blank, &sum) ||
	    __builtin_add_overflow(sum, peaks->sum, &sum))
		return 0;
	if (r->unseen.crowd > 0 && !__builtin_mul_overflow(each, r->unseen.crowd, &crowd) &&
	    crowd < sum)
		sum = crowd;
	bool exact = peaks->bound > 0 && !peaks->late && !r->family.unreset &&
		     family_is_whole(&r->family) && !(lacks & KNOWN_UNREAD);
	return exact && peaks->bound < sum ? peaks->bound : sum;
}

/* What the kernel told of one exceeds all that was seen, and is not that of one who was seen with
 * the most of it: somebody's memory was never looked at. */
static bool is_beyond(const struct recording *r, uint64_t one)
{
	const struct peaks_result *peaks = &r->peaks;
	bool told = one <= peaks->largest + HIGH_WATER_NOISE ||
		    one <= peaks->high_water + HIGH_WATER_NOISE;
	return !told && peaks->untold > 0 && peaks->least < one / 2;
}

static void weigh_tree(const struct recording *r, struct peak_result *p)
{
	uint64_t one = r->source->metric->marked ? largest_of_all(r) : 0;
	p->bytes = r->memory.peak;
	p->how.sum = true;
	p->bound = bound_of_tree(r, p->lacks);
	if (one <= p->bytes + HIGH_WATER_NOISE)
		return;
	p->bytes = one;
	p->lacks |= is_beyond(r, one) ? KNOWN_BEYOND : 0;
	/* What its samples lack is told all the same, but for what says nothing of a mark. */
	unsigned lacks = p->lacks & ~(unsigned)(KNOWN_NOTHING_READ | KNOWN_FLOOR);
	p->how = (struct known_how){ r->source->metric, KNOWN_BY_MARK, false, KNOWN_EARLY | lacks };
}

/* ---- all of it ---- */

/* A tree of which every fork was told, and there was none. */
static bool is_one(const struct recording *r)
{
	const struct family *f = &r->family;
	return !r->total ||
	       (f->n > 0 && family_is_whole(f) && f->descendants == 0 && f->hidden == 0);
}

void verdict_reach(struct recording *r)
{
	struct peak_result *p = &r->peak;
	const struct member *living;
	p->living = r->total ? (unsigned)family_living(&r->family, &living, 1) : 0;
	p->lacks = find_lacks(r);
	p->how = (struct known_how){ .metric = r->source->metric, .lacks = p->lacks };
	p->lacks |= r->total ? 0 : find_floor(r);
	if (source_is_common(r->source))
		p->bytes = r->memory.peak;
	else if (is_one(r))
		weigh_one(r, p);
	else
		weigh_tree(r, p);
	if (r->peaks.huge > 0 && r->source->metric->resident) {
		p->how.lacks |= KNOWN_HUGE;
		p->lacks |= KNOWN_HUGE;
	}
	bool told = p->bytes > 0 || (r->memory.samples > 0 && !r->source->metric->marked);
	p->known = told ? known_judge(&p->how) : KNOWN_UNKNOWN;
	p->waited = find_waited(r);
	if (r->memory.samples > 0 && p->bytes <= r->memory.peak + HIGH_WATER_NOISE)
		p->us = r->memory.peak_us;
}

/* What bounds it from above is near: then most of it is known, and nobody else held much more. */
static bool is_close(const struct peak_result *p)
{
	return p->known == KNOWN_AT_LEAST && p->bound > p->bytes + HIGH_WATER_NOISE &&
	       p->bound <= p->bytes + p->bytes / 8;
}

/* With --exact, the sum of a tree's marks. */
static bool is_of_marks(const struct recording *r)
{
	const struct peak_result *p = &r->peak;
	return r->peaks.bound > p->bytes + HIGH_WATER_NOISE && p->bound == r->peaks.bound;
}

/* What the peak is not, as far as it is known. */
static void put_bounds(struct recording *r)
{
	const struct peak_result *p = &r->peak;
	char most[FIGURE_SIZE], waited[FIGURE_SIZE], lacks[KNOWN_SIZE];
	struct profile_pair pairs[3];
	size_t n = 0;
	if (is_close(p) || is_of_marks(r))
		pairs[n++] = (struct profile_pair){ "peak_most", figure_write(most, p->bound) };
	if (p->waited > 0)
		pairs[n++] = (struct profile_pair){ "waited", figure_write(waited, p->waited) };
	if (p->lacks != p->how.lacks)
		pairs[n++] = (struct profile_pair){ "lacks", known_write_lacks(lacks, p->lacks) };
	if (n > 0)
		profile_put_meta(&r->writer, pairs, n);
}

void verdict_put(struct recording *r)
{
	static const char *const by[] = {
		[KNOWN_BY_SAMPLES] = "samples",
		[KNOWN_BY_MARK] = "mark",
		[KNOWN_BY_MARKS] = "marks",
	};
	const struct peak_result *p = &r->peak;
	char bytes[FIGURE_SIZE], floor[FIGURE_SIZE], lacks[KNOWN_SIZE];
	struct profile_pair pairs[5] = {
		{ "peak", figure_write(bytes, p->bytes) },
		{ "peak_known", known_key(p->known) },
		{ "peak_by", by[p->how.by] },
	};
	size_t n = 3;
	if (p->how.lacks)
		pairs[n++] = (struct profile_pair){ "peak_lacks",
						    known_write_lacks(lacks, p->how.lacks) };
	if (r->target.ours && r->peaks.ru_maxrss > 0 && r->peaks.ru_maxrss <= r->target.floor)
		pairs[n++] = (struct profile_pair){ "floor", figure_write(floor, r->target.floor) };
	profile_put_meta(&r->writer, pairs, n);
	put_bounds(r);
}
