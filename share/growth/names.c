#include "share/growth/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/origin.h"
#include "share/names.h"
#include "share/text.h"

enum { MOST_FOLDERS = 16 }; /* shown before a file; what would need more is shown whole */

/* Behind the last of them: a library may bring libraries of its own. */
static const char *behind(const char *path, const char *folder)
{
	const char *found = NULL;
	for (const char *at = path; (at = strstr(at, folder)); at++)
		found = at + strlen(folder);
	return found;
}

/* Behind "/python3.11/" or "/python311.zip/". */
static const char *behind_standard(const char *path)
{
	const char *found = NULL;
	for (const char *at = path; (at = strstr(at, "/python3")); at++) {
		const char *end = at + strlen("/python3");
		while (isdigit((unsigned char)*end) || *end == '.' || *end == 't')
			end++;
		if (strncmp(end, "zip/", 4) == 0)
			end += 3;
		if (*end == '/')
			found = end + 1;
	}
	return found;
}

static const char *behind_library(const char *path)
{
	const char *at = behind(path, "/site-packages/");
	at = at ? at : behind(path, "/dist-packages/");
	at = at ? at : behind_standard(path);
	return at ? at : path;
}

/* ---- what is shown of a path ---- */

/* One folder more before what is shown. */
static size_t one_more(const char *path, size_t shown)
{
	size_t at = shown > 0 ? shown - 1 : 0;
	while (at > 0 && path[at - 1] != '/')
		at--;
	return at;
}

struct shortening {
	char *const *paths;
	size_t n;
	size_t *shown;
	bool *open; /* may still have to show more */
};

/* Counts those that end alike. 0 or -ENOMEM. */
static int count_endings(const struct shortening *s, long *ending, size_t *users)
{
	struct names endings = { 0 };
	int r = 0;
	for (size_t i = 0; r == 0 && i < s->n; i++) {
		if (!s->open[i])
			continue;
		ending[i] = names_find(&endings, s->paths[i] + s->shown[i], SIZE_MAX);
		if (ending[i] < 0)
			r = -ENOMEM;
		else
			users[ending[i]]++;
	}
	names_free(&endings);
	return r;
}

/* Those that end alike show one folder more, until none do. A path that is shown whole has come to
 * its end; one that is shown by itself cannot end as another does any more. 0 or -ENOMEM. */
static int part(struct shortening *s, bool *any)
{
	size_t *users = calloc(s->n, sizeof *users);
	long *ending = calloc(s->n, sizeof *ending);
	int r = users && ending ? count_endings(s, ending, users) : -ENOMEM;
	*any = false;
	for (size_t i = 0; r == 0 && i < s->n; i++) {
		s->open[i] = s->open[i] && users[ending[i]] > 1 && s->shown[i] > 0;
		if (s->open[i])
			s->shown[i] = one_more(s->paths[i], s->shown[i]);
		*any |= s->open[i];
	}
	free(users);
	free(ending);
	return r;
}

/* What is shown to begin with: a file's name, or a library's file within the library. */
static void begin(struct shortening *s, size_t i)
{
	const char *path = s->paths[i], *from = path;
	if (*path != '<' && origin_of(path) != ORIGIN_USERS)
		from = behind_library(path);
	s->open[i] = *path != '<' && from == path; /* the user's, or the system's */
	if (s->open[i])
		from = text_base_name(path);
	s->shown[i] = (size_t)(from - path);
}

static int shorten(struct shortening *s)
{
	bool any = s->n > 0;
	for (size_t i = 0; i < s->n; i++)
		begin(s, i);
	for (int folders = 0; any && folders < MOST_FOLDERS; folders++) {
		int r = part(s, &any);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; any && i < s->n; i++)
		s->shown[i] = s->open[i] ? 0 : s->shown[i];
	return 0;
}

int growth_shorten(char *const paths[], size_t n, size_t **shown)
{
	struct shortening s = { .paths = paths, .n = n };
	s.open = calloc(n + 1, sizeof *s.open);
	s.shown = calloc(n + 1, sizeof *s.shown);
	int r = s.open && s.shown ? shorten(&s) : -ENOMEM;
	free(s.open);
	if (r < 0)
		free(s.shown);
	*shown = r < 0 ? NULL : s.shown;
	return r;
}

const char *growth_path(const struct growth *g, size_t path)
{
	return g->paths[path] + g->shown[path];
}

/* ---- modules ---- */

static void cut_ending(char *text, const char *ending)
{
	size_t n = strlen(text), k = strlen(ending);
	if (n > k && strcmp(text + n - k, ending) == 0)
		text[n - k] = '\0';
}

