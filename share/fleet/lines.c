#include "share/fleet/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/names.h"
#include "share/profile/sum.h"

enum { MOST = 1 << 16 };

struct grown_at { /* what one rank tells of a line */
	size_t line, member;
	const struct fleet_grown *grown;
};

struct gathering {
	struct names names;
	struct grown_at *all;
	size_t n;
};

static int note(struct gathering *g, size_t member, const struct fleet_grown *grown)
{
	char *key;
	if (asprintf(&key, "%s:%d %s", grown->file, grown->line, grown->function) < 0)
		return -ENOMEM;
	long line = names_find(&g->names, key, MOST);
	free(key);
	if (line == -ENOSPC)
		return 0;
	struct grown_at *at = line < 0 ? NULL : array_more(&g->all, &g->n, sizeof *at);
	if (!at)
		return -ENOMEM;
	*at = (struct grown_at){ (size_t)line, member, grown };
	return 0;
}

static int by_line(const void *a, const void *b)
{
	const struct grown_at *x = a, *y = b;
	int by = (x->line > y->line) - (x->line < y->line);
	by = by ? by : (x->grown->umib < y->grown->umib) - (x->grown->umib > y->grown->umib);
	return by ? by : (x->member > y->member) - (x->member < y->member);
}

/* Those of one line, the largest first. Who does not tell of it had nothing there, or little. */
static void sum_up(struct fleet_line *line, const struct grown_at *all, size_t n, size_t telling)
{
	*line = (struct fleet_line){ .grown = all->grown, .most = all->member, .ranks = n };
	for (size_t i = 0; i < n; i++)
		line->umib = sum_of(line->umib, all[i].grown->umib);
	line->usual = telling / 2 < n ? all[telling / 2].grown->umib : 0;
}

static int64_t above(const struct fleet_line *line)
{
	return line->grown->umib - line->usual;
}

static int by_above(const void *a, const void *b)
{
	const struct fleet_line *x = a, *y = b;
	int by = (above(x) < above(y)) - (above(x) > above(y));
	return by ? by : (x->umib < y->umib) - (x->umib > y->umib);
}

static int make(struct fleet_lines *lines, const struct gathering *g)
{
	for (size_t i = 0, end; i < g->n; i = end) {
		for (end = i; end < g->n && g->all[end].line == g->all[i].line;)
			end++;
		struct fleet_line *line = array_more(&lines->all, &lines->n, sizeof *line);
		if (!line)
			return -ENOMEM;
		sum_up(line, &g->all[i], end - i, lines->telling);
	}
	return 0;
}

int fleet_lines_make(struct fleet_lines *lines, const struct fleet *fleet)
{
	struct gathering g = { 0 };
	int r = 0;
	*lines = (struct fleet_lines){ 0 };
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *m = &fleet->members[i];
		lines->telling += m->n_grown > 0;
		for (size_t k = 0; k < m->n_grown && r == 0; k++)
			r = note(&g, i, &m->grown[k]);
	}
	if (g.n > 0)
		qsort(g.all, g.n, sizeof *g.all, by_line);
	r = r < 0 ? r : make(lines, &g);
	names_free(&g.names);
	free(g.all);
	if (r < 0)
		fleet_lines_free(lines);
	else if (lines->n > 0)
		qsort(lines->all, lines->n, sizeof *lines->all, by_above);
	return r;
}

void fleet_lines_free(struct fleet_lines *lines)
{
	free(lines->all);
	*lines = (struct fleet_lines){ 0 };
}
