/* A recording that is followed: what comes, what becomes of the file, and when it is over. */
#include "plotter/live/session.h"

#include <errno.h>

#include "tests/recorded.h"

static const int64_t LATER = 5000000000; /* ns: nothing keeps it from being looked at again */

static void it_takes_what_comes(void)
{
	struct recorded r;
	struct session s;
	recorded_begin(&r, RECORDED_HEAD);
	CHECK_INT(session_open(&s, r.path, NULL), 0);
	CHECK(!s.figures.sampled && !session_is_over(&s));
	int64_t now = session_now();
	CHECK(session_step(&s, now += LATER) >= 0);
	CHECK(!s.figures.sampled);
	recorded_samples(&r, 0, 10, 100, 1);
	CHECK_INT(session_step(&s, now += LATER), 1);
	CHECK(s.figures.sampled);
	CHECK_NEAR(s.figures.now, 109, 1e-6);
	CHECK_NEAR(s.figures.elapsed, 0.9, 1e-6);
	CHECK_STR(s.note, "");
	recorded_text(&r, "MEM 300.0"); /* not yet a line */
	session_step(&s, now += LATER);
	CHECK_NEAR(s.figures.now, 109, 1e-6);
	session_close(&s);
	recorded_end(&r);
}

static void it_is_not_looked_at_all_the_time(void)
{
	struct recorded r;
	struct session s;
	recorded_begin(&r, RECORDED_HEAD);
	recorded_samples(&r, 0, 10, 100, 0);
	CHECK_INT(session_open(&s, r.path, NULL), 0);
	recorded_samples(&r, 1, 1, 200, 0);
	CHECK_INT(session_step(&s, s.due - 1), 0);
	CHECK_NEAR(s.figures.now, 100, 1e-6);
	CHECK(session_wait(&s, s.due - 100000000) >= 100);
	CHECK_INT(session_step(&s, s.due), 1);
	CHECK_NEAR(s.figures.now, 200, 1e-6);
	session_close(&s);
	recorded_end(&r);
}

static void it_ends(void)
{
	struct recorded r;
	struct session s;
	recorded_begin(&r, RECORDED_HEAD);
	recorded_samples(&r, 0, 10, 100, 0);
	CHECK_INT(session_open(&s, r.path, NULL), 0);
	recorded_text(&r, "EXIT 3 1700000001.000000 120.0 10 0\n");
	CHECK_INT(session_step(&s, session_now() + LATER), 1);
	CHECK_INT(s.state, VIEW_ENDED);
	CHECK_STR(s.end, "exited with 3");
	CHECK_INT(session_step(&s, session_now() + 3 * LATER), 0); /* that is the end of it */
	session_close(&s);
	recorded_end(&r);
}

static void a_recorder_that_has_gone_leaves_it_broken(void)
{
	struct recorded r;
	struct session s;
	recorded_begin(&r, RECORDED_HEAD);
	recorded_samples(&r, 0, 10, 100, 0);
	CHECK_INT(session_open(&s, r.path, NULL), 0);
	recorded_stop(&r);
	CHECK_INT(session_step(&s, session_now() + LATER), 1);
	CHECK_INT(s.state, VIEW_BROKEN);
	CHECK(*s.end);
	session_close(&s);
	recorded_end(&r);
}

static void samples_that_were_due_are_missed(void)
{
	struct recorded r;
	struct session s;
	recorded_begin(&r, RECORDED_HEAD);
	recorded_samples(&r, 0, 10, 100, 0);
	CHECK_INT(session_open(&s, r.path, NULL), 0);
	int64_t begin = s.changed;
	session_step(&s, begin + 1000000000);
	CHECK_NEAR(s.silence, 0, 1e-9); /* a second may be anything */
	CHECK_INT(session_step(&s, begin + LATER), 1);
	CHECK_NEAR(s.silence, 5, 0.01);
	CHECK_INT(s.state, VIEW_RECORDING);
	session_close(&s);
	recorded_end(&r);
}

static void what_becomes_of_the_file_is_said(void)
{
	struct recorded r, other;
	struct session s;
	recorded_begin(&r, RECORDED_HEAD);
	recorded_samples(&r, 0, 10, 100, 0);
	CHECK_INT(session_open(&s, r.path, NULL), 0);
	CHECK_INT(ftruncate(fileno(r.file), 60), 0);
	CHECK_INT(session_step(&s, session_now() + LATER), 1);
	CHECK(strstr(s.note, "cut off"));
	*s.note = '\0';
	recorded_begin(&other, RECORDED_HEAD);
	recorded_samples(&other, 0, 5, 50, 0);
	CHECK_INT(rename(other.path, r.path), 0);
	CHECK_INT(session_step(&s, session_now() + 2 * LATER), 1);
	CHECK(strstr(s.note, "another file"));
	CHECK_NEAR(s.figures.now, 50, 1e-6);
	*s.note = '\0';
	unlink(r.path);
	CHECK_INT(session_step(&s, session_now() + 3 * LATER), 1);
	CHECK(s.lost);
	session_close(&s);
	recorded_end(&r);
	recorded_end(&other);
}

static void what_is_no_file_is_refused(void)
{
	struct session s;
	CHECK_INT(session_open(&s, "/nowhere/a.dat", NULL), -ENOENT);
	session_close(&s);
	CHECK_INT(session_open(&s, "/dev/null", NULL), -EINVAL);
	session_close(&s);
}

int main(void)
{
	RUN(it_takes_what_comes);
	RUN(it_is_not_looked_at_all_the_time);
	RUN(it_ends);
	RUN(a_recorder_that_has_gone_leaves_it_broken);
	RUN(samples_that_were_due_are_missed);
	RUN(what_becomes_of_the_file_is_said);
	RUN(what_is_no_file_is_refused);
	return DONE();
}
