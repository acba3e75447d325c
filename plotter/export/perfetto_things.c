#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "plotter/export/lanes.h"
#include "plotter/export/perfetto.h"
#include "share/profile/kinds.h"

/* A figure of 0 is one that was not told. */
static void say_held(struct perfetto *p, const char *name, int64_t umib)
{
	if (umib > 0)
		perfetto_event_bytes(p, name, umib);
}

static bool shows(const struct perfetto *p, int64_t us)
{
	return export_shows(&p->part->export, us);
}

/* ---- moments ---- */

static int put_moment(struct perfetto *p, uint64_t track, const char *name, struct sample at)
{
	if (!shows(p, at.us))
		return 0;
	perfetto_event(p, PERFETTO_INSTANT, track);
	perfetto_event_name(p, name, "mark");
	say_held(p, "held", at.umib);
	return perfetto_event_end(p, at.us);
}

static int put_marks(struct perfetto *p)
{
	const struct profile *profile = p->part->export.profile;
	const struct profile_span *span = &profile->highest;
	bool between = span->umib > profile->memory.peak.umib;
	uint64_t track;
	int r = perfetto_track(p, p->part->track, "marks", PERFETTO_NO_COUNTER, &track);
	for (size_t i = 0; i < profile->n_marks && r == 0; i++)
		r = put_moment(p, track, profile->marks[i].label, profile->marks[i].at);
	for (size_t i = 0; i < profile->n_ooms && r == 0; i++)
		r = put_moment(p, track, "GPU out of memory",
			       (struct sample){ .us = profile->ooms[i].at.us });
	if (r == 0 && between)
		r = put_moment(p, track, "peak of the interval that ends here",
			       (struct sample){ span->to, span->umib });
	else if (r == 0)
		r = put_moment(p, track, "highest sample", profile->memory.peak);
	return r;
}

/* ---- calls ---- */

struct calls {
	struct perfetto *p;
	uint64_t track;
};

static int put_call(void *context, const struct lane_call *call, bool begins)
{
	const struct calls *calls = context;
	struct perfetto *p = calls->p;
	perfetto_event(p, begins ? PERFETTO_BEGIN : PERFETTO_END, calls->track);
	if (begins) {
		perfetto_event_name(p, p->part->export.profile->functions[call->function].name,
				    "call");
		say_held(p, "held at entry", call->from.umib);
		if (call->open)
			perfetto_event_text(p, "end", "never seen");
	} else if (!call->open) {
		say_held(p, "held at exit", call->to.umib);
	}
	return perfetto_event_end(p, begins ? call->from.us : call->to.us);
}

static int put_calls(struct perfetto *p)
{
	struct lanes lanes;
	struct calls calls = { .p = p };
	int r = lanes_make(&lanes, &p->part->export);
	for (size_t i = 0; i < lanes.n_lanes && r == 0; i++) {
		r = perfetto_track(p, p->part->track, "calls", PERFETTO_NO_COUNTER, &calls.track);
		r = r ? r : lanes_each(&lanes, i, put_call, &calls);
	}
	lanes_free(&lanes);
	return r;
}

/* ---- growth ---- */

static int put_step(struct perfetto *p, const struct profile_step *step, uint64_t track)
{
	const struct stacks *s = &p->part->stacks;
	char *label = stacks_label(s, s->place_of[step->frame]);
	if (!label)
		return -ENOMEM;
	perfetto_event(p, PERFETTO_INSTANT, track);
	perfetto_event_name(p, label, "growth");
	perfetto_event_bytes(p, "grew by", step->delta);
	say_held(p, "held then", step->at.umib);
	if (*profile_hows[step->how])
		perfetto_event_text(p, "known by", profile_hows[step->how]);
	const char *file = stacks_file(s, s->place_of[step->frame]);
	if (file)
		perfetto_event_text(p, "file", file);
	free(label);
	return perfetto_event_end(p, step->at.us);
}

static int put_growth(struct perfetto *p)
{
	const struct profile_growth *g = &p->part->export.profile->growth;
	uint64_t track;
	if (g->n_steps == 0)
		return 0;
	int r = perfetto_track(p, p->part->track, "growth by line", PERFETTO_NO_COUNTER, &track);
	for (size_t i = 0; i < g->n_steps && r == 0; i++)
		if (shows(p, g->steps[i].at.us))
			r = put_step(p, &g->steps[i], track);
	return r;
}

int perfetto_things(struct perfetto *p)
{
	int r = put_marks(p);
	r = r ? r : put_calls(p);
	return r ? r : put_growth(p);
}

/* ---- descendants ---- */

int perfetto_life(struct perfetto *p, const struct profile_child *child, uint64_t process)
{
	char status[16];
	uint64_t track;
	if (child->born == 0 || !shows(p, child->born))
		return 0;
	int r = perfetto_track(p, process, "life", PERFETTO_NO_COUNTER, &track);
	if (r < 0)
		return r;
	perfetto_event(p, PERFETTO_BEGIN, track);
	perfetto_event_name(p, child->name ? child->name : "descendant", "process");
	say_held(p, "its exact peak", child->high_water);
	snprintf(status, sizeof status, "%d", child->status);
	if (child->status != PROFILE_STATUS_UNKNOWN)
		perfetto_event_text(p, "exit status", status);
	r = perfetto_event_end(p, child->born);
	if (r < 0 || child->gone == 0)
		return r;
	perfetto_event(p, PERFETTO_END, track);
	return perfetto_event_end(p, child->gone);
}
