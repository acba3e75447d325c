/* https://ui.perfetto.dev: a track for each process, under it its curves, calls, marks and growth.
 */
#include "plotter/export/perfetto.h"

#include <errno.h>
#include <stdlib.h>

#include "plotter/backend/backend.h"
#include "plotter/export/clock.h"
#include "share/metrics.h"

enum { EVENT_COUNTER_VALUE = 30, NAME = 256 };

struct counter {
	struct perfetto *p;
	uint64_t track;
	int64_t gone; /* µs: when it ended, and holds nothing from then on; 0: not known */
};

/* ---- curves ---- */

static const char *name_of(char name[NAME], const struct profile *profile,
			   const struct series *series)
{
	const char *metric = profile_setting(profile, "metric");
	if (series->kind == PROFILE_VAL)
		snprintf(name, NAME, "%s", metric_label(series->text));
	else if (series->kind == PROFILE_GPU)
		snprintf(name, NAME, "VRAM, GPU %s%s", series->text,
			 series->whole_device ? ", whole device" : "");
	else
		snprintf(name, NAME, "%s", metric_label(metric ? metric : "rss"));
	return name;
}

/* A pid that another recording or an earlier process may have, too, would be the same process to
 * the reader; 0, of one that is not told, an idle processor. */
static int put_process(struct perfetto *p, pid_t pid, bool apart, const char *name, uint64_t *track)
{
	char words[NAME];
	if (!p->part->apart && !apart && pid != 0)
		return perfetto_process(p, pid, name, track);
	snprintf(words, sizeof words, "%s: %s %d", p->part->export.profile->path,
		 name ? name : "descendant", (int)pid);
	return perfetto_track(p, 0, words, PERFETTO_NO_COUNTER, track);
}

static int on_begin(void *context, const struct series *series)
{
	struct counter *c = context;
	struct perfetto *p = c->p;
	const struct profile *profile = p->part->export.profile;
	const struct profile_child *child = series->child;
	char name[NAME];
	uint64_t parent = p->part->track;
	int r = 0;
	c->gone = profile->ended ? profile->ended_us : 0;
	if (series->kind == PROFILE_CHLD) {
		c->gone = child ? child->gone : 0;
		r = put_process(p, series->pid, series->life > 0, child ? child->name : NULL,
				&parent);
		if (r == 0 && child)
			r = perfetto_life(p, child, parent);
	}
	return r ? r
		 : perfetto_track(p, parent, name_of(name, profile, series), PERFETTO_BYTES,
				  &c->track);
}

static int put_value(struct counter *c, int64_t us, int64_t umib)
{
	perfetto_event(c->p, PERFETTO_COUNTER, c->track);
	proto_number(&c->p->event, EVENT_COUNTER_VALUE, (uint64_t)export_bytes(umib));
	return perfetto_event_end(c->p, us);
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct counter *c = context;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		r = put_value(c, samples[i].us, samples[i].umib);
		c->gone = samples[i].us >= c->gone ? 0 : c->gone;
	}
	return r;
}

/* A counter goes on for ever otherwise. */
static int on_end(void *context)
{
	struct counter *c = context;
	bool shown = c->gone != 0 && export_shows(&c->p->part->export, c->gone);
	return shown ? put_value(c, c->gone, 0) : 0;
}

static int put_part(struct perfetto *p, struct perfetto_part *part)
{
	static const enum profile_kind kinds[] = { PROFILE_MEM, PROFILE_VAL, PROFILE_GPU,
						   PROFILE_CHLD };
	static const struct series_sink sink = { on_begin, on_samples, on_end };
	const struct profile *profile = part->export.profile;
	const char *pid = profile_setting(profile, "pid");
	struct counter counter = { .p = p };
	p->part = part;
	int r = put_process(p, pid ? atoi(pid) : 0, false,
			    profile->command ? profile->command : profile->path, &part->track);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && r == 0; i++)
		r = series_each(&part->export, kinds[i], &sink, &counter);
	return r ? r : perfetto_things(p);
}

/* ---- the trace ---- */

/* The moments of all are those of the real clock, which this tells. */
static int put_clock(struct perfetto *p, int64_t us)
{
	enum { TRACE_PACKET = 1, PACKET_SEQUENCE = 10, PACKET_SNAPSHOT = 6 };
	enum { SNAPSHOT_CLOCK = 1, CLOCK_ID = 1, CLOCK_TIMESTAMP = 2, REALTIME = 1, BOOTTIME = 6 };
	static const unsigned ids[] = { REALTIME, BOOTTIME };
	proto_clear(&p->event);
	for (size_t i = 0; i < 2; i++) {
		proto_clear(&p->inner);
		proto_number(&p->inner, CLOCK_ID, ids[i]);
		proto_number(&p->inner, CLOCK_TIMESTAMP, us > 0 ? (uint64_t)us * 1000 : 0);
		proto_message(&p->event, SNAPSHOT_CLOCK, &p->inner);
	}
	proto_clear(&p->packet);
	proto_message(&p->packet, PACKET_SNAPSHOT, &p->event);
	proto_number(&p->packet, PACKET_SEQUENCE, 2);
	proto_clear(&p->inner);
	proto_message(&p->inner, TRACE_PACKET, &p->packet);
	fwrite(p->inner.bytes, 1, p->inner.n, p->out);
	return p->inner.failed ? -ENOMEM : 0;
}

static int put_all(struct perfetto *p, struct perfetto_part *parts, size_t n)
{
	int64_t first = parts[0].export.profile->start_us + parts[0].shift;
	for (size_t i = 1; i < n; i++)
		if (parts[i].export.profile->start_us + parts[i].shift < first)
			first = parts[i].export.profile->start_us + parts[i].shift;
	int r = put_clock(p, first);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_part(p, &parts[i]);
	return r;
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	struct perfetto p = { .out = of->out };
	struct perfetto_part *parts = calloc(n, sizeof *parts);
	int64_t *shift = calloc(n, sizeof *shift);
	int r = parts && shift ? 0 : -ENOMEM;
	if (r == 0)
		clock_align(profiles, n, shift);
	for (size_t i = 0; i < n && r == 0; i++) {
		parts[i].export = export_of(of, profiles, i);
		parts[i].shift = shift[i];
		parts[i].apart = i > 0;
		r = stacks_open(&parts[i].stacks, &parts[i].export);
	}
	r = r ? r : put_all(&p, parts, n);
	for (size_t i = 0; i < n && parts; i++)
		stacks_close(&parts[i].stacks);
	free(parts);
	free(shift);
	proto_free(&p.packet);
	proto_free(&p.event);
	proto_free(&p.inner);
	return r;
}

const struct backend backend_perfetto = {
	.name = "perfetto",
	.extensions = "perfetto-trace pftrace",
	.summary = "for ui.perfetto.dev: curves, calls, marks, growth by line, a track a process",
	.places = TO_FILE,
	.export = draw,
};
