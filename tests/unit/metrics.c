#include "recorder/source/metrics.h"

#include <errno.h>

#include "tests/check.h"

static void one_and_several(void)
{
	struct metrics m;
	CHECK_INT(metrics_parse("rss", &m), 0);
	CHECK_INT(m.n, 1);
	CHECK_INT(metrics_parse("pss,swap,cgroup.file", &m), 0);
	CHECK_INT(m.n, 3);
	CHECK_STR(m.sources[0]->metric->name, "pss");
	CHECK_STR(m.sources[2]->metric->name, "cgroup.file");
	CHECK(source_is_common(m.sources[2]));
	CHECK(!m.gpu);
}

static void other_names(void)
{
	struct metrics m;
	CHECK_INT(metrics_parse("psutil_uss,rss", &m), 0);
	CHECK_STR(m.sources[0]->metric->name, "uss");
	CHECK_INT(metrics_parse("psutil,posix", &m), -EEXIST);
}

static void vram(void)
{
	struct metrics m;
	CHECK_INT(metrics_parse("gpu", &m), 0);
	CHECK_STR(m.sources[0]->metric->name, "rss");
	CHECK(m.gpu);
	CHECK_INT(metrics_parse("pss,gpu,swap", &m), 0);
	CHECK_INT(m.n, 2);
	CHECK_INT(metrics_parse("rss,gpu", &m), 0);
	CHECK(m.gpu);
	CHECK_INT(metrics_parse("gpu,gpu", &m), -EEXIST);
}

static void nonsense(void)
{
	static const char *const bad[] = {
		"",        ",",        "rss,",
		",rss",    "rss,,pss", "rs",
		"rss pss", "RSS",      "a-name-that-is-longer-than-any-metric-could-ever-be"
	};
	struct metrics m;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(metrics_parse(bad[i], &m), -ENOENT);
	CHECK_INT(metrics_parse("pss,nonsense", &m), -ENOENT);
	CHECK_STR(m.wrong, "nonsense");
	CHECK_INT(m.error, -ENOENT);
}

static void whose_they_are(void)
{
	struct metrics m = METRICS_DEFAULT;
	CHECK(!metrics_are_of_group(&m));
	metrics_parse("rss,cgroup.anon", &m);
	CHECK(metrics_are_of_group(&m));
	metrics_parse("system", &m);
	CHECK(!metrics_are_of_group(&m));
}

int main(void)
{
	RUN(one_and_several);
	RUN(other_names);
	RUN(vram);
	RUN(nonsense);
	RUN(whose_they_are);
	return DONE();
}
