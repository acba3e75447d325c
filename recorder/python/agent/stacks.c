#include "recorder/python/agent/stacks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Those of another greenlet than the one that runs. */
struct away {
	struct runs runs;
	struct away *next;
};

_Thread_local struct runs stacks_own;
static _Thread_local struct away *away;

static pthread_key_t at_end;

static void free_runs(void *unused)
{
	(void)unused;
	free(stacks_own.items);
	stacks_own = (struct runs){ 0 };
	while (away) {
		struct away *next = away->next;
		free(away->runs.items);
		free(away);
		away = next;
	}
}

__attribute__((constructor)) static void make_key(void)
{
	pthread_key_create(&at_end, free_runs);
}

/* ---- greenlets ---- */

static bool put_away(void)
{
	struct away *new = malloc(sizeof *new);
	if (!new)
		return false;
	stacks_own.left = memory_last();
	*new = (struct away){ stacks_own, away };
	away = new;
	return true;
}

static void take_back(const void *greenlet)
{
	stacks_own = (struct runs){ .greenlet = greenlet };
	for (struct away **at = &away; *at; at = &(*at)->next) {
		struct away *found = *at;
		if (found->runs.greenlet != greenlet)
			continue;
		*at = found->next;
		stacks_own = found->runs;
		free(found);
		return;
	}
}

/* What others did meanwhile was seen while they ran, and is no growth of the lines that waited. */
static void pass_over(const struct memory_seen *left)
{
	struct memory_seen meanwhile = memory_since(memory_last(), *left);
	for (size_t i = 0; i < stacks_own.n; i++) {
		memory_add(&stacks_own.items[i].seen, &meanwhile);
		memory_add(&stacks_own.items[i].began, &meanwhile);
		stacks_own.items[i].peak = 0;
	}
}

static void turn_to(const void *greenlet)
{
	if (stacks_own.n > 0 && !put_away())
		return;
	if (stacks_own.n == 0)
		free(stacks_own.items);
	take_back(greenlet);
	pass_over(&stacks_own.left);
}

void stacks_turn(void)
{
	const void *greenlet = greenlets_current();
	if (greenlet != stacks_own.greenlet)
		turn_to(greenlet);
}

/* ---- the stack ---- */

struct run *stacks_push(struct runs *runs)
{
	if (runs->n == runs->allocated) {
		size_t wanted = runs->allocated ? 2 * runs->allocated : 32;
		struct run *items = realloc(runs->items, wanted * sizeof *items);
		if (!items)
			return NULL;
		runs->items = items;
		runs->allocated = wanted;
		pthread_setspecific(at_end, items);
	}
	struct run *run = &runs->items[runs->n++];
	memset(run, 0, sizeof *run);
	return run;
}

struct run *stacks_look_for(struct runs *runs, const struct subject *subject)
{
	for (size_t i = runs->n; i-- > 0;)
		if (runs->items[i].subject == subject)
			return &runs->items[i];
	return NULL;
}

void stacks_drop(struct runs *runs, const struct run *run)
{
	size_t at = (size_t)(run - runs->items);
	memmove(runs->items + at, runs->items + at + 1, (--runs->n - at) * sizeof *run);
}

void stacks_forked(void)
{
	for (size_t i = 0; i < stacks_own.n; i++)
		stacks_own.items[i].resumed = true;
	for (struct away *a = away; a; a = a->next)
		for (size_t i = 0; i < a->runs.n; i++)
			a->runs.items[i].resumed = true;
}

static bool has_lines(const struct runs *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		if (runs->items[i].subject->lines)
			return true;
	return false;
}

bool stacks_have_lines(void)
{
	bool found = has_lines(&stacks_own);
	for (const struct away *a = away; a && !found; a = a->next)
		found = has_lines(&a->runs);
	return found;
}
