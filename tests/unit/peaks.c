/* The peaks probe, and --max-peak, in a machine that is made up. */
#include <signal.h>

#include "recorder/kernel/clock.h"
#include "recorder/probe_table.h"
#include "recorder/recording/recording.h"
#include "recorder/recording/verdict.h"
#include "share/command.h"
#include "share/fault.h"
#include "tests/pretend.h"

extern const struct probe probe_peaks, probe_max_peak;

enum { TARGET = 5000000 };
static const int64_t MS = 1000000;
static const uint64_t MIB = 1 << 20;

const struct program this_program = { .name = "test" };

static const struct probe *const both[] = { &probe_max_peak, &probe_peaks, NULL };
static struct recording r;
static int64_t now;

/* ---- the machine ---- */

/* What the target holds, and what its mark says. */
static void hold(uint64_t mib, uint64_t mark)
{
	pretend_process(TARGET, 1, "target", 'S', 100, mib * MIB / (uint64_t)sysconf(_SC_PAGESIZE));
	pretend_put("/proc/5000000/status", "Name:\ttarget\nVmHWM:\t%llu kB\n",
		    (unsigned long long)mark << 10);
}

static void set_options(char *option, char *value)
{
	static const struct command command = { .name = "peaks" };
	char name[] = "peaks", *argv[] = { name, option, value, NULL };
	struct option_table tables[4] = { { 0 } };
	int n;
	probes_options(&r.probes, false, tables);
	CHECK_INT(command_parse_tables(&command, OPERANDS_ANYWHERE, option ? value ? 3 : 2 : 1,
				       argv, tables, &n),
		  -1);
}

/* A target of ours that has held so much from the beginning. */
static void begin(char *option, char *value, uint64_t mib)
{
	pretend_begin();
	hold(mib, mib);
	pretend_put("/proc/5000000/clear_refs", "%s", "");
	now = clock_now();
	CHECK_INT(recording_init(&r, both), -1);
	set_options(option, value);
	r.source = &source_rss;
	CHECK_INT(probes_check(&r.probes, &r), -1);
	r.target = (struct target){ .pid = TARGET, .pidfd = -1, .ours = true, .alone = true };
	r.sampler = (struct sampler){ .interval = 100 * MS, .first = now };
	family_prepare(&r.family, FAMILY_ALONE);
	probes_started(&r.probes, &r);
	CHECK_INT(family_open(&r.family, TARGET, r.source, &(struct family_watcher){ 0 }), 0);
	probes_open(&r.probes, &r);
}

/* As the loop does. */
static void sample_after(int64_t ms)
{
	uint64_t total = 0;
	now += ms * MS;
	r.us = sampler_epoch_us(&r.sampler, now);
	CHECK_INT(family_sample(&r.family, now, &total), 0);
	r.memory.bytes = total;
	r.memory.samples++;
	r.memory.peak = total > r.memory.peak ? total : r.memory.peak;
	probes_sample(&r.probes, &r, now);
}

/* How many PEAK records there are; *mib: of the last. */
static int peaks(double *mib)
{
	int n = 0;
	char *text = r.writer.buffer, *end = text + r.writer.used;
	for (char *at = text; at && at < end; at = memchr(at, '\n', (size_t)(end - at))) {
		at += *at == '\n';
		if (end - at > 5 && memcmp(at, "PEAK ", 5) == 0) {
			*mib = strtod(at + 5, NULL);
			n++;
		}
		if (at == end)
			break;
	}
	return n;
}

static void finish(uint64_t ru_maxrss)
{
	r.target.ended = true;
	r.target.ru_maxrss = ru_maxrss;
	probes_end(&r.probes, &r);
	verdict_reach(&r);
}

static void end(void)
{
	r.writer.used = 0;
	recording_close(&r);
	pretend_end();
}

/* ---- tests ---- */

static void a_mark_above_the_samples_is_a_peak(void)
{
	double mib = 0;
	begin(NULL, NULL, 10);
	sample_after(0);
	CHECK_INT(peaks(&mib), 0);
	hold(12, 40);
	sample_after(100);
	CHECK_INT(peaks(&mib), 1);
	CHECK_NEAR(mib, 40, 0.001);
	CHECK_INT(r.peaks.high_water, 40 * MIB);
	CHECK_INT(r.peaks.most, 12 * MIB); /* of MEM, and it is not known when the mark rose */
	sample_after(100);
	CHECK_INT(peaks(&mib), 1);
	end();
}

static void marks_are_read_ever_more_seldom(void)
{
	double mib = 0;
	begin(NULL, NULL, 10);
	sample_after(0);
	sample_after(80000);
	hold(10, 50);
	sample_after(900);
	CHECK_INT(peaks(&mib), 0);
	sample_after(200);
	CHECK_INT(peaks(&mib), 1);
	end();
}

