#include "share/growth/reading.h"

#include <errno.h>
#include <stdlib.h>

#include "share/growth/names.h"
#include "share/growth/origin.h"

/* Callers stand before those they call. */
static void find_users(struct growth_reading *g)
{
	const struct profile_growth *told = g->told;
	for (size_t i = 0; i < told->n_paths; i++)
		g->users[i] = origin_is_users(told->paths[i]);
	for (size_t i = 1; i < told->n_frames; i++) {
		const struct profile_frame *frame = &told->frames[i];
		g->user[i] = g->users[frame->path] ? i : g->user[frame->caller];
	}
}

int growth_read(struct growth_reading *growth, const struct profile_growth *told)
{
	*growth = (struct growth_reading){
		.told = told,
		.users = calloc(told->n_paths + 1, sizeof *growth->users),
		.user = calloc(told->n_frames + 1, sizeof *growth->user),
		.shown = calloc(told->n_paths + 1, sizeof *growth->shown),
	};
	int r = growth->users && growth->user && growth->shown ? 0 : -ENOMEM;
	if (r == 0) {
		find_users(growth);
		r = growth_shorten_paths(growth);
	}
	if (r < 0)
		growth_reading_free(growth);
	return r;
}

void growth_reading_free(struct growth_reading *growth)
{
	free(growth->users);
	free(growth->user);
	free(growth->shown);
	*growth = (struct growth_reading){ 0 };
}
