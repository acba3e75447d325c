#include <errno.h>
#include <stdlib.h>

#include "plotter/parts.h"
#include "share/format.h"

enum { MOST_CURVES = 200 }; /* beyond, a picture shows only ink */

static int by_peak(const void *a, const void *b)
{
	const struct profile_child *x = *(const struct profile_child *const *)a;
	const struct profile_child *y = *(const struct profile_child *const *)b;
	int64_t p = x->series.peak.umib, q = y->series.peak.umib;
	return p != q ? (p < q) - (p > q) : (x->pid > y->pid) - (x->pid < y->pid);
}

static int add_child(struct chart *chart, const struct profile *profile,
		     const struct profile_child *child, const struct chart_wish *wish,
		     unsigned colour)
{
	char size[FORMAT_SIZE];
	int r = parts_add_curve(chart, &child->series, profile->start_us, CHART_CHILD, colour,
				wish);
	if (r < 0 || colour == CHART_OTHERS)
		return r;
	format_memory(size, sample_mib(child->series.peak.umib));
	char *label = child->name ? parts_text("%s %d", child->name, (int)child->pid)
				  : parts_text("child %d", (int)child->pid);
	return parts_add_row(chart, ROW_CHILD, colour, label, parts_text("peak %s", size));
}

int children_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		  unsigned colour, size_t rows)
{
	const struct profile_child **list = calloc(profile->n_children + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	size_t n = 0;
	for (size_t i = 0; i < profile->n_children; i++)
		if (profile->children[i].series.samples > 0)
			list[n++] = &profile->children[i];
	qsort(list, n, sizeof *list, by_peak);
	size_t named = parts_named(n, rows);
	int r = 0;
	for (size_t i = 0; i < n && i < MOST_CURVES && r == 0; i++)
		r = add_child(chart, profile, list[i], wish,
			      i < named ? colour + (unsigned)i : CHART_OTHERS);
	uint64_t unnamed = n - named + profile->untracked_children;
	if (r == 0 && unnamed > 0 && rows > 0)
		r = parts_add_row(chart, ROW_MORE, CHART_OTHERS,
				  parts_text("%llu %s", (unsigned long long)unnamed,
					     named ? "more" : "children"),
				  parts_text(named ? "smaller children" : "thin lines"));
	free(list);
	return r;
}
