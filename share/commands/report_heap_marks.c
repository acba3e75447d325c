/* What of a sampled heap changed from mark to mark. */
#include <errno.h>
#include <stdlib.h>

#include "share/commands/report.h"
#include "share/profile/sum.h"

struct following {
	const struct report *report;
	const struct heap_table *table;
	size_t at; /* the step that comes next */
	int64_t *live, *before, *change;
};

static struct report_interval go_on(struct following *f, const char *mark, int64_t from, int64_t to)
{
	struct report_interval interval = { from, to, mark, 0, 0, f->change };
	heap_follow(f->table, &f->report->profile->heap, to, &f->at, f->live);
	for (size_t i = 0; i < f->table->n; i++) {
		f->change[i] = sum_of(f->live[i], -f->before[i]);
		f->before[i] = f->live[i];
		interval.net = sum_of(interval.net, f->change[i]);
		interval.live = sum_of(interval.live, f->live[i]);
	}
	return interval;
}

static int follow(struct following *f,
		  int (*each)(void *context, const struct report_interval *interval), void *context)
{
	const struct profile *p = f->report->profile;
	int r = 0;
	for (size_t i = 0; i <= p->n_marks && r == 0; i++) {
		int64_t from = i > 0 ? p->marks[i - 1].at.us : f->report->start;
		bool last = i == p->n_marks;
		const struct report_interval interval =
			go_on(f, i > 0 ? p->marks[i - 1].label : NULL, from,
			      last ? INT64_MAX : p->marks[i].at.us);
		r = each(context, &interval);
	}
	return r;
}

int report_heap_marks(const struct report *report, const struct heap_table *table,
		      int (*each)(void *context, const struct report_interval *interval),
		      void *context)
{
	struct following f = { .report = report, .table = table };
	if (report->profile->n_marks == 0)
		return 0;
	f.live = calloc(table->n + 1, sizeof *f.live);
	f.before = calloc(table->n + 1, sizeof *f.before);
	f.change = calloc(table->n + 1, sizeof *f.change);
	int r = f.live && f.before && f.change ? follow(&f, each, context) : -ENOMEM;
	free(f.live);
	free(f.before);
	free(f.change);
	return r;
}
