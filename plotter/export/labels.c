#include "plotter/export/labels.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "share/text.h"

struct labels {
	FILE *out;
	char *text;
	size_t size;
	bool any;
};

static void put_code_point(FILE *out, uint32_t c)
{
	if (c < 0x80) {
		fputc((int)c, out);
	} else if (c < 0x800) {
		fprintf(out, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		fprintf(out, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)),
			(int)(0x80 | (c & 0x3f)));
	} else {
		fprintf(out, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
			(int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
	}
}

/* Quotes, backslashes and ends of lines are escaped; what is no UTF-8 is U+FFFD. */
static void put(struct labels *labels, const char *name, const char *value)
{
	fprintf(labels->out, "%s%s=\"", labels->any ? "," : "", name);
	labels->any = true;
	for (uint32_t c; (c = text_next(&value)) != 0;) {
		if (c == '"' || c == '\\')
			fputc('\\', labels->out);
		if (c == '\n')
			fputs("\\n", labels->out);
		else
			put_code_point(labels->out, c);
	}
	fputc('"', labels->out);
}

static void put_number(struct labels *labels, const char *name, long value)
{
	char text[32];
	snprintf(text, sizeof text, "%ld", value);
	put(labels, name, text);
}

static void put_setting(struct labels *labels, const struct profile *profile, const char *key)
{
	const char *value = profile_setting(profile, key);
	if (value)
		put(labels, key, value);
}

/* What every series of a recording has. */
static bool begin(struct labels *labels, const struct profile *profile)
{
	*labels = (struct labels){ 0 };
	labels->out = open_memstream(&labels->text, &labels->size);
	if (!labels->out)
		return false;
	put(labels, "profile", profile->path);
	put_setting(labels, profile, "rank");
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

char *labels_of(const struct profile *profile, const struct series *series)
{
	struct labels labels;
	if (!begin(&labels, profile))
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

char *labels_and(const struct profile *profile, const char *name, const char *value)
{
	struct labels labels;
	if (!begin(&labels, profile))
		return NULL;
	put(&labels, name, value);
	return end(&labels);
}

char *labels_about(const struct profile *profile)
{
	static const char *const keys[] = { "tool", "host", "pid", "metric", "interval" };
	struct labels labels;
	if (!begin(&labels, profile))
		return NULL;
	if (profile->command)
		put(&labels, "command", profile->command);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put_setting(&labels, profile, keys[i]);
	return end(&labels);
}
