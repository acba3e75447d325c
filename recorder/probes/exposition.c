#include "recorder/probes/exposition.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/recording/recording.h"
#include "share/openmetrics.h"
#include "share/text.h"
#include "share/version.h"

enum { LONGEST_COMMAND = 256 };

struct put {
	FILE *out;
	char *labels; /* those of every series */
	char *text;
	size_t size;
	const struct exposition *of;
};

/* ---- labels ---- */

static char *labels_text(const struct exposition_labels *of)
{
	const struct {
		const char *name, *value;
	} all[] = { { "job_id", of->job },
		    { "step_id", of->step },
		    { "rank", of->rank },
		    { "node", of->node },
		    { "profile", of->profile } };
	char *text = NULL;
	const char *before = "";
	size_t size;
	FILE *out = open_memstream(&text, &size);
	for (size_t i = 0; out && i < sizeof all / sizeof *all; i++) {
		if (!all[i].value)
			continue;
		openmetrics_label(out, before, all[i].name, all[i].value);
		before = ",";
	}
	return out && fclose(out) == 0 ? text : NULL;
}

/* ---- families ---- */

static void head(struct put *p, const char *name, const char *type, const char *help)
{
	fprintf(p->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void series(struct put *p, const char *name, const char *more, uint64_t value)
{
	const char *between = *p->labels && *more ? "," : "";
	fprintf(p->out, "%s{%s%s%s} %" PRIu64 "\n", name, p->labels, between, more, value);
}

/* A metric's gauge: "mprof_memory_rss_bytes", or of its peak "mprof_memory_rss_peak_bytes". */
static void put_memory(struct put *p, const char *metric, const char *of, const char *what,
		       uint64_t bytes)
{
	char word[OPENMETRICS_WORD], name[OPENMETRICS_WORD + 32], help[OPENMETRICS_WORD + 64];
	snprintf(name, sizeof name, "mprof_memory_%s%s_bytes", openmetrics_word(word, metric), of);
	snprintf(help, sizeof help, "%s: %s.", what, metric);
	head(p, name, "gauge", help);
	series(p, name, "", bytes);
}

static void put_held(struct put *p, const char *metric, uint64_t bytes)
{
	put_memory(p, metric, "", "What the recorded program, or all of its tree, holds", bytes);
}

static void put_peak(struct put *p, const char *metric, uint64_t bytes)
{
	put_memory(p, metric, "_peak", "The most that it has held so far, as far as is known",
		   bytes);
}

static void put_values(struct put *p)
{
	const struct values_result *values = &p->of->recording->values;
	for (size_t i = 0; i < VALUES_MOST; i++)
		if (values->items[i].metric && values->items[i].told)
			put_held(p, values->items[i].metric, values->items[i].bytes);
}

static void put_gpus(struct put *p)
{
	static const char name[] = "mprof_gpu_memory_bytes";
	const struct vram_device *devices = p->of->recording->vram.devices;
	char labels[64];
	bool headed = false;
	for (size_t i = 0; i < VRAM_DEVICES; i++) {
		if (!devices[i].told)
			continue;
		if (!headed)
			head(p, name, "gauge",
			     "VRAM held on a GPU, by the recorded tree or by all that use it.");
		headed = true;
		snprintf(labels, sizeof labels, "gpu=\"%zu\",scope=\"%s\"", i,
			 devices[i].whole ? "device" : "tree");
		series(p, name, labels, devices[i].bytes);
	}
}

static void put_limit(struct put *p)
{
	static const char name[] = "mprof_memory_limit_bytes";
	const struct limit_result *limit = &p->of->recording->limit;
	char labels[64];
	if (limit->bytes == 0 || !limit->kind)
		return;
	snprintf(labels, sizeof labels, "kind=\"%s\"", limit->kind);
	head(p, name, "gauge", "What its control group allows, where that is below the machine's.");
	series(p, name, labels, limit->bytes);
}

/* The moment by the clock as it is set now: Prometheus compares it with that. */
static void put_samples(struct put *p)
{
	static const char samples[] = "mprof_samples_total";
	static const char moment[] = "mprof_last_sample_timestamp_seconds";
	static const char interval[] = "mprof_sample_interval_seconds";
	const struct recording *r = p->of->recording;
	int64_t us = r->us + sampler_clock_moved(&r->sampler) / 1000;
	head(p, samples, "counter", "Samples that were taken.");
	series(p, samples, "", r->memory.samples);
	head(p, moment, "gauge", "When the last of them was taken, in seconds since 1970.");
	fprintf(p->out, "%s{%s} %" PRId64 ".%03d\n", moment, p->labels, us / 1000000,
		(int)(us / 1000 % 1000));
	head(p, interval, "gauge", "What was asked for between two of them, in seconds.");
	fprintf(p->out, "%s{%s} %g\n", interval, p->labels, r->options.interval);
}

/* ---- the run ---- */

/* The words with blanks between them, the last cut. */
static void join(char command[LONGEST_COMMAND + 4], char *const *words)
{
	size_t n = 0;
	for (; words && *words && n < LONGEST_COMMAND; words++) {
		int more = snprintf(command + n, LONGEST_COMMAND + 4 - n, "%s%s", n ? " " : "",
				    *words);
		n += more > 0 ? (size_t)more : 0;
	}
	if (n <= LONGEST_COMMAND)
		return;
	n = LONGEST_COMMAND;
	while (n > 0 && ((unsigned char)command[n] & 0xc0) == 0x80) /* inside a character */
		n--;
	snprintf(command + n, 4, "…");
}

static void put_info(struct put *p)
{
	static const char name[] = "mprof_run_info";
	const struct recording *r = p->of->recording;
	char host[HOST_NAME_MAX + 1] = "", pid[16], command[LONGEST_COMMAND + 4] = "";
	gethostname(host, sizeof host - 1);
	snprintf(pid, sizeof pid, "%d", (int)r->target.pid);
	join(command, r->proxy.words);
	head(p, name, "gauge", "What is recorded, by whom.");
	fprintf(p->out, "%s{%s", name, p->labels);
	openmetrics_label(p->out, *p->labels ? "," : "", "command", command);
	openmetrics_label(p->out, ",", "host", host);
	if (r->target.pid > 0)
		openmetrics_label(p->out, ",", "pid", pid);
	if (!p->of->labels.profile && r->path)
		openmetrics_label(p->out, ",", "profile", text_base_name(r->path));
	openmetrics_label(p->out, ",", "version", MPROF_VERSION);
	fputs("} 1\n", p->out);
}

char *exposition_text(const struct exposition *of, size_t *size)
{
	struct put p = { .of = of, .labels = labels_text(&of->labels) };
	const struct recording *r = of->recording;
	p.out = p.labels ? open_memstream(&p.text, &p.size) : NULL;
	if (p.out) {
		put_held(&p, r->source->metric->name, r->memory.bytes);
		put_peak(&p, r->source->metric->name, of->peak);
		put_values(&p);
		put_gpus(&p);
		put_limit(&p);
		put_samples(&p);
		put_info(&p);
	}
	free(p.labels);
	if (!p.out || fclose(p.out) != 0)
		return NULL;
	*size = p.size;
	return p.text;
}
