#include "recorder/source/metric_list.h"

#include <errno.h>

#include "tests/check.h"

static void one_and_several(void)
{
	struct metric_list m;
	CHECK_INT(metric_list_parse("rss", &m), 0);
	CHECK_INT(m.n, 1);
	CHECK_INT(metric_list_parse("pss,swap,cgroup.file", &m), 0);
	CHECK_INT(m.n, 3);
	CHECK_STR(m.sources[0]->metric->name, "pss");
	CHECK_STR(m.sources[2]->metric->name, "cgroup.file");
	CHECK(source_is_common(m.sources[2]));
	CHECK(!m.gpu);
}

static void other_names(void)
{
	struct metric_list m;
	CHECK_INT(metric_list_parse("psutil_uss,rss", &m), 0);
	CHECK_STR(m.sources[0]->metric->name, "uss");
	CHECK_INT(metric_list_parse("psutil,posix", &m), -EEXIST);
}

static void vram(void)
{
	struct metric_list m;
	CHECK_INT(metric_list_parse("gpu", &m), 0);
	CHECK_STR(m.sources[0]->metric->name, "rss");
	CHECK(m.gpu);
	CHECK_INT(metric_list_parse("pss,gpu,swap", &m), 0);
	CHECK_INT(m.n, 2);
	CHECK_INT(metric_list_parse("rss,gpu", &m), 0);
	CHECK(m.gpu);
	CHECK_INT(metric_list_parse("gpu,gpu", &m), -EEXIST);
}

static void nonsense(void)
{
	static const char *const bad[] = {
		"",        ",",        "rss,",
		",rss",    "rss,,pss", "rs",
		"rss pss", "RSS",      "a-name-that-is-longer-than-any-metric-could-ever-be"
	};
	struct metric_list m;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(metric_list_parse(bad[i], &m), -ENOENT);
	CHECK_INT(metric_list_parse("pss,nonsense", &m), -ENOENT);
	CHECK_STR(m.wrong, "nonsense");
	CHECK_INT(m.error, -ENOENT);
}

static void whose_they_are(void)
{
	struct metric_list m = METRIC_LIST_DEFAULT;
	CHECK(!metric_list_has_group(&m));
	metric_list_parse("rss,cgroup.anon", &m);
	CHECK(metric_list_has_group(&m));
	metric_list_parse("system", &m);
	CHECK(!metric_list_has_group(&m));
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
