#include "recorder/library/recorder.h"
#include "recorder/kernel/own_procfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "recorder/library/answers.h"
#include "recorder/library/file.h"
#include "recorder/library/own_peak.h"
#include "recorder/library/registry.h"
#include "recorder/library/sampling.h"
#include "recorder/source/source.h"

static const size_t FEWEST = 8;

static void wait_while(struct mprof_recorder *r, enum recorder_state state)
{
	pthread_mutex_lock(&r->lock);
	while (r->state == state)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

/* ---- starting ---- */

static int check(struct mprof_options *o)
{
	static const struct mprof_options none;
	if (o->interval == 0)
		o->interval = 0.1;
	if (!o->metric)
		o->metric = "rss";
	return o->interval >= SAMPLER_SHORTEST && o->interval <= SAMPLER_LONGEST &&
			       source_find(o->metric) && (o->most == 0 || o->most >= FEWEST) &&
			       o->bound <= MPROF_RING && o->high_water <= MPROF_KEEP &&
			       (o->tree == 0 || o->tree == 1) &&
			       memcmp(o->reserved, none.reserved, sizeof o->reserved) == 0
		       ? 0
		       : -EINVAL;
}

static void prepare_locks(struct mprof_recorder *r)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&r->lock, NULL);
}

static int open_file(struct mprof_recorder *r, const char *path)
{
	int e = own_file_create(&r->file, path);
	if (e == 0)
		e = profile_clear(&r->file.writer);
	if (e == 0)
		e = own_file_create(&r->marks, path);
	return e;
}

static int open_all(struct mprof_recorder *r, const char *path)
{
	int e = source_try(r->source, getpid());
	if (e == 0)
		e = store_open(&r->store, r->options.most, r->options.bound == MPROF_RING);
	if (e == 0)
		e = family_open(&r->family, getpid(), r->source, NULL);
	if (e == 0 && path)
		e = open_file(r, path);
	return e;
}

static void close_all(struct mprof_recorder *r)
{
	own_file_finish(&r->file);
	own_file_finish(&r->marks);
	family_close(&r->family);
}

static void destroy(struct mprof_recorder *r)
{
	store_close(&r->store);
	free(r->events.buffer);
	free(r->copy);
	if (r->state != RECORDER_GONE) /* else it would wait for the parent's thread, for ever */
		pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void prepare_peak(struct mprof_recorder *r)
{
	enum mprof_high_water wish = r->options.high_water;
	bool reset =
		wish == MPROF_RESET || (wish == MPROF_RESET_IF_ALONE && !registry_is_recorded());
	if (reset && registry_reset_peak() == 0)
		return;
	r->peak_is_lost = own_peak_read(&r->floor) < 0;
}

/* With the registry's lock: nobody forks meanwhile, and no mark comes before the first sample. */
static int start(struct mprof_recorder *r)
{
	prepare_peak(r);
	int e = sampling_start(r);
	if (e < 0)
		return e;
	wait_while(r, RECORDER_STARTS);
	registry_add(r);
	return 0;
}

/* Before there is a thread to see it change. */
__attribute__((constructor)) static void be_a_guest(void)
{
	procfs_is_guest = true;
}

static struct mprof_recorder *make(const struct mprof_options *options)
{
	struct mprof_recorder *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	prepare_locks(r);
	r->options = *options;
	r->options.path = NULL; /* the caller's */
	r->source = source_find(options->metric);
	r->options.metric = r->source->metric->name;
	r->file.writer.fd = r->marks.writer.fd = r->events.fd = -1;
	r->options.tree &= !source_is_common(r->source);
	family_prepare(&r->family, r->options.tree ? FAMILY_DESCENDS : FAMILY_ALONE);
	return r;
}

struct mprof_recorder *mprof_start(const struct mprof_options *options)
{
	struct mprof_options filled = options ? *options : (struct mprof_options){ 0 };
	int e = check(&filled);
	if (e == 0)
		e = own_procfs_check();
	struct mprof_recorder *r = e == 0 ? make(&filled) : NULL;
	if (!r) {
		errno = e ? -e : ENOMEM;
		return NULL;
	}
	e = open_all(r, filled.path);
	if (e == 0) {
		registry_lock();
		e = start(r);
		registry_unlock();
	}
	if (e == 0)
		return r;
	close_all(r);
	destroy(r);
	errno = -e;
	return NULL;
}

/* ---- stopping ---- */

/* True: it is ours to end. */
static bool ask_to_stop(struct mprof_recorder *r)
{
	pthread_mutex_lock(&r->lock);
	bool ours = r->state == RECORDER_RUNS;
	if (ours) {
		r->state = RECORDER_IS_TO_STOP;
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return ours;
}

/* With the registry's lock, after the thread. */
static void settle(struct mprof_recorder *r)
{
	struct mprof_summary summary;
	answers_summary(r, &summary);
	registry_remove(r);
	if (r->file.writer.fd >= 0)
		file_put_foot(&r->file.writer, recorder_us(r, summary.seconds), &summary);
	int e = own_file_finish(&r->file);
	pthread_mutex_lock(&r->lock);
	close_all(r);
	store_settle(&r->store);
	r->error = e == 0 && r->store.full ? -ENOMEM : e;
	r->known_peak = summary.peak;
	r->peak_is_lost = !summary.peak_is_exact;
	r->state = RECORDER_STOPPED;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

int mprof_stop(struct mprof_recorder *r)
{
	int e = -ESRCH;
	if (ask_to_stop(r)) {
		pthread_join(r->thread, NULL);
		registry_lock();
		settle(r);
		registry_unlock();
	}
	wait_while(r, RECORDER_IS_TO_STOP); /* another thread ends it */
	if (!answers_is_gone(r))
		e = r->error;
	errno = e < 0 ? -e : errno;
	return e < 0 ? -1 : 0;
}

/* In the child of a fork there is a copy of everything but the thread; what waits to be written is
 * the parent's. */
static void drop_file(struct own_file *file)
{
	file->writer.used = 0;
	own_file_finish(file);
}

void mprof_free(struct mprof_recorder *r)
{
	if (!r)
		return;
	int before = errno;
	mprof_stop(r);
	if (r->state == RECORDER_GONE) {
		drop_file(&r->file);
		drop_file(&r->marks);
		family_close(&r->family);
	}
	destroy(r);
	errno = before;
}
