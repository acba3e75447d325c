#include "recorder/library/file.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/arguments.h"
#include "recorder/library/registry.h"
#include "recorder/recording/naming.h"
#include "share/version.h"

enum { COMMAND_SIZE = 1 << 17, AT_ONCE = 1 << 16 };

static void put_command(struct profile_writer *writer)
{
	char *text = malloc(COMMAND_SIZE);
	char **arguments = text ? arguments_of(getpid(), text, COMMAND_SIZE) : NULL;
	char *unknown[] = { (char[]){ "?" }, NULL };
	profile_put_cmdline(writer, arguments && arguments[0] ? arguments : unknown);
	free(arguments);
	free(text);
}

int file_put_head(const struct mprof_recorder *r, struct profile_writer *writer)
{
	char interval[32], pid[16], start[32], host[HOST_NAME_MAX + 1] = "";
	snprintf(interval, sizeof interval, "%g", r->options.interval);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	snprintf(start, sizeof start, "%" PRId64 ".%06d", r->sampler.epoch / 1000000000,
		 (int)(r->sampler.epoch / 1000 % 1000000));
	gethostname(host, sizeof host - 1);
	const struct profile_pair pairs[] = {
		{ "format", "1" },
		{ "tool", "libmprof-c/" MPROF_VERSION },
		{ "metric", r->options.metric },
		{ "interval", interval },
		{ "pid", pid },
		{ "host", host },
		{ "start", start },
		{ "clock", "monotonic" },
		{ "tree", r->options.tree ? "1" : "0" },
		{ "children", "0" },
		{ "rank", naming_rank() },
	};
	size_t n = sizeof pairs / sizeof *pairs;
	put_command(writer);
	return profile_put_meta(writer, pairs, naming_rank() ? n : n - 1);
}

int file_put_foot(const struct mprof_recorder *r, struct profile_writer *writer,
		  const struct mprof_summary *summary)
{
	return profile_put(writer,
			   &(struct profile_record){
				   .kind = PROFILE_EXIT,
				   .status = PROFILE_STATUS_UNKNOWN,
				   .at.us = recorder_us(r, summary->seconds),
				   .peak = sample_umib(summary->peak_is_exact ? summary->peak : 0),
				   .samples = summary->samples,
				   .missed = summary->missed,
			   });
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
