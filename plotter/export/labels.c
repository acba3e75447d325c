#include "plotter/export/labels.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "share/openmetrics.h"

struct labels {
	FILE *out;
	char *text;
	size_t size;
	bool any;
};

static void put(struct labels *labels, const char *name, const char *value)
{
	openmetrics_label(labels->out, labels->any ? "," : "", name, value);
	labels->any = true;
}

static void put_number(struct labels *labels, const char *name, long value)
{
	char text[32];
	snprintf(text, sizeof text, "%ld", value);
	put(labels, name, text);
}

static void put_setting(struct labels *labels, const struct profile *profile, const char *name,
			const char *key)
{
	const char *value = profile_setting(profile, key);
	if (value && *value)
		put(labels, name, value);
}

static bool begin(struct labels *labels)
{
	*labels = (struct labels){ 0 };
	labels->out = open_memstream(&labels->text, &labels->size);
	return labels->out != NULL;
}

static bool begin_with(struct labels *labels, const char *run)
{
	if (!begin(labels))
		return false;
	fputs(run, labels->out);
	labels->any = *run;
	return true;
}

static char *end(struct labels *labels)
{
	bool failed = ferror(labels->out);
	if (fclose(labels->out) == 0 && !failed)
		return labels->text;
	free(labels->text);
	return NULL;
}

bool labels_know_rank(const struct profile *profile)
{
	return profile_setting(profile, "job") && profile_setting(profile, "rank");
}

char *labels_of_run(const struct profile *profile, bool named)
{
	struct labels labels;
	if (!begin(&labels))
		return NULL;
	if (named)
		put(&labels, "profile", profile->path);
	put_setting(&labels, profile, "job_id", "job");
	put_setting(&labels, profile, "step_id", "step");
	put_setting(&labels, profile, "rank", "rank");
	put_setting(&labels, profile, "node", "node");
	put_setting(&labels, profile, "ranks", "merged"); /* whose sum it is */
	return end(&labels);
}

char *labels_of(const char *run, const struct series *series)
{
	struct labels labels;
	if (!begin_with(&labels, run))
		return NULL;
	if (series && series->kind == PROFILE_GPU) {
		put(&labels, "gpu", series->text);
		put(&labels, "scope", series->whole_device ? "device" : "tree");
	}
	if (series && series->kind == PROFILE_CHLD) {
		put_number(&labels, "pid", series->pid);
		if (series->life > 0)
			put_number(&labels, "life", series->life + 1L);
		if (series->child && series->child->name)
			put(&labels, "name", series->child->name);
	}
	return end(&labels);
}

char *labels_and(const char *run, const char *name, const char *value)
{
	struct labels labels;
	if (!begin_with(&labels, run))
		return NULL;
	put(&labels, name, value);
	return end(&labels);
}

char *labels_about(const char *run, const struct profile *profile)
{
	static const char *const keys[] = { "tool", "host", "pid", "metric", "interval" };
	struct labels labels;
	if (!begin_with(&labels, run))
		return NULL;
	if (profile->command)
		put(&labels, "command", profile->command);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put_setting(&labels, profile, keys[i], keys[i]);
	return end(&labels);
}
