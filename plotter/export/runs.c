#include "plotter/export/runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/export/labels.h"
#include "share/names.h"

enum { MOST = 1 << 20 };

/* How often there is each text, by its number. */
struct counts {
	struct names names;
	size_t *of; /* by name */
};

static long count(struct counts *c, const char *text)
{
	long at = text ? names_find(&c->names, text, MOST) : -ENOMEM;
	if (at >= 0)
		c->of[at]++;
	return at;
}

static int begin(struct counts *c, size_t n)
{
	*c = (struct counts){ .of = calloc(n + 1, sizeof *c->of) };
	return c->of ? 0 : -ENOMEM;
}

static void end(struct counts *c)
{
	names_free(&c->names);
	free(c->of);
}

/* Those of which their rank is told, and those of which it is the same. */
static int find_alike(struct runs *runs, const struct profile *const profiles[], bool named[])
{
	struct counts c;
	long r = begin(&c, runs->n);
	long *at = calloc(runs->n + 1, sizeof *at);
	r = at ? r : -ENOMEM;
	for (size_t i = 0; i < runs->n && r >= 0; i++) {
		char *text = labels_of_run(profiles[i], false);
		r = at[i] = count(&c, text);
		free(text);
	}
	for (size_t i = 0; i < runs->n && r >= 0; i++)
		named[i] = !labels_know_rank(profiles[i]) || c.of[at[i]] > 1;
	free(at);
	end(&c);
	return r < 0 ? (int)r : 0;
}

static int label(struct runs *runs, const struct profile *const profiles[], const bool named[])
{
	struct counts c;
	long r = begin(&c, runs->n);
	for (size_t i = 0; i < runs->n && r >= 0; i++) {
		runs->labels[i] = labels_of_run(profiles[i], named[i]);
		r = count(&c, runs->labels[i]);
		if (r < 0 || c.of[r] == 1)
			continue;
		runs->twice = runs->twice ? runs->twice : profiles[i];
		free(runs->labels[i]);
		runs->labels[i] = NULL;
	}
	end(&c);
	return r < 0 ? (int)r : 0;
}

int runs_tell_apart(struct runs *runs, const struct profile *const profiles[], size_t n)
{
	bool *named = calloc(n + 1, sizeof *named);
	*runs = (struct runs){ .labels = calloc(n + 1, sizeof *runs->labels), .n = n };
	int r = named && runs->labels ? find_alike(runs, profiles, named) : -ENOMEM;
	r = r ? r : label(runs, profiles, named);
	free(named);
	return r;
}

void runs_free(struct runs *runs)
{
	for (size_t i = 0; i < runs->n && runs->labels; i++)
		free(runs->labels[i]);
	free(runs->labels);
	*runs = (struct runs){ 0 };
}
