#include "share/growth/peak_known.h"

#include <math.h>
#include <string.h>

#include "share/profile/profile.h"

enum { NOISE = 262144 }; /* umib: what the kernel's own counts differ by */

const struct metric *peak_metric(const struct profile *p)
{
	return metric_find(profile_setting(p, "metric"));
}

bool peak_is_marked(const struct profile *p)
{
	const struct metric *metric = peak_metric(p);
	return !profile_setting(p, "metric") || (metric && metric->marked);
}

/* ---- samples ---- */

/* Recordings of other programs, and old ones of ours, are of the RSS. */
static const struct metric *metric_told(const struct profile *p)
{
	return profile_setting(p, "metric") ? peak_metric(p) : &metric_rss;
}

static unsigned lacks_of_tree(const struct profile *p)
{
	const char *unseen = profile_setting(p, "unseen"), *hidden = profile_setting(p, "hidden");
	unsigned lacks = 0;
	if (unseen && strcmp(unseen, "0") != 0)
		lacks |= KNOWN_UNSEEN;
	if (hidden && strcmp(hidden, "0") != 0)
		lacks |= KNOWN_UNREAD;
	if (profile_setting(p, "fallback"))
		lacks |= KNOWN_FELL_BACK;
	return lacks;
}

/* What the recorder's verdict lacks is of the marks, if it is by them. */
static unsigned lacks_of(const struct profile *p, bool sum)
{
	const unsigned of_marks = KNOWN_EARLY | KNOWN_FLOOR | KNOWN_UNRESET;
	unsigned lacks = known_read_lacks(profile_setting(p, "peak_lacks")) & ~of_marks;
	return sum ? lacks | lacks_of_tree(p) : lacks;
}

struct known_how peak_sampled(const struct profile *p, bool sum)
{
	return (struct known_how){ metric_told(p), KNOWN_BY_SAMPLES, sum, lacks_of(p, sum) };
}

struct known_how peak_of_value(const struct profile *p, const char *metric)
{
	bool sum = profile_is_set(p, "tree");
	return (struct known_how){ metric_find(metric), KNOWN_BY_SAMPLES, sum,
				   sum ? lacks_of_tree(p) : 0 };
}

/* ---- marks ---- */

/* What the kernel told at the end is no more than what was read before: nothing has escaped that.
 */
bool peak_is_final(const struct profile *p)
{
	return p->ru_maxrss > 0 && p->ru_maxrss <= p->high_water + NOISE;
}

/* The recorder may have known more of it than the file tells. */
struct known_how peak_mark(const struct profile *p)
{
	struct peak_verdict v;
	bool judged = peak_is_marked(p) && peak_verdict(p, &v) && v.how.by == KNOWN_BY_MARK &&
		      p->high_water == llround(v.mib * 1e6);
	return judged ? v.how
		      : (struct known_how){ &metric_rss, KNOWN_BY_MARK, false,
					    peak_is_final(p) ? 0 : KNOWN_EARLY };
}

struct known_how peak_maxrss(const struct profile *p)
{
	(void)p;
	return (struct known_how){ &metric_rss, KNOWN_BY_MARK, false, 0 };
}

/* ---- the recorder's verdict ---- */

bool peak_verdict(const struct profile *p, struct peak_verdict *v)
{
	const char *by = profile_setting(p, "peak_by");
	if (!by || !profile_setting_mib(p, "peak", &v->mib))
		return false;
	bool mark = strcmp(by, "mark") == 0, tree = profile_is_set(p, "tree");
	v->how = (struct known_how){ metric_told(p), mark ? KNOWN_BY_MARK : KNOWN_BY_SAMPLES,
				     tree && !mark,
				     known_read_lacks(profile_setting(p, "peak_lacks")) };
	v->known = known_judge(&v->how);
	return true;
}

/* ---- all together ---- */

static void take(struct peak_verdict *best, int64_t umib, enum known_by by, unsigned lacks)
{
	best->mib = sample_mib(umib);
	best->how.by = by;
	best->how.sum = false;
	best->how.lacks = lacks;
}

/* The mark of a process that was running already may be older than the recording; what the kernel
 * tells at the end is missing then. With --exact, each interval has a mark of its own. */
static bool weigh_marks(const struct profile *p, struct peak_verdict *best)
{
	int64_t sampled = p->memory.peak.umib, mark = p->high_water;
	int64_t most = p->highest.umib > sampled ? p->highest.umib : sampled;
	bool every = p->ended && profile_is_set(p, "exact") && !profile_is_set(p, "unreset");
	bool told = p->ru_maxrss > 0 && mark > 0;
	if (every || (told && peak_is_final(p)))
		take(best, told && mark > most ? mark : most, KNOWN_BY_MARK, 0);
	else if (told && mark > most + NOISE)
		take(best, mark, KNOWN_BY_MARK, KNOWN_EARLY);
	else if (most > sampled)
		take(best, most, KNOWN_BY_MARK, KNOWN_EARLY);
	else
		return false;
	return true;
}

/* One of them held no less than its mark, nor did all together. */
static bool weigh_tree(const struct profile *p, struct peak_verdict *best)
{
	if (p->high_water <= p->memory.peak.umib + NOISE)
		return false;
	take(best, p->high_water, KNOWN_BY_MARK, KNOWN_EARLY);
	return true;
}

bool peak_best(const struct profile *p, struct peak_verdict *best)
{
	if (peak_verdict(p, best))
		return true;
	bool tree = profile_is_set(p, "tree"), told = false;
	best->mib = sample_mib(p->memory.peak.umib);
	best->how = peak_sampled(p, tree);
	if (peak_is_marked(p))
		told = tree ? weigh_tree(p, best) : weigh_marks(p, best);
	best->known = known_judge(&best->how);
	return told;
}
