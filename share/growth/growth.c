#include "share/growth/growth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "share/growth/names.h"
#include "share/growth/origin.h"

/* Each path is asked once, however many frames stand in it. */
static int find_users(struct growth *g)
{
	bool *own = calloc(g->n_paths + 1, sizeof *own);
	g->users = calloc(g->n_frames + 1, sizeof *g->users);
	if (!own || !g->users) {
		free(own);
		return -ENOMEM;
	}
	for (size_t i = 0; i < g->n_paths; i++)
		own[i] = origin_is_users(g->paths[i]);
	for (size_t i = 1; i < g->n_frames; i++)
		g->users[i] = own[g->frames[i].path] ? i : g->users[g->frames[i].caller];
	free(own);
	return 0;
}

int growth_open(struct growth *g, const struct profile_growth *told)
{
	*g = (struct growth){
		.paths = told->paths,
		.n_paths = told->n_paths,
		.frames = told->frames,
		.n_frames = told->n_frames,
		.steps = told->steps,
		.n_steps = told->n_steps,
		.threads = told->threads,
		.n_threads = told->n_threads,
		.peak = told->peak,
	};
	int r = find_users(g);
	if (r == 0)
		r = growth_shorten(g->paths, g->n_paths, &g->shown);
	if (r < 0)
		growth_close(g);
	return r;
}

void growth_close(struct growth *g)
{
	free(g->users);
	free(g->shown);
	*g = (struct growth){ 0 };
}
