#include "share/growth_names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "share/origin.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

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

/* Does another of the user's files end so too, with a folder before it? */
static bool is_shared(const struct profile_growth *g, size_t path, const char *end)
{
	size_t n = strlen(end);
	for (size_t i = 0; i < g->n_paths; i++) {
		size_t length = strlen(g->paths[i]);
		if (i != path && length >= n && strcmp(g->paths[i] + length - n, end) == 0 &&
		    (length == n || g->paths[i][length - n - 1] == '/') &&
		    origin_is_users(g->paths[i]))
			return true;
	}
	return false;
}

const char *growth_path(const struct profile_growth *g, size_t path)
{
	const char *text = g->paths[path];
	if (*text == '<')
		return text;
	if (!origin_is_users(text))
		return behind_library(text);
	const char *end = base_name(text);
	while (end > text && is_shared(g, path, end)) {
		const char *at = end - 1;
		while (at > text && at[-1] != '/')
			at--;
		end = at;
	}
	return end;
}

static void cut_ending(char *text, const char *ending)
{
	size_t n = strlen(text), k = strlen(ending);
	if (n > k && strcmp(text + n - k, ending) == 0)
		text[n - k] = '\0';
}

char *growth_module(char out[GROWTH_NAME], const struct profile_growth *g, size_t path)
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
char *growth_package(char out[GROWTH_NAME], const struct profile_growth *g, size_t path)
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

char *growth_name(char out[GROWTH_NAME], const struct profile_growth *g,
		  const struct growth_row *row, enum growth_by by)
{
	if (by == GROWTH_BY_THREAD) {
		name_thread(out, row);
		return out;
	}
	if (row->frame == 0 || row->frame == GROWTH_NOT_USERS) {
		snprintf(out, GROWTH_NAME, "%s",
			 row->frame == 0 ? "(no known line)" : "(none of your code)");
		return out;
	}
	const struct profile_frame *f = &g->frames[row->frame];
	const char *path = growth_path(g, f->path);
	switch (by) {
	case GROWTH_BY_FUNCTION: snprintf(out, GROWTH_NAME, "%s %s", path, f->function); break;
	case GROWTH_BY_FILE: snprintf(out, GROWTH_NAME, "%s", path); break;
	case GROWTH_BY_MODULE: growth_module(out, g, f->path); break;
	default: snprintf(out, GROWTH_NAME, "%s:%d %s", path, f->line, f->function);
	}
	return out;
}
