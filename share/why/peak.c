/* The peak, against what was allowed. */
#include <stdlib.h>
#include <string.h>

#include "share/commands/report.h"
#include "share/growth/peak_known.h"
#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

static const double NOISE = 0.25; /* MiB: what the kernel's own counts differ by */

/* The moment and the line are told of the figure that stands there, or not at all. */
static void say_moment(struct why_statement *s, const struct profile *p,
		       const struct peak_verdict *v, const struct sample *seen)
{
	char moment[FORMAT_SIZE], place[REPORT_SENTENCE];
	const char *lacks = profile_setting(p, "lacks"),
		   *told = lacks ? lacks : profile_setting(p, "peak_lacks");
	int64_t after = seen->us - p->start_us;
	bool sampled = !(known_read_lacks(told) & KNOWN_NOTHING_READ);
	if (sampled && v->mib <= sample_mib(seen->umib) + NOISE)
		WHY_SAY(s, " at %s",
			format_duration(moment, after > 0 ? sample_seconds(after) : 0));
	if (v->how.sum && !profile_is_set(p, "tree"))
		WHY_SAY(s, ", its children included");
	else if (p->growth.n_steps > 0 && !profile_is_set(p, "tree") && peak_is_marked(p)) {
		report_place(place, p, (int64_t)(v->mib * 1e6));
		WHY_SAY(s, "%s", place);
	}
}

static void say_bounds(struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	char figure[FORMAT_SIZE];
	double most;
	if (profile_setting_mib(p, "peak_most", &most) && most > why->peak)
		WHY_SAY(s, " (at most %s)", format_memory(figure, most));
	if (profile_setting_mib(p, "limit", &why->allowed))
		WHY_SAY(s, " of %s allowed", format_memory(figure, why->allowed));
}

static void say_evidence(struct why_statement *s, const struct profile *p,
			 const struct peak_verdict *v)
{
	char words[KNOWN_SIZE], figure[FORMAT_SIZE];
	double machine;
	const struct metric *metric = peak_metric(p);
	const char *kind = profile_setting(p, "limit_kind");
	known_say(words, &v->how);
	const char *reason = strchr(words, ':');
	WHY_BY(s, "%s%s", metric ? metric->brief : "RSS", reason ? reason : "");
	if (!reason)
		WHY_BY(s, v->how.by == KNOWN_BY_MARK ? ", the kernel's high-water mark"
						     : ", the highest sample");
	if (profile_setting_mib(p, "machine", &machine))
		WHY_BY(s, "; the machine has %s", format_memory(figure, machine));
	if (kind && strcmp(kind, "cgroup") == 0)
		WHY_BY(s, "; allowed by its control group");
	else if (kind && strcmp(kind, "cgroup.high") == 0)
		WHY_BY(s, "; above what is allowed its control group slows it down");
}

/* Children that are recorded beside the program count as well: what it held alone is told as odd.
 */
static const struct sample *take_together(const struct profile *p, struct peak_verdict *v)
{
	double sum = sample_mib(p->together.umib);
	if (profile_is_set(p, "tree") || sum <= v->mib + NOISE)
		return &p->memory.peak;
	*v = (struct peak_verdict){ .mib = sum, .how = peak_sampled(p, true) };
	v->known = known_judge(&v->how);
	return &p->together;
}

void why_find_peak(struct why *why)
{
	const struct profile *p = why->profile;
	struct peak_verdict v = { 0 };
	char figure[FORMAT_SIZE];
	peak_best(p, &v);
	const struct sample *seen = take_together(p, &v);
	const char *told = profile_setting(p, "peak_known");
	bool none = p->memory.samples == 0 && seen != &p->together;
	bool unknown = none || (told && strcmp(told, "unknown") == 0);
	struct why_statement *s =
		why_state(why, WHY_PEAK, "peak", unknown ? KNOWN_UNKNOWN : v.known);
	WHY_SAY(s, "%s", known_peak(s->known));
	if (unknown && v.mib <= 0) {
		WHY_BY(s, "nothing could be read of it");
		return;
	}
	why->peak = v.mib;
	WHY_SAY(s, " %s", format_memory(figure, v.mib));
	say_moment(s, p, &v, seen);
	say_bounds(why, s);
	say_evidence(s, p, &v);
}
