#include "share/metrics.h"

#include <string.h>

#include "tests/check.h"

static void each_has_its_words(void)
{
	size_t n = 0;
	for (const struct metric *const *m = all_metrics; *m; m++, n++) {
		CHECK(metric_find((*m)->name) == *m);
		CHECK((*m)->brief && (*m)->label && (*m)->unit);
		CHECK(strpbrk((*m)->name, " ,") == NULL);
		CHECK(strstr(METRIC_WORDS, (*m)->name));
	}
	CHECK(n > 10);
}

static void other_names(void)
{
	CHECK(metric_find("psutil_uss") == &metric_uss);
	CHECK(metric_find("posix") == &metric_rss);
	CHECK(metric_find("psutil posix") == NULL);
	CHECK(metric_find("") == NULL);
	CHECK(metric_find(NULL) == NULL);
}

static void whose_it_is(void)
{
	CHECK(metric_scope("rss") == NULL);
	CHECK_STR(metric_scope("cgroup.file"), " of the control group");
	CHECK_STR(metric_scope("system"), " of the machine");
}

static void what_is_not_known_has_its_name(void)
{
	CHECK_STR(metric_label("vms"), "virtual (VMS)");
	CHECK_STR(metric_brief("vms"), "VMS");
	CHECK_STR(metric_label("future"), "future");
	CHECK_STR(metric_brief("future"), "future");
	CHECK(metric_scope("future") == NULL);
}

int main(void)
{
	RUN(each_has_its_words);
	RUN(other_names);
	RUN(whose_it_is);
	RUN(what_is_not_known_has_its_name);
	return DONE();
}
