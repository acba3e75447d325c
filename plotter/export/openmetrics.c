/* OpenMetrics 1.0, with moments: what Prometheus takes as the history of what has ended. All of a
 * family stands together, so it is one family after another, each of all recordings. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/export/labels.h"
#include "plotter/export/runs.h"
#include "plotter/export/series.h"
#include "share/metrics.h"
#include "share/names.h"
#include "share/number.h"
#include "share/openmetrics.h"

enum { MOST_METRICS = 1024, MOST_HEADS = 8192, EVERY = 60 * 1000000, MS = 1000 };

static char remark_text[640];

struct family {
	const char *prefix, *metric, *suffix; /* "memory", "rss", "_peak" */
	const char *help;
	enum profile_kind kind;
};

struct exposition {
	FILE *out;
	char name[OPENMETRICS_WORD + 64]; /* of the family */
	const struct export *export;      /* the recording's that is under way */
	const char *run;                  /* the labels of all of its series */
	struct runs runs;
	const struct family *family;
	const struct series *series;
	char *labels;       /* of the series */
	bool headed;        /* the family's head is written */
	bool refused;       /* it has the name of one that is */
	struct names heads; /* of families, that are */
	struct sample held; /* the highest of its millisecond so far; us 0: there is none */
	uint64_t late;      /* samples that do not follow the one before them */
};

/* ---- names ---- */

static const char *main_metric(const struct profile *profile)
{
	const char *metric = profile_setting(profile, "metric");
	return metric && *metric ? metric : "rss";
}

static void name_family(struct exposition *e, const struct family *f)
{
	char word[OPENMETRICS_WORD] = "";
	e->family = f;
	if (f->metric)
		openmetrics_word(word, f->metric);
	snprintf(e->name, sizeof e->name, "mprof_%s%s%s%s_bytes", f->prefix, f->metric ? "_" : "",
		 word, f->suffix);
}

/* False: nothing of this family may be written. Two metrics can make one name of a family, of which
 * there must be one. */
static bool put_head(struct exposition *e)
{
	if (e->headed || e->refused)
		return e->headed;
	size_t before = e->heads.n;
	e->refused = names_find(&e->heads, e->name, MOST_HEADS) < 0 || e->heads.n == before;
	e->headed = !e->refused;
	if (e->headed)
		fprintf(e->out, "# TYPE %s gauge\n# UNIT %s bytes\n# HELP %s %s\n", e->name,
			e->name, e->name, e->family->help);
	else
		snprintf(remark_text, sizeof remark_text,
			 "%s is the name of two metrics here: the second is left out", e->name);
	return e->headed;
}

/* ---- samples ---- */

/* Seconds, to the millisecond, which is what readers keep. */
static void put_moment(FILE *out, int64_t us)
{
	int64_t ms = us / MS;
	fprintf(out, " %lld.%03d\n", (long long)(ms / 1000), (int)(ms % 1000));
}

static void put_held(struct exposition *e)
{
	if (e->held.us == 0)
		return;
	fprintf(e->out, "%s{%s} %lld", e->name, e->labels, (long long)export_bytes(e->held.umib));
	put_moment(e->out, e->held.us);
}

static int on_begin(void *context, const struct series *series)
{
	struct exposition *e = context;
	const char *metric = e->family->kind == PROFILE_VAL ? e->family->metric : NULL;
	e->series = series;
	e->held = (struct sample){ 0 };
	e->labels = NULL;
	if (metric && strcmp(metric, series->text) != 0)
		return 0;
	if (!put_head(e))
		return 0;
	e->labels = labels_of(e->run, series);
	return e->labels ? 0 : -ENOMEM;
}

/* Of several in one millisecond the highest. */
static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct exposition *e = context;
	for (size_t i = 0; i < n && e->labels; i++) {
		int64_t ms = samples[i].us / MS, before = e->held.us / MS;
		if (samples[i].us < MS || ms < before) {
			e->late++;
		} else if (ms == before) {
			if (samples[i].umib > e->held.umib)
				e->held.umib = samples[i].umib;
		} else {
			put_held(e);
			e->held = samples[i];
		}
	}
	return ferror(e->out) ? -EIO : 0;
}

static int on_end(void *context)
{
	struct exposition *e = context;
	if (e->labels)
		put_held(e);
	free(e->labels);
	e->labels = NULL;
	return 0;
}

static const struct series_sink sink = { on_begin, on_samples, on_end };

/* ---- families ---- */

/* What a run was allowed, known, or is called: again and again as long as it lasted, since readers
 * forget what they have not been told for minutes. */
static void put_lasting(struct exposition *e, const char *name, const char *labels,
			const char *value)
{
	const struct profile *p = e->export->profile;
	int64_t end = profile_end_us(p);
	for (int64_t us = p->start_us; us >= MS && us <= end; us += EVERY) {
		if (!export_shows(e->export, us))
			continue;
		fprintf(e->out, "%s{%s} %s", name, labels, value);
		put_moment(e->out, us);
	}
}

static int put_limit(struct exposition *e)
{
	const struct profile *p = e->export->profile;
	const char *kind = profile_setting(p, "limit_kind");
	double mib;
	char value[32];
	if (!profile_setting_mib(p, "limit", &mib) || mib > 8e12)
		return 0;
	if (!put_head(e))
		return 0;
	char *labels = labels_and(e->run, "kind", kind ? kind : "unknown");
	if (!labels)
		return -ENOMEM;
	snprintf(value, sizeof value, "%lld", (long long)export_bytes(llround(mib * 1e6)));
	put_lasting(e, e->name, labels, value);
	free(labels);
	return 0;
}

