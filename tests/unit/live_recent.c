#include "plotter/live/recent.h"

#include "tests/check.h"

static const int64_t SECOND = 1000000;

static void put(struct recent *recent, double seconds, double mib)
{
	struct sample sample = { 1700000000 * SECOND + (int64_t)(seconds * 1e6 + 0.5),
				 (int64_t)(mib * 1e6 + 0.5) };
	CHECK_INT(recent_sink.samples(recent, &sample, 1), 0);
}

static void the_last_minute_is_kept(void)
{
	struct recent recent = { 0 };
	struct profile_series made;
	struct sample then;
	CHECK_INT(recent_begin(&recent), 0);
	CHECK(!recent_minute_ago(&recent.memory, &then));
	for (int i = 0; i <= 1000; i++) /* 100 s */
		put(&recent, i * 0.1, i == 450 ? 900 : i == 300 ? 5000 : 100 + i);
	CHECK_INT(recent_series_make(&made, &recent.memory, RECENT_MINUTE), 0);
	CHECK(made.samples >= 600 && made.samples <= 602);
	CHECK_INT(made.last.umib, 1100 * SECOND);
	CHECK_INT(made.peak.umib, 1100 * SECOND); /* what was higher is longer ago */
	CHECK(recent_minute_ago(&recent.memory, &then));
	CHECK_NEAR((double)(made.last.us - then.us) / 1e6, 60, 0.11);
	columns_free(&made.columns);
	CHECK_INT(recent_series_make(&made, &recent.memory, RECENT_MINUTES), 0);
	CHECK_INT(made.samples, 1001);
	CHECK_INT(made.peak.umib, 5000 * SECOND);
	columns_free(&made.columns);
	recent_free(&recent);
}

static void after_a_hole_nothing_old_is_told(void)
{
	struct recent recent = { 0 };
	struct profile_series made;
	CHECK_INT(recent_begin(&recent), 0);
	put(&recent, 0, 100);
	put(&recent, 3600, 200);
	CHECK_INT(recent_series_make(&made, &recent.memory, RECENT_MINUTES), 0);
	CHECK_INT(made.samples, 1);
	CHECK_INT(made.peak.umib, 200 * SECOND);
	columns_free(&made.columns);
	recent_free(&recent);
}

static void each_device_has_its_own(void)
{
	struct recent recent = { 0 };
	struct profile_record record = { .kind = PROFILE_GPU,
					 .text = "0",
					 .at = { 1700000000 * SECOND, 7 * SECOND } };
	CHECK_INT(recent_begin(&recent), 0);
	CHECK(recent_of_gpu(&recent, "0") == NULL);
	for (int i = 0; i < RECENT_MOST_GPUS + 3; i++) {
		char name[8];
		snprintf(name, sizeof name, "%d", i);
		record.text = name;
		CHECK_INT(recent_sink.record(&recent, &record), 0);
	}
	CHECK_INT(recent.n_gpus, RECENT_MOST_GPUS);
	CHECK(recent_of_gpu(&recent, "15") != NULL);
	CHECK(recent_of_gpu(&recent, "16") == NULL);
	record = (struct profile_record){ .kind = PROFILE_CMDLINE, .text = "./other" };
	CHECK_INT(recent_sink.record(&recent, &record), 0); /* another run */
	CHECK_INT(recent.n_gpus, 0);
	recent_free(&recent);
}

int main(void)
{
	RUN(the_last_minute_is_kept);
	RUN(after_a_hole_nothing_old_is_told);
	RUN(each_device_has_its_own);
	return DONE();
}
