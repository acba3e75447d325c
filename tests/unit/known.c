#include "share/known.h"

#include <string.h>

#include "tests/check.h"

/* What may be said of each metric: its highest sample, of a process and summed over a tree; the
 * kernel's mark of one process, and the sum of marks. */
static const struct {
	const char *metric;
	enum known alone, tree, mark, marks;
} natures[] = {
	{ "rss", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_EXACT, KNOWN_AT_MOST },
	{ "pss", KNOWN_AT_LEAST, KNOWN_AT_LEAST, KNOWN_AT_MOST, KNOWN_AT_MOST },
	{ "uss", KNOWN_AT_LEAST, KNOWN_AT_LEAST, KNOWN_UNKNOWN, KNOWN_UNKNOWN },
	{ "swap", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_UNKNOWN, KNOWN_UNKNOWN },
	{ "anon", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_AT_MOST, KNOWN_AT_MOST },
	{ "file", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_AT_MOST, KNOWN_AT_MOST },
	{ "shmem", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_AT_MOST, KNOWN_AT_MOST },
	{ "hugetlb", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_UNKNOWN, KNOWN_UNKNOWN },
	{ "vms", KNOWN_AT_LEAST, KNOWN_SAMPLED, KNOWN_UNKNOWN, KNOWN_UNKNOWN },
	{ "cgroup", KNOWN_AT_LEAST, KNOWN_AT_LEAST, KNOWN_EXACT, KNOWN_AT_MOST },
	{ "cgroup.anon", KNOWN_AT_LEAST, KNOWN_AT_LEAST, KNOWN_AT_MOST, KNOWN_AT_MOST },
	{ "system", KNOWN_AT_LEAST, KNOWN_AT_LEAST, KNOWN_UNKNOWN, KNOWN_UNKNOWN },
	{ NULL, KNOWN_SAMPLED, KNOWN_SAMPLED, KNOWN_UNKNOWN, KNOWN_UNKNOWN },
};

static enum known judge(const struct metric *metric, enum known_by by, bool sum, unsigned lacks)
{
	const struct known_how how = { metric, by, sum, lacks };
	return known_judge(&how);
}

static void each_metric_has_its_words(void)
{
	for (size_t i = 0; i < sizeof natures / sizeof *natures; i++) {
		const struct metric *m = metric_find(natures[i].metric);
		CHECK(m || !natures[i].metric);
		CHECK_INT(judge(m, KNOWN_BY_SAMPLES, false, 0), natures[i].alone);
		CHECK_INT(judge(m, KNOWN_BY_SAMPLES, true, 0), natures[i].tree);
		CHECK_INT(judge(m, KNOWN_BY_MARK, false, 0), natures[i].mark);
		CHECK_INT(judge(m, KNOWN_BY_MARKS, true, 0), natures[i].marks);
	}
}

/* In every combination of what it may lack. */
static void nothing_is_certain_that_is_not(void)
{
	static const unsigned missing = KNOWN_UNREAD | KNOWN_UNSEEN | KNOWN_LIVING | KNOWN_CUT;
	for (const struct metric *const *m = all_metrics; *m; m++)
		for (unsigned lacks = 0; lacks < 1u << N_KNOWN_LACKS; lacks++)
			for (int sum = 0; sum < 2; sum++) {
				enum known samples = judge(*m, KNOWN_BY_SAMPLES, sum, lacks);
				enum known mark = judge(*m, KNOWN_BY_MARK, sum, lacks);
				enum known marks = judge(*m, KNOWN_BY_MARKS, true, lacks);
				bool shares =
					sum && (*m)->owner == METRIC_OF_PROCESS && !(*m)->adds_up;
				CHECK(!known_is_bound(samples));
				CHECK(!shares || !known_is_reached(samples));
				CHECK(!(lacks & KNOWN_FELL_BACK) || !known_is_reached(samples));
				CHECK(!(lacks & KNOWN_STRETCHED) || !known_is_reached(samples));
				CHECK(!(lacks & KNOWN_NOTHING_READ) || samples == KNOWN_UNKNOWN);
				CHECK(!(lacks &
					(KNOWN_FLOOR | KNOWN_EARLY | KNOWN_CUT | KNOWN_UNRESET)) ||
				      mark != KNOWN_EXACT);
				CHECK(!(lacks & KNOWN_FLOOR) || !known_is_reached(mark));
				CHECK(!(lacks & missing) || !known_is_bound(marks));
				CHECK(!known_is_reached(marks));
			}
}

static void words(void)
{
	char text[KNOWN_SIZE];
	const struct known_how tree = { &metric_rss, KNOWN_BY_SAMPLES, true, KNOWN_UNREAD };
	CHECK_STR(known_say(text, &tree), "sampled: the highest sum of samples, shared pages "
					  "counted in each process; some processes could not be "
					  "read");
	const struct known_how alone = { &metric_uss, KNOWN_BY_SAMPLES, false, 0 };
	CHECK_STR(known_say(text, &alone), "at least: the highest sample");
	const struct known_how tiny = { &metric_rss, KNOWN_BY_MARK, false, KNOWN_FLOOR };
	CHECK_STR(known_say(text, &tiny), "at most: the kernel's own mark; below that the "
					  "recorder's own image hides it");
	const struct known_how all = { &metric_rss, KNOWN_BY_MARKS, true, ~0u };
	CHECK(strlen(known_say(text, &all)) < KNOWN_SIZE - 1);
	CHECK(strstr(text, "huge pages are not in it"));
}

static void a_recording_keeps_them(void)
{
	char text[KNOWN_SIZE];
	for (unsigned lacks = 0; lacks < 1u << N_KNOWN_LACKS; lacks++)
		CHECK_INT(known_read_lacks(known_write_lacks(text, lacks)), lacks);
	CHECK_STR(known_write_lacks(text, KNOWN_UNREAD | KNOWN_LIVING), "unread,living");
	CHECK_INT(known_read_lacks("future,unseen,,x"), KNOWN_UNSEEN);
	CHECK_INT(known_read_lacks(NULL), 0);
}

int main(void)
{
	RUN(each_metric_has_its_words);
	RUN(nothing_is_certain_that_is_not);
	RUN(words);
	RUN(a_recording_keeps_them);
	return DONE();
}
