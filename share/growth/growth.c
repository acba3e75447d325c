#include "share/growth/growth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/names.h"
#include "share/growth/origin.h"

/* What was made by exec is the user's where the user's own code did that: a body that it calls, and
 * what that calls of the same. Whatever else was made, as a dataclass' methods, is a library's: the
 * caller has it. */
static size_t user_of(const struct growth *g, const enum origin origins[], size_t i)
{
	const struct profile_frame *f = &g->frames[i], *caller = &g->frames[f->caller];
	bool called_by_user = f->caller > 0 && g->users[f->caller] == f->caller;
	bool body = strcmp(f->function, "<module>") == 0;
	switch (origins[f->path]) {
	case ORIGIN_USERS: return i;
	case ORIGIN_LIBRARYS: return g->users[f->caller];
	default: break;
	}
	if (f->caller == 0 || (called_by_user && (body || caller->path == f->path)))
		return i;
	return g->users[f->caller];
}

/* Each path is asked once, however many frames stand in it. */
static int find_users(struct growth *g)
{
	enum origin *origins = calloc(g->n_paths + 1, sizeof *origins);
	g->users = calloc(g->n_frames + 1, sizeof *g->users);
	if (!origins || !g->users) {
		free(origins);
		return -ENOMEM;
	}
	for (size_t i = 0; i < g->n_paths; i++)
		origins[i] = origin_of(g->paths[i]);
	for (size_t i = 1; i < g->n_frames; i++)
		g->users[i] = user_of(g, origins, i);
	free(origins);
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