static void exact_marks_tell_of_each_interval(void)
{
	double mib = 0;
	char path[PATH_MAX], five[2] = "";
	begin((char[]){ "--exact" }, NULL, 10);
	sample_after(0);
	hold(10, 30);
	sample_after(100);
	CHECK_INT(peaks(&mib), 1);
	CHECK_NEAR(mib, 30, 0.001);
	CHECK_INT(r.peaks.most, 30 * MIB); /* for whoever acts on it */
	hold(10, 10);
	sample_after(100);
	CHECK_INT(peaks(&mib), 1);
	CHECK_INT(r.peaks.most, 10 * MIB);
	CHECK_INT(r.peaks.high_water, 30 * MIB);
	FILE *clear = fopen(pretend_path(path, "/proc/5000000/clear_refs"), "r");
	CHECK(clear && fread(five, 1, 1, clear) == 1);
	CHECK_STR(five, "5");
	if (clear)
		fclose(clear);
	finish(11 * MIB); /* which every reset has lowered */
	CHECK_INT(r.peaks.ru_maxrss, 30 * MIB);
	CHECK_INT(r.target.ru_maxrss, 11 * MIB);
	CHECK(r.peaks.exact);
	end();
}

static void the_last_word_is_the_kernels(void)
{
	double mib = 0;
	begin(NULL, NULL, 10);
	sample_after(0);
	finish(70 * MIB);
	CHECK_INT(peaks(&mib), 1);
	CHECK_NEAR(mib, 70, 0.001);
	CHECK_INT(r.peaks.high_water, 70 * MIB);
	CHECK_INT(r.peaks.ru_maxrss, 70 * MIB);
	CHECK(r.peaks.exact);
	end();
}

static void a_last_word_that_is_childrens_is_not_the_targets(void)
{
	double mib = 0;
	begin(NULL, NULL, 10);
	sample_after(0);
	r.target.alone = false;
	finish(70 * MIB);
	CHECK_INT(peaks(&mib), 0);
	CHECK_INT(r.peaks.high_water, 10 * MIB);
	CHECK_INT(r.peaks.ru_maxrss, 70 * MIB);
	CHECK(!r.peaks.exact);
	end();
}

/* The agent has reset the mark meanwhile, and kept what it was. */
static void what_the_agent_has_kept_counts(void)
{
	begin(NULL, NULL, 10);
	sample_after(0);
	r.agent.high_water = 90 * MIB;
	finish(20 * MIB);
	CHECK_INT(r.peaks.high_water, 90 * MIB);
	CHECK_INT(r.peaks.ru_maxrss, 90 * MIB);
	CHECK(r.peaks.exact);
	end();
}

static void nothing_is_known_of_a_stranger(void)
{
	begin(NULL, NULL, 10);
	r.target.ours = r.target.alone = false;
	sample_after(0);
	finish(0);
	CHECK_INT(r.peaks.ru_maxrss, 0);
	CHECK(!r.peaks.exact);
	end();
}

static void above_the_size_is_a_status(void)
{
	begin((char[]){ "--max-peak" }, (char[]){ "50M" }, 10);
	sample_after(0);
	verdict_reach(&r);
	CHECK_INT(probes_say(&r.probes, &r, 0), 0);
	finish(70 * MIB);
	CHECK_INT(probes_say(&r.probes, &r, 0), STATUS_ABOVE);
	CHECK_INT(probes_say(&r.probes, &r, 7), 7); /* the program's own stands */
	CHECK_INT(probes_say(&r.probes, &r, -SIGKILL), -SIGKILL);
	end();
}

/* An RSS that is exact leaves them out all the same. */
static void huge_pages_are_in_no_mark(void)
{
	begin((char[]){ "--max-peak" }, (char[]){ "50M" }, 10);
	sample_after(0);
	pretend_put("/proc/5000000/status", "Name:\ttarget\nVmHWM:\t10240 kB\n"
					    "HugetlbPages:\t61440 kB\n");
	sample_after(100);
	finish(10 * MIB);
	CHECK_INT(r.peaks.huge, 60 * MIB);
	CHECK(r.peak.how.lacks & KNOWN_HUGE);
	CHECK_INT(probes_say(&r.probes, &r, 0), STATUS_ABOVE);
	end();
}

int main(void)
{
	RUN(a_mark_above_the_samples_is_a_peak);
	RUN(marks_are_read_ever_more_seldom);
	RUN(exact_marks_tell_of_each_interval);
	RUN(the_last_word_is_the_kernels);
	RUN(a_last_word_that_is_childrens_is_not_the_targets);
	RUN(what_the_agent_has_kept_counts);
	RUN(nothing_is_known_of_a_stranger);
	RUN(above_the_size_is_a_status);
	RUN(huge_pages_are_in_no_mark);
	return DONE();
}
