/* How much of a tree's sum of RSS is pages that were counted several times? Their PSS tells. It is
 * read beside, of one process after the other between the ticks, when the sum has grown, and takes
 * no more than 1 % of a CPU. */
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/rollup.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"

static const int64_t AGAIN = 10000000000; /* ns: what is shared changes, if the sum does not */

struct sums {
	uint64_t rss, pss; /* bytes, of the whole tree */
};

struct overlap {
	struct purse purse;
	bool reading;
	size_t next;  /* member */
	int64_t cost; /* ns of CPU time */
	struct sums now, most;
	uint64_t total; /* MEM when it was last read */
	int64_t read_at;
};

static int overlap_open(void *state, struct recording *r)
{
	struct overlap *o = state;
	o->purse = (struct purse)PURSE_USUAL;
	return r->total && !r->family.source->metric->costly ? 0 : -1;
}

static bool is_counted(const struct member *m)
{
	return m->measured && m->shares == 0;
}

/* A lone process counts nothing twice. */
static bool is_family(const struct family *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n && n < 2; i++)
		n += is_counted(f->members[i]);
	return n == 2;
}

static void overlap_sample(void *state, struct recording *r, int64_t now)
{
	struct overlap *o = state;
	bool grown = r->memory.bytes / 11 > o->total / 10;
	bool old = now - o->read_at > AGAIN && r->memory.bytes / 9 > r->memory.peak / 10;
	if (o->reading || now < o->purse.not_before || !(grown || old) || !is_family(&r->family))
		return;
	o->reading = true;
	o->next = 0;
	o->cost = 0;
	o->now = (struct sums){ 0 };
	o->total = r->memory.bytes;
	o->read_at = now;
}

static int64_t overlap_wait(const void *state, const struct recording *r, int64_t now)
{
	const struct overlap *o = state;
	(void)r;
	(void)now;
	return o->reading ? 0 : -1;
}

static void read_member(struct overlap *o, pid_t pid)
{
	struct procfs file;
	char text[SOURCE_TEXT];
	struct sums one;
	if (rollup_open(&file, pid) < 0)
		return;
	if (rollup_fetch(&file, text) == 0 && procfs_parse_kb(text, "Rss:", &one.rss) == 0 &&
	    procfs_parse_kb(text, "Pss:", &one.pss) == 0) {
		o->now.rss += one.rss;
		o->now.pss += one.pss;
	}
	procfs_close(&file);
}

static void overlap_look(void *state, struct recording *r, int64_t now)
{
	struct overlap *o = state;
	const struct family *f = &r->family;
	int64_t before = clock_cpu();
	while (o->next < f->n && !is_counted(f->members[o->next]))
		o->next++;
	if (o->next < f->n)
		read_member(o, f->members[o->next++]->pid);
	o->cost += clock_cpu() - before;
	if (o->next < f->n)
		return;
	o->reading = false;
	purse_pay(&o->purse, now, o->cost);
	if (o->now.rss > o->most.rss)
		o->most = o->now;
}

static void overlap_end(void *state, struct recording *r)
{
	const struct overlap *o = state;
	char rss[FIGURE_SIZE], pss[FIGURE_SIZE];
	if (o->most.rss == 0)
		return;
	const struct profile_pair pairs[] = { { "tree_rss", figure_write(rss, o->most.rss) },
					      { "tree_pss", figure_write(pss, o->most.pss) } };
	profile_put_meta(&r->writer, pairs, 2);
}

/* More than a fifth, and more than the libraries that everybody shares. */
static bool is_worth_saying(const struct sums *f)
{
	return f->rss / 6 > f->pss / 5 && f->rss - f->pss > ((uint64_t)16 << 20);
}

static int overlap_say(void *state, const struct recording *r, int status)
{
	const struct overlap *o = state;
	char rss[FORMAT_SIZE], pss[FORMAT_SIZE];
	if (is_worth_saying(&o->most) && !r->options.quiet && isatty(STDERR_FILENO))
		notice("the peak counts shared pages once for each process: when the tree's RSS "
		       "was %s, its PSS was %s; -b pss records that",
		       figure_say(rss, o->most.rss), figure_say(pss, o->most.pss));
	return status;
}

const struct probe probe_overlap = {
	.state_size = sizeof(struct overlap),
	.open = overlap_open,
	.sample = overlap_sample,
	.wait = overlap_wait,
	.look = overlap_look,
	.end = overlap_end,
	.say = overlap_say,
};
