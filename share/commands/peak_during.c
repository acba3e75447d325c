#include "share/commands/peak_during.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/fault.h"
#include "share/profile/profile.h"
#include "share/text.h"

struct span {
	int64_t from, to; /* µs */
};

struct during {
	struct span *spans; /* when the function ran: in order, none reaches into the next */
	size_t n;
	unsigned skip; /* CMDLINEs up to that of the last run, which is the one that counts */
	int64_t peak;  /* umib */
	bool any;
};

/* Of calls that are sorted by their start. */
static int add_span(struct during *during, const struct profile_call *call)
{
	struct span *last = during->n ? &during->spans[during->n - 1] : NULL;
	if (last && call->from.us <= last->to) {
		last->to = call->to.us > last->to ? call->to.us : last->to;
		return 0;
	}
	last = array_more(&during->spans, &during->n, sizeof *last);
	if (!last)
		return -ENOMEM;
	*last = (struct span){ call->from.us, call->to.us };
	return 0;
}

/* As line --func names them: a pattern of the whole name, and of the program's own functions also
 * without their module. */
static bool is_meant(const char *pattern, const char *name)
{
	static const char own[] = "__main__.";
	size_t n = sizeof own - 1;
	return strcmp(pattern, name) == 0 || fnmatch(pattern, name, 0) == 0 ||
	       (strncmp(name, own, n) == 0 && fnmatch(pattern, name + n, 0) == 0);
}

static int find_spans(struct during *during, const struct profile *p, const char *function)
{
	int r = 0;
	bool *meant = calloc(p->n_functions + 1, sizeof *meant);
	if (!meant)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_functions; i++)
		meant[i] = is_meant(function, p->functions[i].name);
	for (size_t i = 0; i < p->n_calls && r == 0; i++)
		if (meant[p->calls[i].function])
			r = add_span(during, &p->calls[i]);
	free(meant);
	return r;
}

static int compare(const void *key, const void *element)
{
	const int64_t *us = key;
	const struct span *span = element;
	return *us < span->from ? -1 : *us > span->to;
}

static bool is_running(const struct during *during, int64_t us)
{
	return during->n && bsearch(&us, during->spans, during->n, sizeof *during->spans, compare);
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct during *during = context;
	for (size_t i = 0; i < n && during->skip == 0; i++)
		if ((!during->any || samples[i].umib > during->peak) &&
		    is_running(during, samples[i].us)) {
			during->peak = samples[i].umib;
			during->any = true;
		}
	return 0;
}

static int on_record(void *context, const struct profile_record *record)
{
	struct during *during = context;
	during->skip -= record->kind == PROFILE_CMDLINE && during->skip > 0;
	return 0;
}

static int read_again(struct during *during, const char *path)
{
	static const struct profile_sink sink = { on_samples, on_record };
	struct profile_flaws flaws;
	struct profile_input input;
	int r = profile_open(&input, path);
	if (r < 0)
		return r;
	r = profile_read(&input, &sink, during, &flaws);
	profile_close(&input);
	return r;
}

static int say(const struct profile *profile, const struct during *during, const char *function)
{
	if (!during->any)
		return fault(STATUS_FAULT, "%s has no sample while a function %s ran",
			     profile->path, function);
	char *name = text_printable(profile->path);
	printf("%s\t%.3f MiB\n", name ? name : "", sample_mib(during->peak));
	free(name);
	return STATUS_OK;
}

int peak_print_during(const struct profile *profile, const char *function)
{
	struct during during = { .skip = profile->runs };
	int r = find_spans(&during, profile, function);
	if (r == 0 && during.n > 0)
		r = read_again(&during, profile->path);
	free(during.spans);
	return r < 0 ? fault(STATUS_FAULT, "cannot read %s again: %s", profile->path, strerror(-r))
		     : say(profile, &during, function);
}