char *growth_module(char out[GROWTH_NAME], const struct growth *g, size_t path)
{
	snprintf(out, GROWTH_NAME, "%s", growth_path(g, path));
	if (*out == '<')
		return out;
	cut_ending(out, ".py");
	cut_ending(out, "/__init__");
	for (char *at = out; *at; at++)
		if (*at == '/')
			*at = '.';
	return out;
}

/* "<frozen importlib._bootstrap>" has the first name importlib. */
char *growth_package(char out[GROWTH_NAME], const struct growth *g, size_t path)
{
	growth_module(out, g, path);
	const char frozen[] = "<frozen ";
	if (strncmp(out, frozen, sizeof frozen - 1) == 0)
		memmove(out, out + sizeof frozen - 1, strlen(out) - sizeof frozen + 2);
	else if (*out == '<')
		return out;
	out[strcspn(out, ".>")] = '\0';
	return out;
}

/* ---- rows ---- */

static void name_thread(char out[GROWTH_NAME], const struct growth_row *row)
{
	if (row->thread == 0)
		snprintf(out, GROWTH_NAME, "(no known thread of process %d)", (int)row->pid);
	else if (row->thread == row->pid)
		snprintf(out, GROWTH_NAME, "main thread of process %d", (int)row->pid);
	else
		snprintf(out, GROWTH_NAME, "thread %d of process %d", (int)row->thread,
			 (int)row->pid);
}

/* Where a native file is only known as a binary, there is no line in it. */
static void name_line(char out[GROWTH_NAME], const struct growth *g, const struct profile_frame *f)
{
	const char *path = growth_path(g, f->path);
	if (f->line == 0 && *path == '<' && !f->native)
		snprintf(out, GROWTH_NAME, "%s",
			 strcmp(path, "<left out>") == 0 ? "…" : f->function);
	else if (f->line > 0 || !f->native)
		snprintf(out, GROWTH_NAME, "%s:%d %s", path, f->line, f->function);
	else
		snprintf(out, GROWTH_NAME, "inside %s %s", path, f->function);
}

static void name_place(char out[GROWTH_NAME], const struct growth *g, const struct profile_frame *f,
		       enum growth_by by)
{
	const char *path = growth_path(g, f->path);
	if (f->line == 0 && *path == '<') {
		name_line(out, g, f);
		return;
	}
	switch (by) {
	case GROWTH_BY_FUNCTION: snprintf(out, GROWTH_NAME, "%s %s", path, f->function); break;
	case GROWTH_BY_FILE: snprintf(out, GROWTH_NAME, "%s", path); break;
	case GROWTH_BY_MODULE: growth_module(out, g, f->path); break;
	default: name_line(out, g, f);
	}
}

/* What a thread did without Python; where, if that is known. */
static void name_alone(char out[GROWTH_NAME], const struct growth *g, const struct growth_row *row,
		       enum growth_by by)
{
	char place[GROWTH_NAME];
	const struct profile_frame *f = &g->frames[row->frame];
	name_place(place, g, f, by);
	if (f->native)
		snprintf(out, GROWTH_NAME, "thread %d, no Python: %.400s", (int)row->thread, place);
	else
		snprintf(out, GROWTH_NAME, "thread %d, %.400s", (int)row->thread, f->function);
}

const char *growth_label(const struct growth *g, size_t frame)
{
	const struct profile_frame *f = &g->frames[frame];
	return f->path < g->n_paths && strcmp(g->paths[f->path], "<left out>") == 0 ? "…"
										    : f->function;
}

bool growth_is_place(const struct growth *g, size_t frame)
{
	return frame != 0 && frame != GROWTH_NOT_USERS &&
	       (!g->frames[frame].thread || g->frames[frame].native);
}

char *growth_name(char out[GROWTH_NAME], const struct growth *g, const struct growth_row *row,
		  enum growth_by by)
{
	if (by == GROWTH_BY_THREAD)
		name_thread(out, row);
	else if (row->frame == 0 || row->frame == GROWTH_NOT_USERS)
		snprintf(out, GROWTH_NAME, "%s",
			 row->frame == 0 ? "(no known line)" : "(none of your code)");
	else if (row->thread)
		name_alone(out, g, row, by);
	else
		name_place(out, g, &g->frames[row->frame], by);
	return out;
}

char *growth_marked(char out[GROWTH_NAME], const struct growth *g, const struct growth_row *row,
		    enum growth_by by)
{
	growth_name(out, g, row, by);
	size_t n = strlen(out);
	bool placed = by == GROWTH_BY_THREAD || (row->frame != 0 && row->frame != GROWTH_NOT_USERS);
	snprintf(out + n, GROWTH_NAME - n, "%s%s",
		 growth_is_waited_for(row) ? ", waits for it" : "",
		 placed && growth_is_polled(row) ? " ~" : "");
	return out;
}
