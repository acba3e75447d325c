#include "recorder/source/metrics.h"

#include <errno.h>

#include "tests/check.h"

static int parse(const char *text, struct metrics *m)
{
	char bad[METRICS_WORD];
	return metrics_parse(text, m, bad);
}

static void one_and_several(void)
{
	struct metrics m;
	CHECK_INT(parse("rss", &m), 0);
	CHECK_INT(m.n, 1);
	CHECK_INT(parse("pss,swap,cgroup.file", &m), 0);
	CHECK_INT(m.n, 3);
	CHECK_STR(m.sources[0]->name, "pss");
	CHECK_STR(m.sources[2]->name, "cgroup.file");
	CHECK(m.sources[2]->common);
	CHECK(!m.gpu);
}

static void other_names(void)
{
	CHECK_STR(metrics_first("psutil_uss,rss")->name, "uss");
	struct metrics m;
	CHECK_INT(parse("psutil,posix", &m), -EEXIST);
}

static void vram(void)
{
	struct metrics m;
	CHECK_INT(parse("gpu", &m), 0);
	CHECK_STR(m.sources[0]->name, "rss");
	CHECK(m.gpu);
	CHECK_INT(parse("pss,gpu,swap", &m), 0);
	CHECK_INT(m.n, 2);
	CHECK(metrics_name_gpu("rss,gpu"));
	CHECK(!metrics_name_gpu("rss"));
	CHECK_INT(parse("gpu,gpu", &m), -EEXIST);
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
		CHECK_INT(parse(bad[i], &m), -ENOENT);
	CHECK(metrics_first("nonsense") == NULL);
}

int main(void)
{
	RUN(one_and_several);
	RUN(other_names);
	RUN(vram);
	RUN(nonsense);
	return DONE();
}
