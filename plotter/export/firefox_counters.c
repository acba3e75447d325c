#include "plotter/export/firefox.h"

#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/json.h"
#include "share/metrics.h"

enum { NAME = 256 };

static const struct {
	enum profile_kind kind;
	const char *color, *what;
} shown[] = {
	{ PROFILE_MEM, "orange", "What it held" },
	{ PROFILE_VAL, "blue", "A further metric" },
	{ PROFILE_GPU, "green", "VRAM held on a GPU" },
	{ PROFILE_CHLD, "orange", "What a descendant held" },
};

struct counter {
	struct firefox *f;
	size_t part, row; /* of what is shown */
	int64_t before;   /* bytes */
	uint64_t n;       /* samples */
};

static const char *main_label(const struct profile *profile)
{
	const char *metric = profile_setting(profile, "metric");
	return metric_label(metric ? metric : "rss");
}

static const char *name_of(char name[NAME], const struct counter *c, const struct series *series)
{
	const char *label = main_label(c->f->parts[c->part].export.profile);
	switch (series->kind) {
	case PROFILE_VAL: snprintf(name, NAME, "%s", metric_label(series->text)); break;
	case PROFILE_GPU:
		snprintf(name, NAME, "VRAM, GPU %s%s", series->text,
			 series->whole_device ? ", whole device" : "");
		break;
	default: snprintf(name, NAME, "%s", label);
	}
	return name;
}

/* Whose thread stands for it: a descendant's own, else the program's. */
static long thread_of(struct counter *c, const struct series *series)
{
	struct firefox *f = c->f;
	if (series->kind != PROFILE_CHLD)
		return (long)f->parts[c->part].main_thread;
	struct firefox_process *process =
		array_more(&f->processes, &f->n_processes, sizeof *process);
	if (!process)
		return -ENOMEM;
	*process = (struct firefox_process){
		.part = c->part, .pid = series->pid, .life = series->life, .child = series->child
	};
	return (long)f->n_processes - 1;
}

static int on_begin(void *context, const struct series *series)
{
	struct counter *c = context;
	struct firefox *f = c->f;
	char name[NAME];
	long thread = thread_of(c, series);
	if (thread < 0)
		return (int)thread;
	firefox_separate(f);
	fputs("\n{\"name\":", f->out);
	json_text(f->out, name_of(name, c, series));
	fprintf(f->out,
		",\"category\":\"Memory\",\"description\":\"%s\",\"pid\":", shown[c->row].what);
	firefox_pid(f, &f->processes[thread]);
	fprintf(f->out,
		",\"mainThreadIndex\":%ld,\"display\":{\"graphType\":\"line-accumulated\","
		"\"unit\":\"bytes\",\"color\":\"%s\",\"markerSchemaLocation\":\"timeline-memory\","
		"\"sortWeight\":%zu,\"label\":",
		thread, shown[c->row].color, 10 + c->row);
	json_text(f->out, name);
	fputs(",\"tooltipRows\":[{\"type\":\"value\",\"source\":\"accumulated\",\"format\":"
	      "{\"unit\":\"bytes\"},\"label\":\"held\"}]},\"samples\":{\"time\":[",
	      f->out);
	rewind(f->aside);
	c->n = 0;
	return 0;
}

/* Changes. Of the first sample the reader takes only the moment, and calls 0 what was held then: so
 * that it shows what is held, each begins with one of 0 at its first moment. */
static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct counter *c = context;
	struct firefox *f = c->f;
	for (size_t i = 0; i < n; i++, c->n++) {
		int64_t bytes = export_bytes(samples[i].umib);
		if (c->n == 0) {
			firefox_time(f, &f->parts[c->part], samples[i].us);
			fputc('0', f->aside);
			c->before = 0;
		}
		fputc(',', f->out);
		firefox_time(f, &f->parts[c->part], samples[i].us);
		fprintf(f->aside, ",%lld", (long long)(bytes - c->before));
		c->before = bytes;
	}
	return ferror(f->out) || ferror(f->aside) ? -EIO : 0;
}

/* What was put aside, as far as it is of this counter. */
static int copy_back(struct firefox *f)
{
	char block[1 << 14];
	long left = ftell(f->aside);
	if (left < 0 || fflush(f->aside) != 0)
		return -errno;
	rewind(f->aside);
	while (left > 0) {
		size_t n =
			fread(block, 1, (size_t)left < sizeof block ? (size_t)left : sizeof block,
			      f->aside);
		if (n == 0)
			return -EIO;
		fwrite(block, 1, n, f->out);
		left -= (long)n;
	}
	return 0;
}

static int on_end(void *context)
{
	struct counter *c = context;
	fputs("],\"count\":[", c->f->out);
	int r = copy_back(c->f);
	fprintf(c->f->out, "],\"length\":%llu}}", (unsigned long long)c->n + 1);
	return r;
}

static int add_main(struct firefox *f, size_t part)
{
	const struct profile *p = f->parts[part].export.profile;
	const char *pid = profile_setting(p, "pid");
	struct firefox_process *process =
		array_more(&f->processes, &f->n_processes, sizeof *process);
	if (!process)
		return -ENOMEM;
	*process = (struct firefox_process){ .part = part, .pid = pid ? atoi(pid) : 0 };
	f->parts[part].main_thread = f->n_processes - 1;
	return 0;
}

int firefox_counters(struct firefox *f)
{
	static const struct series_sink sink = { on_begin, on_samples, on_end };
	int r = 0;
	fputs(",\n\"counters\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < f->n && r == 0; i++) {
		r = add_main(f, i);
		for (size_t k = 0; k < sizeof shown / sizeof *shown && r == 0; k++) {
			struct counter counter = { .f = f, .part = i, .row = k };
			r = series_each(&f->parts[i].export, shown[k].kind, &sink, &counter);
		}
	}
	fputs("]", f->out);
	return r;
}