/* The one figure that the kernel kept, at the end. */
static int put_high_water(struct exposition *e)
{
	const struct profile *p = e->export->profile;
	int64_t end = profile_end_us(p);
	if (p->high_water <= 0 || end < MS || !export_shows(e->export, end))
		return 0;
	if (!put_head(e))
		return 0;
	e->labels = labels_of(e->run, NULL);
	if (!e->labels)
		return -ENOMEM;
	e->held = (struct sample){ end, p->high_water };
	return on_end(e);
}

static bool has_family(const struct exposition *e)
{
	const struct family *f = e->family;
	const struct profile *p = e->export->profile;
	bool is_main = !f->metric || strcmp(f->metric, main_metric(p)) == 0;
	if (f->kind == PROFILE_VAL)
		for (size_t i = 0; i < p->n_values; i++)
			if (strcmp(p->values[i].metric, f->metric) == 0)
				return true;
	return f->kind != PROFILE_VAL && is_main;
}

static int put_series(struct exposition *e)
{
	return has_family(e) ? series_each(e->export, e->family->kind, &sink, e) : 0;
}

static int put_all(struct exposition *e, const struct family *family, struct export *exports,
		   size_t n, int (*put)(struct exposition *e))
{
	int r = 0;
	bool goes_on = family->kind == PROFILE_VAL; /* where MEM has begun */
	name_family(e, family);
	e->headed &= goes_on;
	e->refused &= goes_on;
	for (size_t i = 0; i < n && r == 0; i++) {
		e->export = &exports[i];
		e->run = e->runs.labels[i];
		r = e->run ? put(e) : 0;
	}
	return r;
}

static int put_metric(struct exposition *e, const char *metric, struct export *exports, size_t n)
{
	const struct family families[] = {
		{ "memory", metric, "", "What it held.", PROFILE_MEM },
		{ "memory", metric, "", "What it held.", PROFILE_VAL },
		{ "memory", metric, "_interval_peak",
		  "The most held between this moment and the sample before it.", PROFILE_PEAK },
		{ "child_memory", metric, "", "What a descendant held.", PROFILE_CHLD },
	};
	int r = 0;
	e->headed = false;
	for (size_t i = 0; i < sizeof families / sizeof *families && r == 0; i++)
		r = put_all(e, &families[i], exports, n, put_series);
	return r;
}

static int put_metrics(struct exposition *e, struct export *exports, size_t n)
{
	struct names metrics = { 0 };
	long r = 0;
	for (size_t i = 0; i < n && r >= 0; i++) {
		const struct profile *p = exports[i].profile;
		r = names_find(&metrics, main_metric(p), MOST_METRICS);
		for (size_t k = 0; k < p->n_values && r >= 0; k++)
			r = names_find(&metrics, p->values[k].metric, MOST_METRICS);
	}
	for (size_t i = 0; i < metrics.n && r >= 0; i++)
		r = put_metric(e, metrics.texts[i], exports, n);
	names_free(&metrics);
	return r < 0 ? (int)r : 0;
}

static int put_info(struct exposition *e)
{
	char *labels = labels_about(e->run, e->export->profile);
	if (!labels)
		return -ENOMEM;
	put_lasting(e, "mprof_run_info", labels, "1");
	free(labels);
	return 0;
}

static int put_rest(struct exposition *e, struct export *exports, size_t n)
{
	static const struct family
		gpu = { "gpu_memory", NULL, "", "VRAM held on a GPU.", PROFILE_GPU },
		high = { "memory_high_water", NULL, "",
			 "The most that the program itself ever held, as the kernel knows.",
			 PROFILE_MEM },
		limit = { "memory_limit", NULL, "", "What it was allowed.", PROFILE_MEM };
	int r = put_all(e, &gpu, exports, n, put_series);
	r = r ? r : put_all(e, &high, exports, n, put_high_water);
	r = r ? r : put_all(e, &limit, exports, n, put_limit);
	fputs("# TYPE mprof_run info\n# HELP mprof_run What was recorded.\n", e->out);
	return r ? r : put_all(e, &limit, exports, n, put_info);
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	struct exposition e = { .out = of->out };
	struct export *exports = calloc(n, sizeof *exports);
	int r = exports ? runs_tell_apart(&e.runs, profiles, n) : -ENOMEM;
	*remark_text = '\0';
	for (size_t i = 0; i < n && exports; i++)
		exports[i] = export_of(of, profiles, i);
	r = r ? r : put_metrics(&e, exports, n);
	r = r ? r : put_rest(&e, exports, n);
	fputs("# EOF\n", of->out);
	if (e.runs.twice)
		snprintf(remark_text, sizeof remark_text,
			 "%s was given more than once, and is written once", e.runs.twice->path);
	free(e.labels);
	free(exports);
	runs_free(&e.runs);
	names_free(&e.heads);
	if (e.late > 0)
		snprintf(remark_text, sizeof remark_text,
			 "%llu samples that are not later than the one before them were left out",
			 (unsigned long long)e.late);
	return r;
}

static const char *remark(void)
{
	return remark_text;
}

const struct backend backend_openmetrics = {
	.name = "openmetrics",
	.extensions = "om",
	.summary = "for Prometheus: a series for each curve, in bytes, with moments",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
	.remark = remark,
};
