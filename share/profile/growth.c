/* PATH, FRAME and GROW: where memory grew, in bounded memory: the figures of frames are added up as
 * they come. */
#include "share/profile/growth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"
#include "share/profile/sum.h"

enum {
	MOST_PATHS = 16384,
	MOST_NUMBERS = 1 << 20, /* that a file may give to either */
	LONGEST_FUNCTION = 2048,
	LONGEST_KEY = LONGEST_FUNCTION + 64,
};

/* ---- numbers and what they stand for ---- */

/* Notes what a number means from here on; the next one is one more than there are. */
static int give_number(size_t **of, size_t *n, uint64_t number, size_t index)
{
	if (number == 0 || number > *n + 1 || number > MOST_NUMBERS)
		return 0;
	if (number == *n + 1) {
		size_t *grown = array_more(of, n, sizeof *grown);
		if (!grown)
			return -ENOMEM;
	}
	(*of)[number - 1] = index;
	return 0;
}

static int find_path(struct growth_loading *l, struct profile_growth *g, const char *text,
		     size_t *index)
{
	long at = names_find(&l->paths, text, MOST_PATHS);
	if (at == -ENOMEM)
		return -ENOMEM;
	if (at < 0) {
		at = 0; /* too many: they go by the first */
		g->unnamed++;
	}
	if ((size_t)at == g->n_paths) {
		char *copy = strdup(text);
		char **path = copy ? array_more(&g->paths, &g->n_paths, sizeof *path) : NULL;
		if (!path) {
			free(copy);
			return -ENOMEM;
		}
		*path = copy;
	}
	*index = (size_t)at;
	return 0;
}

static int take_path(struct growth_loading *l, struct profile_growth *g,
		     const struct profile_record *record)
{
	size_t index;
	int r = find_path(l, g, record->text, &index);
	return r < 0 ? r : give_number(&l->path_of, &l->n_path_of, record->number, index);
}

/* Sources whose names have no ending: the C++ library's headers, what Node has inside. */
static bool is_bare_native(const char *path)
{
	return strncmp(path, "node:", 5) == 0 || strncmp(path, "/usr/include/", 13) == 0 ||
	       strncmp(path, "/rustc/", 7) == 0 || strstr(path, "/include/c++/");
}

/* What has no line stands for its binary; else the file tells, and an unknown one is Python's. */
static bool is_native(const char *path, int line)
{
	static const char *const native[] = { ".c",   ".h",    ".cc",  ".cpp", ".cxx", ".c++",
					      ".C",   ".hh",   ".hpp", ".hxx", ".h++", ".tcc",
					      ".ipp", ".inc",  ".inl", ".def", ".rs",  ".go",
					      ".s",   ".S",    ".asm", ".f",   ".f90", ".f95",
					      ".F",   ".F90",  ".for", ".zig", ".d",   ".nim",
					      ".cu",  ".m",    ".mm",  ".js",  ".ts",  ".mjs",
					      ".cjs", ".java", ".kt",  ".jsx", ".tsx", ".swift" };
	const char *dot = strrchr(path, '.');
	for (size_t i = 0; dot && i < sizeof native / sizeof *native; i++)
		if (strcmp(dot, native[i]) == 0)
			return true;
	return is_bare_native(path) || (line == 0 && (!dot || strncmp(dot, ".py", 3) != 0));
}

static int add_frame(struct growth_loading *l, struct profile_growth *g,
		     const struct profile_frame *what)
{
	char *function = what->function ? strndup(what->function, LONGEST_FUNCTION) : NULL;
	if (what->function && !function)
		return -ENOMEM;
	if (!array_more(&l->tallies, &l->n_tallies, sizeof *l->tallies)) {
		free(function);
		return -ENOMEM;
	}
	struct profile_frame *frame = array_more(&g->frames, &g->n_frames, sizeof *frame);
	if (!frame) {
		free(function);
		return -ENOMEM;
	}
	*frame = *what;
	frame->function = function;
	if (g->n_frames == 1 || *g->paths[what->path] == '<') {
		frame->python = g->frames[what->caller].python || !what->thread;
		frame->python &= g->n_frames > 1;
		return 0;
	}
	frame->native = is_native(g->paths[what->path], what->line);
	frame->python = !frame->native || g->frames[what->caller].python;
	return 0;
}

/* Frame 0, which no record tells of. */
static int add_nowhere(struct growth_loading *l, struct profile_growth *g)
{
	return g->n_frames > 0 ? 0 : add_frame(l, g, &(struct profile_frame){ 0 });
}

/* By its key, which is its whole identity; one that is new is `what`, in which texts are copied. */
static int find_frame(struct growth_loading *l, struct profile_growth *g, const char *key,
		      const struct profile_frame *what, size_t *index)
{
	long at = names_find(&l->frames, key, GROWTH_MOST_FRAMES);
	if (at == -ENOMEM)
		return -ENOMEM;
	*index = (size_t)at + 1; /* behind frame 0 */
	if (at < 0) {
		*index = what->caller; /* too many: its figures are its caller's */
		g->unnamed++;
	}
	return *index == g->n_frames ? add_frame(l, g, what) : 0;
}

