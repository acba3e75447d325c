/* --prometheus DIR: the figures of the moment in a file for Prometheus' node_exporter, as long as
 * it is recorded. At most once a second, and sooner when there is a new peak: who is killed for it
 * has told it as a rule. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/probes/exposition.h"
#include "recorder/probes/textfile.h"
#include "recorder/recording/launcher.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "share/fault.h"
#include "share/text.h"

static const int64_t PAUSE = 1000000000, PEAK_PAUSE = 100000000; /* ns */
enum { PEAK_PART = 50 }; /* a new peak is higher by one part in so many */

struct prometheus {
	const char *folder; /* NULL: not wanted */
	struct textfile file;
	struct exposition_labels labels;
	char host[HOST_NAME_MAX + 1];
	char name[160]; /* of the file, before its number and its ending */
	uint64_t past;  /* bytes: the target's mark of before we came; 0: not read */
	bool read;      /* it is, if there is one */
	uint64_t peak;  /* bytes */
	uint64_t told;  /* bytes: the peak that is published */
	int64_t at;     /* monotonic ns of the last attempt */
	int error;      /* of the first attempt that failed */
	bool failing;   /* the last one did */
};

static const struct option_type type_folder = { "DIR", "a folder", option_parse_text };

static const struct command_option options[] = {
	{ 0, "prometheus", &type_folder, offsetof(struct prometheus, folder),
	  "publish the figures in DIR, for node_exporter's textfile collector" },
	{ 0 },
};

/* ---- the beginning ---- */

static int say_unusable(const char *folder, int error)
{
	if (error == -ENOENT)
		return fault(STATUS_FAULT,
			     "there is no folder %s for --prometheus; make it, and name it to "
			     "node_exporter: --collector.textfile.directory",
			     folder);
	return fault(STATUS_FAULT, "no file can be made in %s for --prometheus: %s", folder,
		     strerror(-error));
}

static int check(void *state, struct recording *r)
{
	struct prometheus *p = state;
	(void)r;
	if (!p->folder)
		return -1;
	int e = *p->folder ? textfile_open(&p->file, p->folder) : -ENOENT;
	return e < 0 ? say_unusable(p->folder, e) : -1;
}

/* What may stand in a name of a file. */
static void add_word(struct prometheus *p, const char *word)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(p->name), end = n + 40;
	p->name[n++] = '-';
	for (; *word && n < end; word++)
		p->name[n++] = strchr(good, *word) ? *word : '_';
	p->name[n] = '\0';
}

/* A rank of a job is known by these; who is alone by his recording, and his file by his number. */
static void name_it(struct prometheus *p, const struct recording *r)
{
	const struct launcher *from = &r->launcher;
	struct exposition_labels *l = &p->labels;
	char pid[16];
	gethostname(p->host, sizeof p->host - 1);
	*l = (struct exposition_labels){ .job = from->job, .step = from->step, .rank = from->rank };
	l->node = *from->node ? from->node : *p->host ? p->host : NULL;
	strcpy(p->name, "mprof");
	if (l->rank && l->job) {
		add_word(p, l->job);
		if (l->step)
			add_word(p, l->step);
		add_word(p, l->rank);
		return;
	}
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	add_word(p, l->node ? l->node : "");
	add_word(p, pid);
	l->profile = text_base_name(r->path);
}

static int open_it(void *state, struct recording *r)
{
	struct prometheus *p = state;
	if (!p->folder)
		return -ENOENT;
	name_it(p, r);
	textfile_reap(&p->file);
	return 0;
}

/* ---- at each tick ---- */

/* The mark of a program that ran before us is of this recording only once it has risen. */
static void raise_peak(struct prometheus *p, const struct recording *r)
{
	uint64_t mark = r->source->metric->marked && !r->total ? r->peaks.high_water : 0;
	if (!p->read && !r->target.ours)
		p->past = mark;
	p->read = true;
	uint64_t most = r->peaks.most > r->memory.peak ? r->peaks.most : r->memory.peak;
	most = mark > p->past && mark > most ? mark : most;
	p->peak = most > p->peak ? most : p->peak;
}

static bool is_due(const struct prometheus *p, int64_t now)
{
	int64_t pause = p->peak > p->told + p->told / PEAK_PART ? PEAK_PAUSE : PAUSE;
	return p->at == 0 || now - p->at >= pause;
}

/* Of two of the same job, step and rank at once the second is told by its recording, too. */
static int claim(struct prometheus *p, const struct recording *r)
{
	int number = textfile_claim(&p->file, p->name);
	if (number > 1)
		p->labels.profile = text_base_name(r->path);
	return number < 0 ? number : 0;
}

static int publish(struct prometheus *p, const struct recording *r)
{
	size_t size;
	int e = *p->file.name ? 0 : claim(p, r);
	if (e < 0)
		return e;
	const struct exposition of = { r, p->labels, p->peak };
	char *text = exposition_text(&of, &size);
	e = text ? textfile_publish(&p->file, text, size) : -ENOMEM;
	free(text);
	return e;
}

/* After -t only the end of the program is awaited, which can be long. */
static bool is_over(const struct recording *r)
{
	return r->timeout > 0 && r->sampler.next * r->sampler.interval >= r->timeout;
}

static void act(void *state, struct recording *r, int64_t now)
{
	struct prometheus *p = state;
	raise_peak(p, r);
	if (is_over(r))
		textfile_close(&p->file);
	if (p->file.folder < 0 || !is_due(p, now))
		return;
	p->at = now;
	int e = publish(p, r);
	p->failing = e < 0;
	if (e == 0)
		p->told = p->peak;
	else if (p->error == 0)
		p->error = e;
}

/* ---- the end ---- */

static void end(void *state, struct recording *r)
{
	struct prometheus *p = state;
	(void)r;
	textfile_close(&p->file);
}

static int say(void *state, const struct recording *r, int status)
{
	const struct prometheus *p = state;
	(void)r;
	if (p->error < 0)
		warning("the file for Prometheus in %s could not be written%s: %s", p->folder,
			p->failing ? " to the end" : " for a while", strerror(-p->error));
	return status;
}

static void close_it(void *state)
{
	struct prometheus *p = state;
	textfile_close(&p->file);
}

static const struct prometheus initial = { .file = TEXTFILE_NONE };

const struct probe probe_prometheus = {
	.state_size = sizeof(struct prometheus),
	.initial = &initial,
	.options = options,
	.check = check,
	.open = open_it,
	.act = act,
	.end = end,
	.say = say,
	.close = close_it,
};
