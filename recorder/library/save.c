#include <errno.h>
#include <stdlib.h>

#include "recorder/library/answers.h"
#include "recorder/library/file.h"
#include "recorder/library/registry.h"

enum { AT_ONCE = 1 << 16 }; /* bytes */

/* Not the copy that mprof_samples hands out: another thread may ask for that meanwhile. */
static void put_samples(struct mprof_recorder *r, struct profile_writer *writer)
{
	struct mprof_sample *copy = NULL;
	const struct mprof_sample *samples;
	size_t n = answers_samples(r, &copy, &samples);
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
	int e = profile_create(&writer, path, PROFILE_REPLACE);
	writer.guest = true;
	if (e == 0)
		e = profile_clear(&writer);
	if (e < 0) {
		profile_finish(&writer);
		return e;
	}
	writer.patience = -1; /* all of it is wanted at once, whoever reads it */
	file_put_head(r, &writer);
	put_samples(r, &writer);
	if (r->events.used > 0)
		profile_put_lines(&writer, r->events.buffer, r->events.used);
	answers_summary(r, &summary);
	file_put_foot(&writer, recorder_us(r, summary.seconds), &summary);
	return profile_finish(&writer);
}

int mprof_save(const struct mprof_recorder *recorder, const char *path)
{
	struct mprof_recorder *r = (struct mprof_recorder *)recorder;
	registry_lock();
	int e = answers_is_gone(r) ? -ESRCH : save(r, path);
	registry_unlock();
	errno = e < 0 ? -e : errno;
	return e < 0 ? -1 : 0;
}
