#include "recorder/library/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/arguments.h"
#include "recorder/library/registry.h"
#include "recorder/recording/head.h"
#include "share/version.h"

enum { COMMAND_SIZE = 1 << 17, AT_ONCE = 1 << 16 };

int file_put_head(const struct mprof_recorder *r, struct profile_writer *writer)
{
	char *text = malloc(COMMAND_SIZE);
	char **arguments = text ? arguments_of(getpid(), text, COMMAND_SIZE) : NULL;
	char *unknown[] = { (char[]){ "?" }, NULL };
	const struct head head = {
		.tool = "libmprof-c/" MPROF_VERSION,
		.metric = r->options.metric,
		.interval = r->options.interval,
		.pid = getpid(),
		.epoch = r->sampler.epoch,
		.tree = r->options.tree,
		.command = arguments && arguments[0] ? arguments : unknown,
	};
	int e = head_put(&head, writer);
	free(arguments);
	free(text);
	return e;
}

int file_put_foot(const struct mprof_recorder *r, struct profile_writer *writer,
		  const struct mprof_summary *summary)
{
	return profile_put_exit(writer, PROFILE_STATUS_UNKNOWN, recorder_us(r, summary->seconds),
				summary->peak_is_exact ? summary->peak : 0, summary->samples,
				summary->missed);
}

/* ---- saving ---- */

/* Not the copy that mprof_samples hands out: another thread may ask for that meanwhile. */
static void put_samples(struct mprof_recorder *r, struct profile_writer *writer)
{
	struct mprof_sample *copy = NULL;
	const struct mprof_sample *samples;
	size_t n = recorder_samples(r, &copy, &samples);
	for (size_t i = 0; i < n; i++) {
		profile_put_memory(writer, recorder_us(r, samples[i].seconds), samples[i].bytes);
		if (writer->used >= AT_ONCE)
			profile_flush(writer);
	}
	free(copy);
}

static int save(struct mprof_recorder *r, const char *path)
{
	struct profile_writer writer;
	struct mprof_summary summary;
	int e = profile_create(&writer, path, true);
	if (e == 0)
		e = profile_clear(&writer);
	if (e < 0) {
		profile_finish(&writer);
		return e;
	}
	file_put_head(r, &writer);
	put_samples(r, &writer);
	if (r->events.used > 0)
		profile_put_lines(&writer, r->events.buffer, r->events.used);
	recorder_summary(r, &summary);
	file_put_foot(r, &writer, &summary);
	return profile_finish(&writer);
}

int mprof_save(const struct mprof_recorder *recorder, const char *path)
{
	struct mprof_recorder *r = (struct mprof_recorder *)recorder;
	registry_lock();
	int e = recorder_is_gone(r) ? -ESRCH : save(r, path);
	registry_unlock();
	errno = e < 0 ? -e : errno;
	return e < 0 ? -1 : 0;
}
