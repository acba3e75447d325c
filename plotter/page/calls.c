#include "plotter/page/calls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/page/markup.h"
#include "share/profile/profile.h"
#include "share/xml.h"

enum { MOST = 100 };

static int by_growth(const void *a, const void *b)
{
	const struct profile_function *const *x = a, *const *y = b;
	if ((*x)->growth != (*y)->growth)
		return (*x)->growth < (*y)->growth ? 1 : -1;
	if ((*x)->us != (*y)->us)
		return (*x)->us < (*y)->us ? 1 : -1;
	return strcmp((*x)->name, (*y)->name);
}

static uint64_t unended(const struct profile *p, const struct profile_function *function)
{
	uint64_t n = 0;
	for (size_t i = 0; i < p->n_entered; i++)
		n += &p->functions[p->entered[i].function] == function;
	return n;
}

static void put_function(FILE *out, const struct profile *p, const struct profile_function *f)
{
	uint64_t open = unended(p, f);
	fputs("<tr>", out);
	markup_figure(out, (double)f->calls, 0);
	if (f->calls > 0) {
		markup_figure(out, sample_seconds(f->us), 3);
		markup_mib(out, f->growth);
	} else {
		markup_cell(out, "");
		markup_cell(out, "");
	}
	fputs("<td><code>", out);
	xml_text(out, f->name);
	fputs("</code>", out);
	if (open > 0)
		fprintf(out, " <small>and %" PRIu64 " never seen to end</small>", open);
	fputs("</td></tr>\n", out);
}

int calls_put(FILE *out, const struct profile *p)
{
	static const char *const headings[] = { "#ended calls", "#s in all", "#net MiB",
						"function" };
	if (p->n_functions == 0)
		return 0;
	const struct profile_function **sorted = calloc(p->n_functions, sizeof *sorted);
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_functions; i++)
		sorted[i] = &p->functions[i];
	qsort(sorted, p->n_functions, sizeof *sorted, by_growth);
	markup_table(out,
		     "Calls, with what they called: held at their ends, less at their beginnings",
		     headings, sizeof headings / sizeof *headings);
	for (size_t i = 0; i < p->n_functions && i < MOST; i++)
		put_function(out, p, sorted[i]);
	markup_end_table_short(out, p->n_functions > MOST ? p->n_functions - MOST : 0,
			       sizeof headings / sizeof *headings);
	free(sorted);
	return 0;
}
