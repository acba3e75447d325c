#include "plotter/export/firefox.h"

#include <errno.h>
#include <stdlib.h>

#include "share/array.h"

/* What is added to a marker: an amount of memory under a name. */
struct told {
	const char *name;
	int64_t umib; /* PROFILE_UNTOLD: not told */
};

struct marker {
	int64_t from, to; /* µs; 0: at a moment, or not known until when */
	long name;        /* a string */
	const char *type;
	int category;
	struct told told[2];
	const char *end; /* of what its end is known, where it was not told; NULL: it was */
	const struct profile_child *child;
};

struct markers {
	struct marker *all;
	size_t n;
};

enum { CALL = 3, MARK, PROCESS }; /* categories, by their places in the head */
enum { INSTANT, INTERVAL, BEGINS };

static int add(struct firefox *f, struct markers *m, const char *name, struct marker marker)
{
	marker.name = firefox_string(f, name);
	struct marker *added = marker.name < 0 ? NULL : array_more(&m->all, &m->n, sizeof *added);
	if (!added)
		return -ENOMEM;
	*added = marker;
	return 0;
}

/* A figure of 0 is one that was not told. */
static struct told held(const char *name, int64_t umib)
{
	return (struct told){ name, umib > 0 ? umib : PROFILE_UNTOLD };
}

static int add_marks(struct firefox *f, const struct firefox_part *part, struct markers *m)
{
	const struct profile *p = part->export.profile;
	int r = 0;
	for (size_t i = 0; i < p->n_marks && r == 0; i++)
		if (export_shows(&part->export, p->marks[i].at.us))
			r = add(f, m, p->marks[i].label,
				(struct marker){ .from = p->marks[i].at.us,
						 .type = "mprof-mark",
						 .category = MARK,
						 .told = { held("held", p->marks[i].at.umib) } });
	for (size_t i = 0; i < p->n_ooms && r == 0; i++)
		if (export_shows(&part->export, p->ooms[i].at.us))
			r = add(f, m, "GPU out of memory",
				(struct marker){ .from = p->ooms[i].at.us,
						 .type = "mprof-mark",
						 .category = MARK });
	return r;
}

static int add_peak(struct firefox *f, const struct firefox_part *part, struct markers *m)
{
	const struct profile *p = part->export.profile;
	bool between = p->highest.umib > p->memory.peak.umib;
	const struct sample at = { between ? p->highest.to : p->memory.peak.us,
				   between ? p->highest.umib : p->memory.peak.umib };
	if (!export_shows(&part->export, at.us))
		return 0;
	return add(f, m, between ? "peak of the interval that ends here" : "highest sample",
		   (struct marker){ .from = at.us,
				    .type = "mprof-mark",
				    .category = MARK,
				    .told = { held("held", at.umib) } });
}

static int add_calls(struct firefox *f, const struct firefox_part *part, struct markers *m)
{
	struct lanes lanes;
	int r = lanes_make(&lanes, &part->export);
	for (size_t i = 0; i < lanes.n && r == 0; i++) {
		const struct lane_call *call = &lanes.calls[i];
		r = add(f, m, part->export.profile->functions[call->function].name,
			(struct marker){ .from = call->from.us,
					 .to = call->to.us,
					 .type = "mprof-call",
					 .category = CALL,
					 .told = { held("entry", call->from.umib),
						   held("exit", call->to.umib) },
					 .end = call->open ? "never seen to end" : NULL });
	}
	lanes_free(&lanes);
	return r;
}

static int add_children(struct firefox *f, const struct firefox_part *part, struct markers *m)
{
	const struct profile *p = part->export.profile;
	int r = 0;
	for (size_t i = 0; i < p->n_children && r == 0; i++) {
		const struct profile_child *child = &p->children[i];
		int64_t born = child->born ? child->born : child->series.first.us;
		if (born != 0 && export_shows(&part->export, born))
			r = add(f, m, child->name ? child->name : "descendant",
				(struct marker){ .from = born,
						 .to = child->gone ? child->gone
								   : child->series.last.us,
						 .type = "mprof-process",
						 .category = PROCESS,
						 .told = { held("peak", child->high_water) },
						 .end = child->gone ? NULL : "last sample",
						 .child = child });
	}
	return r;
}

/* ---- writing ---- */

static void put_data(struct firefox *f, const struct marker *m)
{
	fprintf(f->out, "\n{\"type\":\"%s\"", m->type);
	for (size_t i = 0; i < 2; i++)
		if (m->told[i].name && m->told[i].umib != PROFILE_UNTOLD)
			fprintf(f->out, ",\"%s\":%lld", m->told[i].name,
				(long long)export_bytes(m->told[i].umib));
	if (m->end)
		fprintf(f->out, ",\"end\":\"%s\"", m->end);
	if (m->child)
		fprintf(f->out, ",\"process\":\"%d\"", (int)m->child->pid);
	if (m->child && m->child->status != PROFILE_STATUS_UNKNOWN)
		fprintf(f->out, ",\"status\":\"%d\"", m->child->status);
	fputc('}', f->out);
}

static int phase_of(const struct marker *m)
{
	return m->category == MARK ? INSTANT : m->to == 0 ? BEGINS : INTERVAL;
}

enum firefox_column { NAME, START, END, PHASE, CATEGORY };

static void put_column(struct firefox *f, const struct firefox_part *part, const struct markers *m,
		       enum firefox_column column)
{
	static const char *const names[] = { "name", "startTime", "endTime", "phase", "category" };
	fprintf(f->out, "],\n\"%s\":", names[column]);
	firefox_begin_list(f);
	for (size_t i = 0; i < m->n; i++) {
		const struct marker *at = &m->all[i];
		firefox_separate(f);
		if (column == NAME)
			fprintf(f->out, "%ld", at->name);
		else if (column == PHASE)
			fprintf(f->out, "%d", phase_of(at));
		else if (column == CATEGORY)
			fprintf(f->out, "%d", at->category);
		else if (column == START)
			firefox_time(f, part, at->from);
		else if (phase_of(at) == INTERVAL)
			firefox_time(f, part, at->to);
		else
			fputs("null", f->out);
	}
}

static int collect(struct firefox *f, const struct firefox_process *process, struct markers *m)
{
	const struct firefox_part *part = &f->parts[process->part];
	if (process != &f->processes[part->main_thread])
		return 0;
	int r = add_marks(f, part, m);
	r = r ? r : add_peak(f, part, m);
	r = r ? r : add_calls(f, part, m);
	return r ? r : add_children(f, part, m);
}

int firefox_markers(struct firefox *f, const struct firefox_process *process)
{
	struct markers m = { 0 };
	int r = collect(f, process, &m);
	fputs(",\n\"markers\":{\"data\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < m.n; i++) {
		firefox_separate(f);
		put_data(f, &m.all[i]);
	}
	for (int column = NAME; column <= CATEGORY; column++)
		put_column(f, &f->parts[process->part], &m, (enum firefox_column)column);
	fprintf(f->out, "],\"length\":%zu}", m.n);
	free(m.all);
	return r;
}
