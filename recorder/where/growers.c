#include "recorder/where/growers.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/where/polled.h"
#include "share/array.h"

static struct grower **slot(struct growers *growers, pid_t pid)
{
	return &growers->slots[(size_t)pid % GROWERS_SLOTS];
}

struct grower *growers_find(const struct growers *growers, pid_t pid)
{
	struct grower *g = growers->slots[(size_t)pid % GROWERS_SLOTS];
	while (g && g->pid != pid)
		g = g->next;
	return g;
}

struct grower *growers_add(struct growers *growers, pid_t pid, int64_t now)
{
	if (growers->n == GROWERS_MOST)
		return NULL;
	struct grower *made = grower_new(pid, now);
	struct grower **place =
		made ? array_more(&growers->items, &growers->n, sizeof *place) : NULL;
	if (!place) {
		if (made)
			grower_free(made);
		return NULL;
	}
	*place = made;
	made->next = *slot(growers, pid);
	*slot(growers, pid) = made;
	return made;
}

static void drop(struct reader *reader, struct grower *g)
{
	polled_free(g->polled);
	g->polled = NULL;
	reader_drop(reader, g);
}

void growers_drop(struct growers *growers, struct reader *reader, struct grower *grower)
{
	struct grower **link = slot(growers, grower->pid);
	size_t at = 0;
	while (*link != grower)
		link = &(*link)->next;
	*link = grower->next;
	while (growers->items[at] != grower)
		at++;
	memmove(&growers->items[at], &growers->items[at + 1],
		(--growers->n - at) * sizeof *growers->items);
	drop(reader, grower);
}

void growers_close(struct growers *growers, struct reader *reader)
{
	for (size_t i = 0; i < growers->n; i++)
		drop(reader, growers->items[i]);
	free(growers->items);
	*growers = (struct growers){ 0 };
}
