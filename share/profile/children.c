/* CHLD, PROC and GONE: the descendants. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum {
	PART = 8, /* of the target's columns, as long as there are few children … */
	FEWEST = 16,
	BEFORE_HALVING =
		128, /* at which number of children, and at each doubling, theirs are halved */
	MOST = 4096,
};

static size_t columns_for(struct loading *l)
{
	if (l->children.columns == 0)
		l->children.columns = l->columns > PART * FEWEST ? l->columns / PART : FEWEST;
	return l->children.columns;
}

static struct profile_child *new_child(struct loading *l, long slot, pid_t pid)
{
	struct profile *p = &l->profile;
	if (p->n_children >= MOST)
		return NULL;
	struct profile_child *child = array_more(&p->children, &p->n_children, sizeof *child);
	if (!child)
		return NULL;
	child->pid = pid;
	child->status = PROFILE_STATUS_UNKNOWN;
	child->series.columns.limit = columns_for(l);
	size_t n = p->n_children;
	l->children.child_of[slot] = n - 1;
	if (n >= BEFORE_HALVING && (n & (n - 1)) == 0 && l->children.columns > FEWEST) {
		l->children.columns /= 2;
		for (size_t i = 0; i < n; i++)
			columns_halve(&p->children[i].series.columns);
	}
	return &p->children[n - 1];
}

/* The child that this pid means now; a new one when it was never seen, or is born though it has
 * gone already: a pid given out again. NULL: beyond the bound. */
static struct profile_child *child_for(struct loading *l, pid_t pid, bool is_born)
{
	char text[16];
	snprintf(text, sizeof text, "%d", (int)pid);
	size_t known = l->children.pids.n;
	long slot = names_find(&l->children.pids, text, MOST);
	if (slot < 0)
		return NULL;
	bool is_new = l->children.pids.n > known;
	if (is_new) {
		size_t *grown = array_more(&l->children.child_of, &known, sizeof *grown);
		if (!grown)
			return NULL;
		*grown = SIZE_MAX;
	}
	if (l->children.child_of[slot] == SIZE_MAX ||
	    (is_born && l->profile.children[l->children.child_of[slot]].gone != 0))
		return new_child(l, slot, pid);
	return &l->profile.children[l->children.child_of[slot]];
}

/* In a hole of MEM, as after the program's end, nothing else parts one round from the next than a
 * child that was in it already, or has gone since. */
static void add_to_round(struct loading *l, struct profile_child *child,
			 const struct sample *sample)
{
	if (child->round == l->round || l->together.us == 0) {
		l->round++;
		l->together = (struct sample){ .us = sample->us };
	}
	child->round = l->round;
	l->together.umib = sum_of(l->together.umib, sample->umib);
	if (l->together.umib > l->profile.together.umib)
		l->profile.together = l->together;
}

static int sample(struct loading *l, const struct profile_record *record)
{
	struct profile_child *child = child_for(l, record->pid, false);
	if (!child && l->profile.untracked_children == 0)
		l->profile.untracked_children = 1; /* at least: they are not told apart any more */
	if (!child || !loading_shows(l, record->at.us))
		return 0;
	add_to_round(l, child, &record->at);
	return series_add(&child->series, &record->at, 1);
}

static int born(struct loading *l, const struct profile_record *record)
{
	struct profile_child *child = child_for(l, record->pid, true);
	if (!child) {
		l->profile.untracked_children++;
		return 0;
	}
	if (child->born == 0)
		child->born = record->at.us;
	free(child->name); /* it has called exec, and has another */
	child->name = loading_text(record->text);
	return child->name ? 0 : -ENOMEM;
}

static int gone(struct loading *l, const struct profile_record *record)
{
	const char *target = profile_setting(&l->profile, "pid");
	if (target && atoi(target) == record->pid) {
		l->profile.high_water = record->peak;
		return 0;
	}
	struct profile_child *child = child_for(l, record->pid, false);
	if (child) {
		if (child->round == l->round)
			l->together = (struct sample){ 0 };
		child->gone = record->at.us;
		child->high_water = record->peak;
		child->status = record->status;
	}
	return 0;
}

static int take(struct loading *l, const struct profile_record *record)
{
	return record->kind == PROFILE_CHLD   ? sample(l, record)
	       : record->kind == PROFILE_PROC ? born(l, record)
					      : gone(l, record);
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
	p->high_water = 0;
	p->together = (struct sample){ 0 };
}

static void forget(struct loading *l)
{
	names_free(&l->children.pids);
	free(l->children.child_of);
	l->children = (struct loading_children){ 0 };
}

static void begin(struct loading *l)
{
	drop(&l->profile);
	forget(l);
}

const char *profile_name_of(const struct profile *p, pid_t pid)
{
	for (size_t i = 0; i < p->n_children; i++)
		if (p->children[i].pid == pid && p->children[i].name)
			return p->children[i].name;
	return "";
}

const struct loading_part loading_children = {
	.kinds = 1u << PROFILE_CHLD | 1u << PROFILE_PROC | 1u << PROFILE_GONE,
	.take = take,
	.begin = begin,
	.forget = forget,
	.free = drop,
};
