#include <stdio.h>
#include <string.h>

#include "share/commands/peak_bill.h"
#include "share/commands/peak_text.h"
#include "share/commands/recording.h"
#include "share/growth/outlook.h"
#include "share/growth/peak_known.h"
#include "share/json.h"
#include "share/profile/near.h"
#include "share/profile/profile.h"
#include "share/slurm/max_rss.h"

/* What is not known is null. */
static void put_text(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	json_text_or_null(stdout, text);
}

static void put_mib(const char *name, bool known, double mib)
{
	if (known)
		printf(", \"%s\": %.6f", name, mib);
	else
		printf(", \"%s\": null", name);
}

/* A figure, the word for how it is known, and why it is not known better. */
static void put_figure(const char *name, bool there, double mib, const struct known_how *how)
{
	char lacks[KNOWN_SIZE];
	if (!there) {
		put_mib(name, false, 0);
		return;
	}
	printf(", \"%s\": {\"mib\": %.6f", name, mib);
	put_text("known", known_key(known_judge(how)));
	put_text("lacks", how->lacks ? known_write_lacks(lacks, how->lacks) : NULL);
	putchar('}');
}

static void put_children(const struct profile *p)
{
	size_t shown = 0;
	fputs(", \"children\": [", stdout);
	for (size_t i = 0; i < p->n_children; i++) {
		const struct profile_child *c = &p->children[i];
		if (c->series.samples == 0)
			continue;
		printf("%s{\"pid\": %d", shown++ ? ", " : "", (int)c->pid);
		put_text("name", c->name);
		put_mib("sampled_mib", true, sample_mib(c->series.peak.umib));
		put_mib("high_water_mib", c->high_water > 0, sample_mib(c->high_water));
		putchar('}');
	}
	putchar(']');
}

static void put_values(const struct profile *p)
{
	fputs(", \"metrics\": {", stdout);
	for (size_t i = 0; i < p->n_values; i++) {
		const struct profile_value *v = &p->values[i];
		const struct known_how how = peak_of_value(p, v->metric);
		fputs(i ? ", " : "", stdout);
		json_text(stdout, v->metric);
		printf(": {\"peak\": %.6f", sample_mib(v->series.peak.umib));
		put_text("known", known_key(known_judge(&how)));
		putchar('}');
	}
	putchar('}');
}

static void put_gpus(const struct profile *p)
{
	fputs(", \"gpus\": [", stdout);
	for (size_t i = 0; i < p->n_gpus; i++) {
		const struct profile_gpu *g = &p->gpus[i];
		fputs(i ? ", {\"device\": " : "{\"device\": ", stdout);
		json_text(stdout, g->device);
		put_mib("tree_mib", g->tree_peak.us > 0, sample_mib(g->tree_peak.umib));
		put_mib("device_mib", g->device_peak.us > 0, sample_mib(g->device_peak.umib));
		putchar('}');
	}
	putchar(']');
}

static void put_peak(const struct profile *p)
{
	const struct known_how sampled = peak_sampled(p, profile_is_set(p, "tree"));
	struct peak_verdict v;
	peak_best(p, &v);
	put_figure("peak", true, v.mib, &v.how);
	put_figure("sampled", true, sample_mib(p->memory.peak.umib), &sampled);
}

/* Inside a job of Slurm's only; null: it does not say. */
static void put_slurm(const struct profile *p)
{
	struct slurm_max_rss said;
	if (!slurm_ask(&said, p))
		return;
	printf(", \"slurm\": {\"step\": \"%s\", \"by\": \"%s\", \"MaxRSS_mib\": ", said.step,
	       said.by);
	if (said.told)
		printf("%.6f}", sample_bytes_mib(said.bytes));
	else
		fputs("null}", stdout);
}

static void put_outlook(const struct profile *p)
{
	struct outlook outlook;
	fputs(", \"growth\": ", stdout);
	if (outlook_make(&outlook, p, NULL) < 0)
		fputs("null", stdout);
	else
		outlook_json(stdout, &outlook);
}

static void put_near_limit(const struct profile *p)
{
	struct profile_near near;
	bool so = !profile_killed(p) && profile_ends_near_limit(p, &near);
	recording_put_near(so ? &near : NULL);
}

void peak_print_json(const struct profile *p)
{
	const struct known_how mark = peak_mark(p), told = peak_maxrss(p),
			       sum = peak_sampled(p, true);
	double floor = 0;
	fputs("  {\"profile\": ", stdout);
	json_text(stdout, p->path);
	put_text("metric", profile_setting(p, "metric"));
	printf(", \"tree\": %s", profile_is_set(p, "tree") ? "true" : "false");
	put_peak(p);
	put_figure("together", p->together.umib > 0, sample_mib(p->together.umib), &sum);
	put_figure("high_water", p->high_water > 0, sample_mib(p->high_water), &mark);
	put_figure("ru_maxrss", p->ru_maxrss > 0, sample_mib(p->ru_maxrss), &told);
	bool hidden = profile_setting_mib(p, "floor", &floor);
	put_mib("floor_mib", hidden, floor);
	put_children(p);
	put_values(p);
	put_gpus(p);
	peak_print_bill_json(p);
	put_text("killed", profile_killed(p));
	put_near_limit(p);
	put_slurm(p);
	put_outlook(p);
	putchar('}');
}
