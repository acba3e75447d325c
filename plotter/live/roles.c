#include "plotter/live/roles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/profile.h"

static struct role *find(struct role *roles, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (roles[i].name == name ||
		    (roles[i].name && name && strcmp(roles[i].name, name) == 0))
			return &roles[i];
	return NULL;
}

static int by_memory(const void *a, const void *b)
{
	const struct role *x = a, *y = b;
	if (x->umib != y->umib)
		return x->umib < y->umib ? 1 : -1;
	return (x->n < y->n) - (x->n > y->n);
}

static void count(struct role *role, const struct profile_child *child)
{
	role->n++;
	if (child->series.samples == 0)
		return;
	role->measured++;
	role->umib += child->series.last.umib;
	if (child->series.peak.umib > role->peak)
		role->peak = child->series.peak.umib;
}

int roles_make(struct role **roles, size_t *n, const struct profile *p)
{
	*roles = NULL;
	*n = 0;
	for (size_t i = 0; i < p->n_children && !p->ended; i++) {
		const struct profile_child *child = &p->children[i];
		if (child->gone > 0)
			continue;
		struct role *role = find(*roles, *n, child->name);
		if (!role && (role = array_more(roles, n, sizeof *role)))
			role->name = child->name;
		if (!role) {
			free(*roles);
			*roles = NULL;
			*n = 0;
			return -ENOMEM;
		}
		count(role, child);
	}
	if (*n > 0)
		qsort(*roles, *n, sizeof **roles, by_memory);
	return 0;
}
