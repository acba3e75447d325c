#include "recorder/probes/threshold.h"

#include <errno.h>
#include <unistd.h>

#include "recorder/kernel/limit.h"
#include "tests/check.h"

static void sizes_and_actions(void)
{
	struct thresholds t = { .n = 0 };
	CHECK_INT(thresholds_add(&t, "2G:warn"), 0);
	CHECK_INT(thresholds_add(&t, "1.5MiB:stop"), 0);
	CHECK_INT(thresholds_add(&t, "90%:kill"), 0);
	CHECK_INT(thresholds_add(&t, "0.5%:run=echo a:b"), 0);
	CHECK_INT(t.n, 4);
	CHECK_INT(t.items[0].bytes, 2LL << 30);
	CHECK_INT(t.items[0].steps[0].action, ACTION_WARN);
	CHECK_INT(t.items[1].bytes, 3 << 19);
	CHECK_INT(t.items[1].steps[0].action, ACTION_STOP);
	CHECK_INT(t.items[2].bytes, 0);
	CHECK_NEAR(t.items[2].percent, 90, 0);
	CHECK_INT(t.items[3].steps[0].action, ACTION_RUN);
	CHECK_STR(t.items[3].command, "echo a:b");
	CHECK_STR(t.items[3].does, "run=echo a:b");
	CHECK(!t.items[3].gpu);
	CHECK_INT(thresholds_add(&t, "gpu:90%:stop"), 0);
	CHECK(t.items[4].gpu);
	CHECK_NEAR(t.items[4].percent, 90, 0);
	CHECK_STR(t.items[4].size, "gpu:90%:stop");
	CHECK_STR(t.items[4].does, "stop");
}

static void several_actions(void)
{
	struct thresholds t = { .n = 0 };
	CHECK_INT(thresholds_add(&t, "2G:term,kill=5"), 0);
	CHECK_INT(t.items[0].n_steps, 2);
	CHECK_INT(t.items[0].steps[0].action, ACTION_TERM);
	CHECK_INT(t.items[0].steps[0].after, 0);
	CHECK_INT(t.items[0].steps[1].action, ACTION_KILL);
	CHECK_INT(t.items[0].steps[1].after, 5000000000);
	CHECK_STR(t.items[0].does, "term,kill=5");
	CHECK_INT(thresholds_add(&t, "80%:mark,warn,stop=0.5,run=echo a,b"), 0);
	CHECK_INT(t.items[1].n_steps, 4);
	CHECK_INT(t.items[1].steps[2].after, 500000000);
	CHECK_INT(t.items[1].steps[3].action, ACTION_RUN);
	CHECK_STR(t.items[1].command, "echo a,b");
	CHECK_INT(thresholds_add(&t, "1G:warn,mark,warn,mark,warn,mark,warn,mark"), 0);
	CHECK_INT(thresholds_add(&t, "1G:warn,mark,warn,mark,warn,mark,warn,mark,run=a"), -ERANGE);
}

static void what_rises(void)
{
	struct thresholds t = { .n = 0 };
	CHECK_INT(thresholds_add(&t, "cgroup:90%:warn"), 0);
	CHECK_STR(t.items[0].of->metric->name, "cgroup.workingset");
	CHECK_INT(thresholds_add(&t, "cgroup.anon:1G:warn"), 0);
	CHECK_STR(t.items[1].of->metric->name, "cgroup.anon");
	CHECK_INT(thresholds_add(&t, "system:95%:stop"), 0);
	CHECK_STR(t.items[2].of->metric->name, "system");
	CHECK_INT(thresholds_add(&t, "2G:warn"), 0);
	CHECK(t.items[3].of == NULL);
	CHECK_INT(thresholds_add(&t, "memory:2G:warn"), -EINVAL);
	CHECK_INT(thresholds_add(&t, "cgroup:warn"), -EINVAL);
	CHECK_INT(thresholds_add(&t, "cgroup:90:warn"), -EDOM);
}

static void nonsense_is_refused(void)
{
	static const char *const bad[] = {
		"",          "2G",        "2G:",       ":warn",     "2G:wait",       "2G:warn ",
		"-1:warn",   "2G:run=",   "x%:warn",   "%:warn",    "2X:warn",       "gpu:warn",
		"gpu::warn", "gpu:2G",    "gpu:2G:",   "nan%:term", "2G:warn,",      "2G:,warn",
		"2G:kill=",  "2G:kill=x", "2G:warn=5", "2G:mark=1", "2G:term,,kill", "2G:warn,run="
	};
	static const char *const out[] = {
		"0:warn",     "0%:warn",   "101%:warn",  "-5%:warn",
		"1e30G:warn", "2G:kill=0", "2G:kill=-1", "2G:kill=86401"
	};
	struct thresholds t = { .n = 0 };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(thresholds_add(&t, bad[i]), -EINVAL);
	for (size_t i = 0; i < sizeof out / sizeof *out; i++)
		CHECK_INT(thresholds_add(&t, out[i]), -ERANGE);
	CHECK_INT(thresholds_add(&t, "200:warn"), -EDOM);
	CHECK_INT(thresholds_add(&t, "gpu:40:run=a"), -EDOM);
	CHECK_INT(t.n, 0);
}

static void there_is_a_bound(void)
{
	struct thresholds t = { .n = 0 };
	for (int i = 0; i < MOST_THRESHOLDS; i++)
		CHECK_INT(thresholds_add(&t, "1G:mark"), 0);
	CHECK_INT(thresholds_add(&t, "1G:mark"), -ERANGE);
	CHECK_INT(t.n, MOST_THRESHOLDS);
}

static void a_process_has_a_limit(void)
{
	uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t limit = limit_of(getpid()).bytes;
	CHECK(limit > 1 << 20);
	CHECK(limit <= machine);
}

int main(void)
{
	RUN(sizes_and_actions);
	RUN(several_actions);
	RUN(what_rises);
	RUN(nonsense_is_refused);
	RUN(there_is_a_bound);
	RUN(a_process_has_a_limit);
	return DONE();
}
