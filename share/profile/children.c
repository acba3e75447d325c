#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum {
	MOST_COLUMNS = 512,
	LEAST_COLUMNS = 16,
	SHARE = 8,            /* a child has so manieth of the columns of the recording … */
	BEFORE_HALVING = 128, /* … and half of them at so many children, and at each doubling */
	MOST_CHILDREN = 4096,
};

static size_t columns_for(const struct loading *l)
{
	size_t columns = l->wish.columns ? l->wish.columns / SHARE : MOST_COLUMNS;
	columns = columns < MOST_COLUMNS ? columns & ~(size_t)1 : MOST_COLUMNS;
	return columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
}

static struct profile_child *new_child(struct loading *l, long slot, pid_t pid)
{
	struct profile *p = &l->profile;
	if (p->n_children >= MOST_CHILDREN)
		return NULL;
	struct profile_child *child = array_more(&p->children, &p->n_children, sizeof *child);
	if (!child)
		return NULL;
	if (l->children.columns == 0)
		l->children.columns = columns_for(l);
	child->pid = pid;
	child->status = PROFILE_STATUS_UNKNOWN;
	child->series.columns.limit = l->children.columns;
	size_t n = p->n_children;
	l->children.of[slot] = n - 1;
	if (n >= BEFORE_HALVING && (n & (n - 1)) == 0 && l->children.columns > LEAST_COLUMNS) {
		l->children.columns /= 2;
		for (size_t i = 0; i < n; i++)
			columns_halve(&p->children[i].series.columns);
	}
	return &p->children[n - 1];
}

/* The child that this pid means now; a new one when it was never seen, or is born though it has
 * gone already: a pid given out again. NULL: beyond the bound. */
static struct profile_child *child_for(struct loading *l, pid_t pid, bool born)
{
	char text[16];
	snprintf(text, sizeof text, "%d", (int)pid);
	size_t known = l->children.pids.n;
	long slot = names_find(&l->children.pids, text, MOST_CHILDREN);
	if (slot < 0)
		return NULL;
	bool is_new = l->children.pids.n > known;
	if (is_new) {
		size_t *grown = array_more(&l->children.of, &known, sizeof *grown);
		if (!grown)
			return NULL;
		*grown = SIZE_MAX;
	}
	size_t at = l->children.of[slot];
	if (at == SIZE_MAX || (born && l->profile.children[at].gone != 0))
		return new_child(l, slot, pid);
	return &l->profile.children[at];
}

/* ---- records ---- */

static int take_child(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	struct profile_child *child = child_for(l, record->pid, false);
	if (!child && p->untracked_children == 0)
		p->untracked_children = 1; /* at least: they are not told apart any more */
	if (!child || !is_wanted(l, record->at.us))
		return 0;
	struct sample *sum = &l->children.sum;
	sum->umib = sum_of(sum->umib, record->at.umib);
	if (sum->umib > p->together.umib)
		p->together = *sum;
	return series_add(&child->series, &record->at, 1);
}

static int take_born(struct loading *l, const struct profile_record *record)
{
	struct profile_child *child = child_for(l, record->pid, true);
	if (!child) {
		l->profile.untracked_children++;
		return 0;
	}
	if (child->born == 0)
		child->born = record->at.us;
	free(child->name); /* it has called exec, and has another */
	child->name = strdup(record->text);
	return child->name ? 0 : -ENOMEM;
}

static int take_gone(struct loading *l, const struct profile_record *record)
{
	const char *target = profile_setting(&l->profile, "pid");
	if (target && atoi(target) == record->pid) {
		l->profile.high_water = record->peak;
		return 0;
	}
	struct profile_child *child = child_for(l, record->pid, false);
	if (child) {
		child->gone = record->at.us;
		child->high_water = record->peak;
		child->status = record->status;
	}
	return 0;
}

/* ---- all of them ---- */

static int copy(struct profile *to, const struct profile *from)
{
	to->together = from->together;
	to->untracked_children = from->untracked_children;
	to->high_water = from->high_water;
	to->children = copy_of(from->children, from->n_children, sizeof *to->children);
	for (size_t i = 0; to->children && i < from->n_children; i++) {
		const struct profile_child *child = &from->children[i];
		to->n_children++;
		to->children[i].name = child->name ? strdup(child->name) : NULL;
		if (series_copy(&to->children[i].series, &child->series) < 0 ||
		    !to->children[i].name != !child->name)
			return -ENOMEM;
	}
	return to->n_children == from->n_children ? 0 : -ENOMEM;
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_children; i++) {
		columns_free(&p->children[i].series.columns);
		free(p->children[i].name);
	}
	free(p->children);
	p->children = NULL;
	p->n_children = p->untracked_children = 0;
	p->together = (struct sample){ 0 };
	p->high_water = 0;
}

static void forget(struct loading *l)
{
	names_free(&l->children.pids);
	free(l->children.of);
	l->children.of = NULL;
	l->children.columns = 0;
	l->children.sum = (struct sample){ 0 };
}

static void begin(struct loading *l)
{
	drop(&l->profile);
	forget(l);
}

const struct part part_children = {
	.takes = { { PROFILE_CHLD, take_child },
		   { PROFILE_PROC, take_born },
		   { PROFILE_GONE, take_gone } },
	.begin = begin,
	.copy = copy,
	.drop = drop,
	.forget = forget,
};