/* Found by its whole identity, so that a recorder may begin its numbers anew. */
static int take_frame(struct growth_loading *l, struct profile_growth *g,
		      const struct profile_record *record)
{
	char key[LONGEST_KEY];
	if (record->caller > l->n_frame_of || record->path == 0 || record->path > l->n_path_of)
		return 0;
	int r = add_nowhere(l, g);
	if (r < 0)
		return r;
	struct profile_frame what = {
		.caller = record->caller ? l->frame_of[record->caller - 1] : 0,
		.path = l->path_of[record->path - 1],
		.line = record->place.line,
		.function = (char *)record->function, /* copied where it is new */
	};
	snprintf(key, sizeof key, "%zu %zu %d %.*s", what.caller, what.path, what.line,
		 LONGEST_FUNCTION, what.function);
	size_t index;
	r = find_frame(l, g, key, &what, &index);
	return r < 0 ? r : give_number(&l->frame_of, &l->n_frame_of, record->number, index);
}

/* ---- what grew ---- */

/* Who took the memory is known, and not where, or only that it was no Python; nothing to be told of
 * the thread that the program began with. */
static bool is_of_thread(const struct profile_growth *g, const struct growth_process *process,
			 const struct profile_step *step)
{
	if (step->how == PROFILE_UNSAID || step->thread == 0 || step->thread == step->pid)
		return false;
	return step->frame == 0 || (process && process->python && !g->frames[step->frame].python);
}

/* The same frame once more, the thread's own. */
static int part_thread(struct growth_loading *l, struct profile_growth *g,
		       const struct growth_process *process, struct profile_step *step)
{
	char key[64], path[32], none[] = "no Python", unknown[] = "no known line";
	const struct profile_frame *like = &g->frames[step->frame];
	struct profile_frame what = {
		.caller = like->caller,
		.path = like->path,
		.line = like->line,
		.function = like->function,
		.pid = step->pid,
		.thread = step->thread,
	};
	snprintf(path, sizeof path, "<thread %d>", (int)step->thread);
	snprintf(key, sizeof key, "%d %d of %zu", (int)step->pid, (int)step->thread, step->frame);
	if (step->frame == 0) {
		what.function = process && process->python ? none : unknown;
		int r = find_path(l, g, path, &what.path);
		if (r < 0)
			return r;
	}
	return find_frame(l, g, key, &what, &step->frame);
}

static int take_copied(struct profile_growth *g, const struct profile_step *step)
{
	struct profile_frame *frame = &g->frames[step->frame];
	frame->copied = sum_of(frame->copied, step->delta);
	g->copied = sum_of(g->copied, step->delta);
	return 0;
}

/* Where it does not count, only what processes hold is noted. */
static int take_growth(struct growth_loading *l, struct profile_growth *g,
		       const struct profile_record *record, bool counts)
{
	if (record->frame > l->n_frame_of)
		return 0;
	struct growth_process *process;
	int r = growth_hold(l, record->pid, record->at.umib, &process);
	r = r < 0 ? r : add_nowhere(l, g);
	struct profile_step step = {
		.at = record->at,
		.together = l->together,
		.delta = record->increment,
		.frame = record->frame ? l->frame_of[record->frame - 1] : 0,
		.pid = record->pid,
		.thread = record->thread,
		.how = record->how,
	};
	if (r < 0)
		return r;
	if (process && g->frames[step.frame].python)
		process->python = true;
	if (!counts)
		return 0;
	if (step.how == PROFILE_COPIED)
		return take_copied(g, &step);
	if (step.how == PROFILE_INHERITED)
		growth_take_inherited(l, g, process, &step);
	if (step.how == PROFILE_INHERITED)
		return 0;
	r = is_of_thread(g, process, &step) ? part_thread(l, g, process, &step) : 0;
	return r < 0 ? r : growth_take_step(l, g, process, &step);
}

/* ---- the part ---- */

/* What is outside of the window grew all the same, only not there. */
static int take(struct loading *l, const struct profile_record *record)
{
	struct profile_growth *g = &l->profile.growth;
	bool counts = !l->window.wanted || (l->started && loading_shows(l, record->at.us));
	switch (record->kind) {
	case PROFILE_PATH: return take_path(&l->growth, g, record);
	case PROFILE_FRAME: return take_frame(&l->growth, g, record);
	case PROFILE_GONE: growth_gone(&l->growth, g, record->pid); return 0;
	default: return take_growth(&l->growth, g, record, counts);
	}
}

static int settle(struct loading *l)
{
	growth_settle(&l->growth, &l->profile.growth);
	return 0;
}

static void forget(struct loading *loading)
{
	struct growth_loading *l = &loading->growth;
	names_free(&l->paths);
	names_free(&l->frames);
	free(l->path_of);
	free(l->frame_of);
	free(l->tallies);
	free(l->thread_tallies);
	free(l->cells);
	free(l->cell_slots);
	free(l->processes);
	*l = (struct growth_loading){ 0 };
}

static void drop(struct profile *p)
{
	struct profile_growth *g = &p->growth;
	for (size_t i = 0; i < g->n_paths; i++)
		free(g->paths[i]);
	for (size_t i = 0; i < g->n_frames; i++)
		free(g->frames[i].function);
	free(g->paths);
	free(g->frames);
	free(g->steps);
	free(g->threads);
	*g = (struct profile_growth){ 0 };
}

static void begin(struct loading *l)
{
	forget(l);
	drop(&l->profile);
}

const struct loading_part loading_growth = {
	.kinds = 1u << PROFILE_PATH | 1u << PROFILE_FRAME | 1u << PROFILE_GROW | 1u << PROFILE_GONE,
	.no_curve = true,
	.take = take,
	.settle = settle,
	.begin = begin,
	.forget = forget,
	.free = drop,
};
