#include "plotter/page/figures.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "share/format.h"
#include "share/growth/card_facts.h"
#include "share/growth/heap.h"
#include "share/growth/peak_known.h"
#include "share/profile/profile.h"
#include "share/why/why.h"
#include "share/xml.h"

enum { MOST = 6, WORDS = 128 };

struct figures {
	FILE *out;
	size_t n;
};

static void put(struct figures *f, const char *value, const char *what, const char *known)
{
	if (f->n++ >= MOST)
		return;
	fputs("<li><b>", f->out);
	xml_text(f->out, value);
	fputs("</b> <span>", f->out);
	xml_text(f->out, what);
	fputs("</span> <small>", f->out);
	xml_text(f->out, known);
	fputs("</small></li>\n", f->out);
}

static const char *metric_of(const struct profile *p)
{
	const struct metric *metric = peak_metric(p);
	return metric ? metric->brief : "memory";
}

/* Is the peak a sum that the samples of the program alone are not? */
static bool is_with_children(const struct why *why)
{
	for (size_t i = 0; i < why->n; i++)
		if (why->statements[i].topic == WHY_ODD &&
		    strcmp(why->statements[i].kind, "together") == 0)
			return true;
	return false;
}

static void put_peak(struct figures *f, const struct profile *p, const struct why *why)
{
	char value[FORMAT_SIZE], what[WORDS];
	const struct why_statement *peak = why_about(why, WHY_PEAK);
	if (!peak || why->peak <= 0)
		return;
	snprintf(what, sizeof what, "peak %s%s", metric_of(p),
		 profile_is_set(p, "tree") ? ", whole tree"
		 : is_with_children(why)   ? ", with children"
					   : "");
	put(f, format_memory(value, why->peak), what, known_word(peak->known));
}

static void put_allowed(struct figures *f, const struct why *why)
{
	char value[FORMAT_SIZE], what[WORDS];
	if (why->allowed <= 0)
		return;
	if (why->peak > 0)
		snprintf(what, sizeof what, "allowed; the peak is %.0f %% of it",
			 100 * why->peak / why->allowed);
	else
		snprintf(what, sizeof what, "allowed");
	put(f, format_memory(value, why->allowed), what, "as it was set");
}

/* Of the device that held most: of the program, else of everybody. */
static void put_vram(struct figures *f, const struct profile *p)
{
	char value[FORMAT_SIZE], what[WORDS];
	const struct profile_gpu *most = NULL;
	struct sample peak = { 0 };
	bool failed = false;
	for (size_t i = 0; i < p->n_gpus; i++) {
		struct sample its;
		bool of_bill = card_peak(&its, p, &p->gpus[i]);
		if (most && its.umib <= peak.umib)
			continue;
		most = &p->gpus[i];
		peak = its;
		failed = of_bill;
	}
	if (!most)
		return;
	snprintf(what, sizeof what, "peak VRAM, GPU %.32s%s", most->device,
		 most->whole_device ? ", all of the device" : "");
	put(f, format_memory(value, sample_mib(peak.umib)), what,
	    failed ? "told as it failed" : known_word(KNOWN_SAMPLED));
}

static void put_growth(struct figures *f, const struct why *why)
{
	char value[WORDS], what[WORDS];
	if (!why->growth.grows)
		return;
	snprintf(value, sizeof value, "%.3g MiB/h", why->growth.rate);
	snprintf(what, sizeof what, "growth (95 %%: %.3g to %.3g)", why->growth.low,
		 why->growth.high);
	put(f, value, what, known_word(KNOWN_ESTIMATE));
}

static void put_heap(struct figures *f, const struct profile *p)
{
	char value[FORMAT_SIZE];
	if (p->heap.records > 0)
		put(f, format_memory(value, fmax(sample_mib(p->heap.live), 0)),
		    "live in the heap at the end", known_word(KNOWN_ESTIMATE));
}

static void put_length(struct figures *f, const struct profile *p)
{
	char value[FORMAT_SIZE];
	int64_t length = profile_end_us(p) - p->start_us;
	if (length > 0)
		put(f, format_duration(value, sample_seconds(length)),
		    p->ended ? "from its start to its end" : "recorded; its end is not",
		    known_word(p->ended ? KNOWN_EXACT : KNOWN_AT_LEAST));
}

static void put_last(struct figures *f, const struct profile *p, bool alone)
{
	char value[FORMAT_SIZE];
	if (p->memory.samples > 0)
		put(f, format_memory(value, sample_mib(p->memory.last.umib)),
		    alone ? "in the last sample, without children" : "in the last sample",
		    known_word(KNOWN_SAMPLED));
}

static void put_samples(struct figures *f, const struct profile *p)
{
	char value[WORDS], what[WORDS];
	snprintf(value, sizeof value, "%" PRIu64, p->memory.samples);
	snprintf(what, sizeof what, "sample%s, %" PRIu64 " missed",
		 p->memory.samples == 1 ? "" : "s", p->missed);
	if (p->ended)
		put(f, value, what, known_word(KNOWN_EXACT));
}

void figures_put(FILE *out, const struct profile *profile, const struct why *why)
{
	struct figures f = { .out = out };
	fputs("<ul class=\"figures\">\n", out);
	put_peak(&f, profile, why);
	put_allowed(&f, why);
	put_vram(&f, profile);
	put_growth(&f, why);
	put_heap(&f, profile);
	put_length(&f, profile);
	put_last(&f, profile, is_with_children(why));
	put_samples(&f, profile);
	fputs("</ul>\n", out);
}
