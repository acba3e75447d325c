/* One recording as a member of a fleet. */
#include "share/fleet/recording.h"

#include <math.h>
#include <string.h>

#include "share/fleet/member.h"
#include "share/fleet/member_growth.h"
#include "share/fleet/member_name.h"
#include "share/fleet/points.h"
#include "share/growth/peak_known.h"
#include "share/number.h"

static int tell_settings(struct fleet_member *m, const struct profile *p)
{
	int r = 0;
	for (size_t i = 0; i < p->n_settings && r == 0; i++)
		r = member_tell(m, p->settings[i].key, p->settings[i].value);
	return r;
}

/* ---- what it came to ---- */

/* Where a mark was the peak, it stood in the interval that a PEAK tells of, or somewhere. */
static void tell_peak(struct fleet_member *m, const struct profile *p)
{
	struct peak_verdict best;
	const struct sample *sampled = &p->memory.peak;
	peak_best(p, &best);
	int64_t umib = llround(best.mib * 1e6);
	m->known = p->memory.samples > 0 || umib > 0 ? best.known : KNOWN_UNKNOWN;
	m->exact = best.how.by == KNOWN_BY_MARK;
	if (m->known == KNOWN_UNKNOWN)
		m->highest = (struct profile_span){ 0, m->from, m->to };
	else if (umib == sampled->umib)
		m->highest = (struct profile_span){ umib, sampled->us, sampled->us };
	else if (umib == p->highest.umib)
		m->highest = p->highest;
	else
		m->highest = (struct profile_span){ umib, m->from, m->to };
}

static void tell_times(struct fleet_member *m, const struct profile *p)
{
	double start;
	const char *told = profile_setting(p, "start");
	m->from = p->memory.first.us;
	m->to = p->memory.last.us;
	if (p->memory.samples > 0 && m->to >= m->from)
		return;
	if (p->memory.samples > 0) { /* the clock was set back */
		m->to = m->from;
		return;
	}
	bool started = told && number_decimal(told, &start) == 0 && start >= 0 && start < 1e11;
	m->from = started ? llround(start * 1e6) : p->ended_us;
	m->to = p->ended_us > m->from ? p->ended_us : m->from;
}

static int tell_marks(struct fleet_member *m, const struct profile *p,
		      const struct fleet_wish *wish)
{
	int r = 0;
	for (size_t i = 0; i < p->n_marks && r == 0; i++)
		r = member_add_mark(m, wish, &p->marks[i].at, p->marks[i].label);
	return r;
}

static int tell_end(struct fleet_member *m, const struct profile *p)
{
	const char *killed = profile_killed(p);
	m->ended = p->ended;
	m->status = p->ended ? p->status : PROFILE_STATUS_UNKNOWN;
	return killed ? member_tell_text(&m->killed, killed) : 0;
}

static int tell_points(struct fleet_member *m, const struct profile *p,
		       const struct fleet_wish *wish)
{
	struct points points = { .limit = member_columns(wish) };
	int r = points_of_profile(&points, p);
	m->points = points.all;
	m->n_points = points.n;
	return r;
}

int member_of_profile(struct fleet_member *m, const struct profile *p,
		      const struct fleet_wish *wish)
{
	*m = (struct fleet_member){ .rank = -1 };
	int r = member_tell_name(m, p->path);
	r = r < 0 ? r : tell_settings(m, p);
	r = r < 0 ? r : member_tell_text(&m->path, p->path);
	if (r == 0 && p->command)
		r = member_tell_text(&m->command, p->command);
	r = r < 0 ? r : tell_end(m, p);
	if (r < 0)
		return r;
	tell_times(m, p);
	tell_peak(m, p);
	r = tell_marks(m, p, wish);
	r = r < 0 ? r : tell_points(m, p, wish);
	return r == 0 && wish->growth ? member_tell_growth(m, p) : r;
}
