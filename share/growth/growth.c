#include "share/growth/growth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/names.h"
#include "share/growth/origin.h"

/* What is known of a path before any frame is looked at. */
struct owner {
	enum origin origin, native; /* of Python; of native code */
	bool named;                 /* the user says that it is his */
	bool waits;                 /* it parts a thread's calls from the line that waits for it */
};

/* What was made by exec is the user's only as the beginning of all, as `python -c` has it, and what
 * that made; else it goes to the nearest caller that has a file. */
static size_t of_made(const struct growth *g, size_t i)
{
	const struct profile_frame *f = &g->frames[i], *caller = &g->frames[f->caller];
	bool same = caller->path == f->path && g->users[f->caller] == f->caller;
	return f->caller == 0 || same ? i : g->users[f->caller];
}

/* Native code that Python called is that line's. */
static size_t user_of(const struct growth *g, const struct owner owners[], size_t i)
{
	const struct profile_frame *f = &g->frames[i];
	const struct owner *owner = &owners[f->path];
	enum origin origin = f->native ? owner->native : owner->origin;
	if (owner->named)
		return i;
	if (f->native && f->python)
		origin = ORIGIN_LIBRARYS;
	if (origin == ORIGIN_USERS)
		return i;
	return origin == ORIGIN_MADE ? of_made(g, i) : g->users[f->caller];
}

/* Where only the thread is known, and that runs Python at other times, its line is not known. */
static bool is_python_thread(const struct growth *g, const struct profile_frame *f)
{
	for (size_t i = 0; i < g->n_threads; i++)
		if (g->threads[i].thread == f->thread && g->threads[i].pid == f->pid)
			return g->threads[i].python;
	return false;
}

static bool is_waited_for(const struct growth *g, const struct owner owners[], size_t i)
{
	const struct profile_frame *f = &g->frames[i];
	return g->users[i] != 0 && g->users[i] != i &&
	       (owners[f->path].waits ||
		(g->waits[f->caller] && g->users[i] == g->users[f->caller]));
}

static bool is_named(const struct growth *g, size_t path, growth_own own)
{
	bool named = false;
	for (; own && *own && !named; own++)
		named = origin_is_named(g->paths[path], *own) ||
			origin_is_named(growth_path(g, path), *own);
	return named;
}

/* Each path is asked once, however many frames stand in it. A thread of which nothing else is known
 * stands for itself. */
static int find_users(struct growth *g, growth_own own)
{
	struct owner *owners = calloc(g->n_paths + 1, sizeof *owners);
	g->users = calloc(g->n_frames + 1, sizeof *g->users);
	g->waits = calloc(g->n_frames + 1, sizeof *g->waits);
	if (!owners || !g->users || !g->waits) {
		free(owners);
		return -ENOMEM;
	}
	for (size_t i = 0; i < g->n_paths; i++)
		owners[i] = (struct owner){ .origin = origin_of(g->paths[i]),
					    .native = origin_of_native(g->paths[i]),
					    .named = is_named(g, i, own),
					    .waits = strcmp(g->paths[i], "<thread>") == 0 };
	for (size_t i = 1; i < g->n_frames; i++) {
		size_t user = user_of(g, owners, i);
		g->users[i] = user == 0 && g->frames[i].thread ? i : user;
		if (g->users[i] == i && growth_is_unplaced(&g->frames[i]) &&
		    is_python_thread(g, &g->frames[i]))
			g->users[i] = 0;
		g->waits[i] = is_waited_for(g, owners, i);
	}
	free(owners);
	return 0;
}

int growth_open(struct growth *g, const struct profile_growth *told, growth_own own)
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
	int r = growth_shorten(g->paths, g->n_paths, &g->shown);
	if (r == 0)
		r = find_users(g, own);
	if (r < 0)
		growth_close(g);
	return r;
}

void growth_close(struct growth *g)
{
	free(g->users);
	free(g->waits);
	free(g->shown);
	*g = (struct growth){ 0 };
}
