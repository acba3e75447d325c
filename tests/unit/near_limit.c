/* What is written ahead of an end that nobody could write, in a machine of version 2 that is made
 * up. */
#include "recorder/kernel/cgroup.h"
#include "recorder/probe_table.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "tests/pretend.h"

extern const struct probe probe_near_limit;

const struct program this_program = { .name = "test" };

static const struct probe *const alone[] = { &probe_near_limit, NULL };
static const int64_t MS = 1000000, OLD = 60000000000; /* ns; it goes on for so long */
static const uint64_t MIB = 1 << 20;
static struct recording r;
static struct cgroup group;
static int64_t now;

/* Everything charged, and what of it is a cache that goes first. */
static void hold(unsigned usage, unsigned inactive)
{
	pretend_put("/group/memory.current", "%llu\n", (unsigned long long)usage << 20);
	pretend_put("/group/memory.stat", "anon 5\nfile 6\ninactive_file %llu\n",
		    (unsigned long long)inactive << 20);
}

static void count(unsigned ooms, unsigned kills)
{
	pretend_put("/group/memory.events", "low 0\nhigh 0\nmax 9\noom %u\noom_kill %u\n", ooms,
		    kills);
}

static void begin(bool whole)
{
	char path[PATH_MAX];
	pretend_begin();
	count(3, 2);
	hold(10, 0);
	pretend_put("/group/memory.oom.group", "%d\n", whole);
	group = (struct cgroup){ .unified = true };
	snprintf(group.folder, sizeof group.folder, "%s", pretend_path(path, "/group"));
	CHECK_INT(recording_init(&r, alone), -1);
	r.limit = (struct limit_result){ .bytes = 1000 * MIB, .kills = true, .group = &group };
	now = 1000 * MS;
	r.us = 1700000000000000;
	r.sampler = (struct sampler){ .interval = 100 * MS,
				      .first = now - OLD,
				      .epoch = (r.us * 1000) - OLD };
	probes_open(&r.probes, &r);
}

/* What a look after so long adds. */
static const char *after(int64_t ms)
{
	static char text[4096];
	now += ms * MS;
	r.us += ms * 1000;
	r.writer.used = 0;
	probes_sample(&r.probes, &r, now);
	snprintf(text, sizeof text, "%.*s", (int)r.writer.used,
		 r.writer.used ? r.writer.buffer : "");
	return text;
}

static void end(void)
{
	r.writer.used = 0;
	recording_close(&r);
	pretend_end();
}

static void counts_are_told_at_the_beginning_and_when_they_change(void)
{
	begin(true);
	CHECK_STR(after(0), "META cgroup_oom=3\nMETA cgroup_oom_kill=2\nMETA cgroup_oom_group=1\n");
	CHECK_STR(after(1000), "");
	count(5, 2);
	CHECK_STR(after(500), ""); /* not looked at: it is far from the limit */
	CHECK_STR(after(500), "META cgroup_oom_more=2\n");
	count(5, 3);
	CHECK_STR(after(1000), "META cgroup_oom_kill_more=1\n");
	end();
}

static void near_the_limit_the_figure_is_told(void)
{
	begin(false);
	after(0);
	hold(600, 0);
	CHECK_STR(after(1000), "");
	hold(950, 0);
	CHECK_STR(after(100), "META cgroup_held=950.000000 cgroup_held_at=1700000001.100000\n");
	CHECK_INT(r.group.most, 950 * MIB);
	hold(951, 0);
	CHECK_STR(after(100), "");
	hold(990, 0);
	CHECK_STR(after(50), "META cgroup_held=990.000000 cgroup_held_at=1700000001.250000\n");
	hold(960, 0); /* what is no more must not stand there */
	CHECK_STR(after(100), "META cgroup_held=960.000000 cgroup_held_at=1700000001.350000\n");
	hold(300, 0);
	CHECK_STR(after(100), "META cgroup_held=300.000000 cgroup_held_at=1700000001.450000\n");
	CHECK_STR(after(1000), "");
	CHECK_INT(r.group.most, 990 * MIB);
	CHECK_INT(r.group.us, 1700000001250000);
	end();
}

/* Who grows fast may be at the limit before the next tick. */
static void the_faster_it_rises_the_sooner_the_next_look(void)
{
	begin(false);
	CHECK_INT(probes_wait(&r.probes, &r, now), 0);
	after(0);
	CHECK_INT(probes_wait(&r.probes, &r, now), 1000 * MS);
	hold(210, 0); /* by 200 in a second: 790 more take 4 */
	after(1000);
	CHECK_INT(probes_wait(&r.probes, &r, now), 1000 * MS);
	hold(610, 0); /* 390 more take 975 ms */
	after(1000);
	CHECK_INT(probes_wait(&r.probes, &r, now), 100 * MS);
	hold(860, 0); /* by 250 in 100 ms: 140 more take 56 */
	after(100);
	CHECK_INT(probes_wait(&r.probes, &r, now), 28 * MS);
	hold(960, 0);
	now += 28 * MS;
	r.writer.used = 0;
	probes_look(&r.probes, &r, now);
	CHECK_INT(probes_wait(&r.probes, &r, now), 5600000);
	r.limit.kills = false;
	CHECK_INT(probes_wait(&r.probes, &r, now), -1);
	end();
	begin(false);
	r.sampler.first = now - 80 * MS; /* it is young */
	after(0);
	CHECK_INT(probes_wait(&r.probes, &r, now), 10 * MS);
	end();
}

/* It is given back before anybody is killed. */
static void a_cache_is_no_use(void)
{
	begin(false);
	after(0);
	hold(1000, 800);
	CHECK_STR(after(1000), "");
	CHECK_INT(r.group.most, 200 * MIB);
	end();
}

static void without_a_limit_nothing_is_near(void)
{
	begin(false);
	r.limit.bytes = 0;
	r.limit.kills = false;
	after(0);
	hold(999, 0);
	CHECK_STR(after(1000), "");
	CHECK_INT(r.group.most, 0);
	end();
	begin(false);
	r.limit.group = NULL;
	CHECK_STR(after(0), "");
	end();
}

static void another_group_has_other_counts(void)
{
	begin(false);
	after(0);
	count(7, 4);
	after(1000);
	count(90, 80);
	r.limit.moves++;
	CHECK_STR(after(1), "META cgroup_oom=90\nMETA cgroup_oom_kill=80\nMETA "
			    "cgroup_oom_group=0\n");
	count(90, 81);
	CHECK_STR(after(1000), "META cgroup_oom_kill_more=3\n");
	end();
}

static void the_last_look_is_at_the_end(void)
{
	begin(false);
	after(0);
	count(4, 3);
	r.writer.used = 0;
	probes_end(&r.probes, &r);
	CHECK(r.writer.used > 0 && strstr(r.writer.buffer, "cgroup_oom_kill_more=1") != NULL);
	end();
}

int main(void)
{
	RUN(counts_are_told_at_the_beginning_and_when_they_change);
	RUN(near_the_limit_the_figure_is_told);
	RUN(the_faster_it_rises_the_sooner_the_next_look);
	RUN(a_cache_is_no_use);
	RUN(without_a_limit_nothing_is_near);
	RUN(another_group_has_other_counts);
	RUN(the_last_look_is_at_the_end);
	return DONE();
}
