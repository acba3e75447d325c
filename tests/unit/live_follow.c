#include "plotter/live/follow.h"

#include <errno.h>
#include <sys/stat.h>

#include "tests/recorded.h"

static void what_has_changed(void)
{
	struct recorded r;
	struct follow f;
	recorded_begin(&r, RECORDED_HEAD);
	CHECK_INT(follow_open(&f, r.path), 0);
	CHECK(f.profile == NULL);
	CHECK_INT(follow_read(&f), 0);
	CHECK_STR(f.profile->command, "./serve");
	CHECK_INT(follow_look(&f), FOLLOW_SAME);
	recorded_samples(&r, 0, 3, 10, 1);
	CHECK_INT(follow_look(&f), FOLLOW_MORE);
	CHECK_INT(follow_read(&f), 0);
	CHECK_INT(follow_look(&f), FOLLOW_SAME);
	CHECK_INT(f.profile->memory.samples, 3);
	CHECK_INT(f.profile->memory.last.umib, 12000000);
	unlink(r.path);
	CHECK_INT(follow_look(&f), FOLLOW_LOST);
	recorded_samples(&r, 1, 1, 20, 0);
	CHECK_INT(follow_read(&f), 0); /* it can still be read */
	CHECK_INT(f.profile->memory.samples, 4);
	follow_close(&f);
	recorded_end(&r);
}

static void a_file_that_begins_anew(void)
{
	struct recorded r;
	struct follow f;
	recorded_begin(&r, RECORDED_HEAD);
	recorded_samples(&r, 0, 3, 10, 1);
	CHECK_INT(follow_open(&f, r.path), 0);
	CHECK_INT(follow_read(&f), 0);
	CHECK_INT(ftruncate(fileno(r.file), 0), 0);
	rewind(r.file);
	recorded_text(&r,
		      "CMDLINE ./other\nMETA format=1 tool=mprof-c/1 metric=rss interval=0.1 pid=7 "
		      "start=1700000000.000000\n");
	recorded_samples(&r, 0, 9, 10, 1);
	CHECK_INT(follow_look(&f), FOLLOW_CUT); /* it is longer than it was */
	CHECK_INT(follow_again(&f), 0);
	CHECK_INT(follow_read(&f), 0);
	CHECK_STR(f.profile->command, "./other");
	CHECK_INT(f.profile->memory.samples, 9);
	follow_close(&f);
	recorded_end(&r);
}

static void what_is_no_regular_file(void)
{
	struct follow f;
	char path[] = "/tmp/mprof-unit-pipe-XXXXXX";
	CHECK(mkdtemp(path) != NULL);
	CHECK_INT(follow_open(&f, path), -EINVAL);
	follow_close(&f);
	rmdir(path);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(follow_open(&f, path), -EINVAL); /* and nobody is waited for */
	follow_close(&f);
	unlink(path);
	CHECK_INT(follow_open(&f, path), -ENOENT);
	follow_close(&f);
}

int main(void)
{
	RUN(what_has_changed);
	RUN(a_file_that_begins_anew);
	RUN(what_is_no_regular_file);
	return DONE();
}
