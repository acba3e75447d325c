#include "recorder/recording/batch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/recording/recording.h"
#include "tests/check.h"

static const int64_t TICK = 100000000, MIB = 1 << 20;

static struct recording r;
static char path[] = "/tmp/mprof-batch-XXXXXX";
static int64_t now;

static off_t size(void)
{
	struct stat status;
	return fstat(r.writer.fd, &status) < 0 ? -1 : status.st_size;
}

static void begin(bool on)
{
	profile_finish(&r.writer);
	r = (struct recording){ .batch.on = on, .sampler.interval = TICK };
	CHECK_INT(profile_create(&r.writer, path, PROFILE_REPLACE), 0);
	CHECK_INT(profile_clear(&r.writer), 0);
	now = r.sampler.first = 5 * TICK;
}

/* One tick; did the file grow? */
static bool sample(int64_t mib)
{
	off_t before = size();
	sampler_pass(&r.sampler, now);
	r.memory.bytes = (uint64_t)(mib * MIB);
	if (r.memory.bytes > r.memory.peak)
		r.memory.peak = r.memory.bytes;
	profile_put_memory(&r.writer, now / 1000, r.memory.bytes);
	batch_flush(&r, now);
	now += r.sampler.interval;
	return size() > before;
}

static int writes(int samples, int64_t mib)
{
	int n = 0;
	for (int i = 0; i < samples; i++)
		n += sample(mib);
	return n;
}

static void alone_each_is_written(void)
{
	begin(false);
	CHECK_INT(writes(20, 100), 20);
}

static void whole_lines_gather(void)
{
	begin(true);
	CHECK(sample(100)); /* the head */
	CHECK_INT(writes(30, 100), 3);
	CHECK_INT(writes(20, 50), 2);
}

static void what_is_slower_is_written_at_once(void)
{
	begin(true);
	r.sampler.interval = 20 * TICK;
	CHECK_INT(writes(5, 100), 5);
}

static void a_new_peak_is_written(void)
{
	begin(true);
	writes(3, 1000);
	CHECK(!sample(1005));
	CHECK(sample(1011));
	CHECK(!sample(1020));
	CHECK(sample(1022));
}

static void near_the_limit_nothing_waits(void)
{
	begin(true);
	r.limit.bytes = (uint64_t)(1000 * MIB);
	sample(950);
	CHECK_INT(writes(5, 899), 0);
	CHECK_INT(writes(5, 901), 5);
	r.limit.used = (uint64_t)(990 * MIB); /* by all who share it */
	CHECK_INT(writes(5, 10), 5);
}

static void after_a_signal_nothing_waits(void)
{
	begin(true);
	writes(3, 100);
	off_t before = size();
	batch_hurry(&r, now);
	CHECK(size() > before);
	CHECK_INT(writes(20, 100), 20);
	now += 600 * TICK;
	sample(100);
	CHECK_INT(writes(30, 100), 3);
}

int main(void)
{
	int fd = mkstemp(path);
	if (fd >= 0)
		close(fd);
	r.writer.fd = -1;
	RUN(alone_each_is_written);
	RUN(whole_lines_gather);
	RUN(what_is_slower_is_written_at_once);
	RUN(a_new_peak_is_written);
	RUN(near_the_limit_nothing_waits);
	RUN(after_a_signal_nothing_waits);
	profile_finish(&r.writer);
	unlink(path);
	return DONE();
}
