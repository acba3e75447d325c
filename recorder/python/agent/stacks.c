#include "recorder/python/agent/stacks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/greenlets.h"

/* Those of another greenlet than the one that runs. */
struct away {
	struct runs runs;
	struct away *next;
};

static _Thread_local struct runs own;
static _Thread_local struct away *away;

static pthread_key_t at_end;

static void free_runs(void *unused)
{
	(void)unused;
	free(own.items);
	own = (struct runs){ 0 };
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
	own.left = memory_last();
	*new = (struct away){ own, away };
	away = new;
	return true;
}

static void take_back(const void *greenlet)
{
	own = (struct runs){ .greenlet = greenlet };
	for (struct away **at = &away; *at; at = &(*at)->next) {
		struct away *found = *at;
		if (found->runs.greenlet != greenlet)
			continue;
		*at = found->next;
		own = found->runs;
		free(found);
		return;
	}
}

/* What others did meanwhile was seen while they ran, and is no growth of the lines that waited. */
static void pass_over(const struct memory_seen *left)
{
	struct memory_seen meanwhile = memory_since(memory_last(), *left);
	for (size_t i = 0; i < own.n; i++) {
		memory_add(&own.items[i].seen, &meanwhile);
		memory_add(&own.items[i].began, &meanwhile);
		own.items[i].peak = 0;
	}
}

static void turn_to(const void *greenlet)
{
	if (own.n > 0 && !put_away())
		return;
	if (own.n == 0)
		free(own.items);
	take_back(greenlet);
	pass_over(&own.left);
}

struct runs *stacks_here(void)
{
	if (__builtin_expect(greenlets_are_used, 0)) {
		const void *greenlet = greenlets_current();
		if (greenlet != own.greenlet)
			turn_to(greenlet);
	}
	return &own;
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

/* Nearly always the innermost. */
struct run *stacks_find(struct runs *runs, const struct subject *subject)
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
	for (size_t i = 0; i < own.n; i++)
		own.items[i].resumed = true;
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
	bool found = has_lines(&own);
	for (const struct away *a = away; a && !found; a = a->next)
		found = has_lines(&a->runs);
	return found;
}
