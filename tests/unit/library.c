/* libmprof-c as a program uses it: nothing but its header and the shared library. Also built with
 * ThreadSanitizer (tests/cli/test_library.py). Arguments are the names of tests, none: all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/library/mprof-c.h"
#include "share/sanitized.h"
#include "tests/check.h"

static const uint64_t MIB = 1 << 20;
static char file[] = "/tmp/mprof-library-XXXXXX";

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static char *take(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static struct mprof_summary summary_of(const struct mprof_recorder *r)
{
	struct mprof_summary summary;
	CHECK_INT(mprof_summary(r, &summary), 0);
	return summary;
}

/* ---- recording ---- */

static void a_program_is_recorded(void)
{
	struct mprof_options every_ms = { .interval = 0.001 };
	struct mprof_recorder *r = mprof_start(&every_ms);
	const struct mprof_sample *samples;
	CHECK(r != NULL);
	CHECK(mprof_samples(r, &samples) >= 1);
	CHECK(summary_of(r).running);
	sleep_ms(30);
	char *memory = take(64 * MIB);
	sleep_ms(30);
	munmap(memory, 64 * MIB);
	sleep_ms(30);
	CHECK_INT(mprof_stop(r), 0);
	CHECK_INT(mprof_stop(r), 0);
	size_t n = mprof_samples(r, &samples);
	struct mprof_summary s = summary_of(r);
	CHECK(n >= 10);
	CHECK_INT(s.samples, n);
	CHECK(!s.running);
	CHECK_INT(s.baseline, samples[0].bytes);
	CHECK(s.peak >= s.baseline + 60 * MIB);
	CHECK(samples[0].seconds >= 0 && samples[n - 1].seconds >= 0.09);
	CHECK(samples[n - 1].seconds == s.seconds);
	CHECK(samples[n - 1].bytes < s.peak - 50 * MIB);
	uint64_t highest = 0;
	for (size_t i = 0; i < n; i++) {
		highest = samples[i].bytes > highest ? samples[i].bytes : highest;
		CHECK(i == 0 || samples[i].seconds > samples[i - 1].seconds);
	}
	CHECK(highest <= s.peak);
	CHECK(fabs(s.start + s.seconds - (double)clock_ns(CLOCK_REALTIME) / 1e9) < 60);
	mprof_free(r);
}

static void defaults_are_good(void)
{
	struct mprof_recorder *r = mprof_start(NULL);
	CHECK(r != NULL);
	CHECK_INT(mprof_stop(r), 0);
	CHECK(summary_of(r).samples >= 2); /* the first and the last */
	mprof_free(r);
	mprof_free(NULL);
}

static void bad_options_are_refused(void)
{
	const struct mprof_options bad[] = {
		{ .interval = -1 },
		{ .interval = 1e-9 },
		{ .interval = 1e9 },
		{ .interval = (double)NAN },
		{ .metric = "nonsense" },
		{ .most = 3 },
		{ .bound = 7 },
		{ .high_water = 9 },
		{ .tree = 2 },
		{ .reserved = { [6] = 1 } },
		{ .path = "/no/such/file" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		errno = 0;
		CHECK(mprof_start(&bad[i]) == NULL);
		CHECK_INT(errno, bad[i].path ? ENOENT : EINVAL);
	}
}

static void every_metric_and_the_tree(void)
{
	const char *const metrics[] = { "rss", "pss", "uss", "vms", "system" };
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
		for (int tree = 0; tree < 2; tree++) {
			struct mprof_options o = { .metric = metrics[i], .tree = tree };
			struct mprof_recorder *r = mprof_start(&o);
			if (!r && errno == ENOSYS)
				continue;
			CHECK(r != NULL);
			mprof_stop(r);
			CHECK(summary_of(r).baseline > 0);
			CHECK_INT(summary_of(r).peak_is_exact, i == 0 && !tree);
			mprof_free(r);
		}
}

static void the_tree_has_children(void)
{
	int ready[2];
	char byte = 0;
	CHECK_INT(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		char *memory = take(32 * MIB);
		ssize_t n = write(ready[1], &byte, 1);
		pause();
		_exit(memory && n ? 0 : 1);
	}
	CHECK_INT(read(ready[0], &byte, 1), 1);
	uint64_t alone, tree, childs;
	CHECK_INT(mprof_measure(getpid(), NULL, 0, &alone), 0);
	CHECK_INT(mprof_measure(getpid(), "rss", 1, &tree), 0);
	CHECK_INT(mprof_measure(child, "rss", 0, &childs), 0);
	CHECK(childs >= 32 * MIB);
	CHECK(tree >= alone + 31 * MIB);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CHECK_INT(mprof_measure(child, "rss", 0, &childs), -1);
	CHECK_INT(errno, ESRCH);
	CHECK_INT(mprof_measure(getpid(), "none", 0, &childs), -1);
	CHECK_INT(errno, EINVAL);
	close(ready[0]);
	close(ready[1]);
}

static void no_tick_is_lost(void)
{
	struct mprof_options o = { .interval = 0.01 };
	struct mprof_recorder *r = mprof_start(&o);
	sleep_ms(SANITIZED ? 1000 : 10000);
	mprof_stop(r);
	struct mprof_summary s = summary_of(r);
	uint64_t ticks = (uint64_t)(s.seconds / 0.01) + 1;
	CHECK(s.samples + s.missed >= ticks); /* all are accounted for, and the last sample */
	CHECK(s.samples + s.missed <= ticks + 1);
	/* A busy machine may take the CPU away, but not as a habit. */
	CHECK(s.missed <= ticks / 10);
	printf("# %llu of %llu ticks missed, %.1f us of CPU a sample\n",
	       (unsigned long long)s.missed, (unsigned long long)ticks,
	       s.cpu / (double)s.samples * 1e6);
	mprof_free(r);
}

static uint64_t statm(void)
{
	unsigned long long pages = 0;
	FILE *in = fopen("/proc/self/statm", "r");
	if (in && fscanf(in, "%*u %llu", &pages) != 1)
		pages = 0;
	if (in)
		fclose(in);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* What the newest sample is beside statm, once one was taken since the call: on a busy machine that
 * may take a while. */
static double off_in_a_new_sample(struct mprof_recorder *r)
{
	const struct mprof_sample *samples;
	size_t before = mprof_samples(r, &samples), n = before;
	for (int i = 0; i < 500 && n < before + 2; i++) {
		sleep_ms(20);
		n = mprof_samples(r, &samples);
	}
	return (double)samples[n - 1].bytes - (double)statm();
}

static void samples_are_what_statm_says(void)
{
	struct mprof_options o = { .interval = 0.001 };
	struct mprof_recorder *r = mprof_start(&o);
	for (int i = 0; i < 5; i++) {
		char *memory = take(16 * MIB);
		double off = off_in_a_new_sample(r);
		CHECK(fabs(off) <= 1024.0 * 1024); /* a batch of pages a CPU, and stdio's own */
		off = (double)mprof_rss() - (double)statm();
		CHECK(fabs(off) <= 1024.0 * 1024);
		CHECK(memory != NULL);
	}
	mprof_free(r);
}

static void a_short_spike_is_in_the_peak(void)
{
	uint64_t old;
	char *before = take(300 * MIB); /* an older, higher mark that must not count */
	munmap(before, 300 * MIB);
	struct mprof_options o = { .interval = 1 };
	struct mprof_recorder *r = mprof_start(&o);
	old = mprof_rss();
	char *spike = take(200 * MIB);
	munmap(spike, 200 * MIB);
	mprof_stop(r);
	struct mprof_summary s = summary_of(r);
	/* The kernel keeps both figures in batches of 32 pages a CPU. */
	if (s.peak_is_exact)
		CHECK_NEAR((double)s.peak, (double)(old + 200 * MIB), 1024.0 * 1024);
	else
		printf("# the high-water mark cannot be reset here\n");
	CHECK_INT(s.peak, summary_of(r).peak);
	mprof_free(r);
}

static void nested_recorders_keep_their_peaks(void)
{
	struct mprof_options o = { .interval = 1 };
	struct mprof_recorder *outer = mprof_start(&o);
	uint64_t base = mprof_rss();
	char *spike = take(100 * MIB);
	munmap(spike, 100 * MIB);
	struct mprof_recorder *inner = mprof_start(&o);
	mprof_stop(inner);
	mprof_stop(outer);
	struct mprof_summary in = summary_of(inner), out = summary_of(outer);
	if (in.peak_is_exact && out.peak_is_exact) {
		CHECK(out.peak >= base + 99 * MIB);
		CHECK(in.peak < base + 20 * MIB);
	}
	mprof_free(inner);
	mprof_free(outer);
}

static void a_mark_that_is_kept_is_kept(void)
{
	char *before = take(100 * MIB);
	munmap(before, 100 * MIB);
	uint64_t mark = mprof_peak();
	struct mprof_options o = { .interval = 1, .high_water = MPROF_KEEP };
	struct mprof_recorder *r = mprof_start(&o);
	char *spike = take(30 * MIB);
	munmap(spike, 30 * MIB);
	CHECK(!summary_of(r).peak_is_exact);
	spike = take(250 * MIB);
	munmap(spike, 250 * MIB);
	mprof_stop(r);
	CHECK(mprof_peak() >= mark);
	CHECK(summary_of(r).peak_is_exact);
	CHECK(summary_of(r).peak >= 250 * MIB);
	mprof_free(r);
}

static void the_peak_is_getrusages(void)
{
	struct rusage usage;
	CHECK_INT(getrusage(RUSAGE_SELF, &usage), 0);
	CHECK_INT(mprof_peak(), (uint64_t)usage.ru_maxrss * 1024);
	if (mprof_reset_peak() == 0)
		CHECK(mprof_peak() <= (uint64_t)usage.ru_maxrss * 1024);
}

/* ---- bounds ---- */

static void bounds_hold_while_it_runs(void)
{
	for (enum mprof_bound bound = MPROF_THIN; bound <= MPROF_RING; bound++) {
		struct mprof_options o = { .interval = 0.0005, .most = 16, .bound = bound };
		struct mprof_recorder *r = mprof_start(&o);
		const struct mprof_sample *samples;
		for (int i = 0; i < 20; i++) {
			sleep_ms(5);
			size_t n = mprof_samples(r, &samples);
			CHECK(n >= 1 && n <= 16 + 3);
			for (size_t j = 1; j < n; j++)
				CHECK(samples[j].seconds > samples[j - 1].seconds);
		}
		mprof_stop(r);
		size_t n = mprof_samples(r, &samples);
		CHECK(n >= 1 && n <= 16);
		CHECK(samples[n - 1].seconds == summary_of(r).seconds);
		CHECK(bound == MPROF_RING || samples[0].bytes == summary_of(r).baseline);
		mprof_free(r);
	}
}

/* What was handed out is not saving's to write anew. */
static void a_copy_stays_while_it_is_saved(void)
{
	struct mprof_options o = { .interval = 0.0005, .most = 8, .bound = MPROF_RING };
	struct mprof_recorder *r = mprof_start(&o);
	const struct mprof_sample *samples;
	sleep_ms(30);
	size_t n = mprof_samples(r, &samples);
	CHECK(n > 0);
	double first = samples[0].seconds;
	sleep_ms(30);
	CHECK_INT(mprof_save(r, file), 0);
	CHECK(samples[0].seconds == first);
	mprof_free(r);
}

/* ---- a program that does other things ---- */

static void started_and_stopped_a_thousand_times(void)
{
	struct mprof_options o = { .interval = 0.001 };
	for (int i = 0; i < 1000; i++) {
		struct mprof_recorder *r = mprof_start(&o);
		CHECK(r != NULL);
		if (i % 2)
			CHECK_INT(mprof_stop(r), 0);
		mprof_free(r);
	}
	int n = 0;
	DIR *folder = opendir("/proc/self/fd");
	while (folder && readdir(folder))
		n++;
	closedir(folder);
	CHECK(n < 20); /* none was left open */
}

static void *start_and_stop(void *shared)
{
	struct mprof_options o = { .interval = 0.0005 };
	for (int i = 0; i < 20; i++) {
		struct mprof_recorder *r = mprof_start(&o);
		const struct mprof_sample *samples;
		mprof_enter("call");
		mprof_mark("mark");
		mprof_samples(r, &samples);
		mprof_samples(shared, &samples);
		summary_of(shared);
		mprof_leave();
		mprof_free(r);
	}
	mprof_stop(shared);
	return NULL;
}

static void many_threads_at_once(void)
{
	pthread_t threads[6];
	struct mprof_options o = { .interval = 0.0005 };
	struct mprof_recorder *shared = mprof_start(&o);
	for (size_t i = 0; i < 6; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, start_and_stop, shared), 0);
	for (size_t i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	CHECK(!summary_of(shared).running);
	mprof_free(shared);
}

static volatile sig_atomic_t alarms;
static pthread_t main_thread;
static void on_alarm(int number)
{
	(void)number;
	if (pthread_equal(pthread_self(), main_thread))
		alarms = alarms + 1;
}

static void signals_are_the_programs(void)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct mprof_options o = { .interval = 0.0005 };
	main_thread = pthread_self();
	sigaction(SIGALRM, &action, NULL);
	struct mprof_recorder *r = mprof_start(&o);
	sigset_t mask;
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	CHECK_INT(sigismember(&mask, SIGALRM), 0); /* ours is as it was */
	for (int i = 0; i < 20; i++) {
		kill(getpid(), SIGALRM);
		sleep_ms(1);
	}
	CHECK_INT(alarms, 20);
	mprof_free(r);
	signal(SIGALRM, SIG_DFL);
}

static void a_child_has_no_recorder(void)
{
	for (size_t most = 0; most <= 8; most += 8) {
		struct mprof_options o = { .interval = 0.0002, .most = most, .path = file };
		struct mprof_recorder *r = mprof_start(&o);
		for (int i = 0; i < 30; i++) {
			const struct mprof_sample *samples;
			pid_t child = fork();
			if (child == 0) {
				bool told = mprof_stop(r) == -1 && errno == ESRCH &&
					    mprof_save(r, "/dev/null") == -1 && errno == ESRCH;
				bool seen = mprof_samples(r, &samples) > 0;
				struct mprof_summary s = { 0 };
				told &= mprof_summary(r, &s) == 0 && !s.running;
				mprof_mark("not the parent's");
				mprof_free(r);
				/* One of its own is to work. */
				r = TSAN ? NULL : mprof_start(&o);
				bool again = TSAN || (r && mprof_stop(r) == 0);
				mprof_free(r);
				_exit(told ? seen ? again ? 0 : 1 : 2 : 3);
			}
			int status;
			CHECK_INT(waitpid(child, &status, 0), child);
			CHECK_INT(status, 0);
			CHECK(summary_of(r).running);
		}
		CHECK_INT(mprof_stop(r), 0);
		mprof_free(r);
	}
}

/* ---- marks and files ---- */

static char *content(const char *path)
{
	static char text[1 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fd);
	return text;
}

static size_t count(const char *text, const char *line)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, line)); at++)
		n++;
	return n;
}

static void check_file(const char *text, struct mprof_recorder *r)
{
	CHECK(strncmp(text, "CMDLINE ", 8) == 0);
	CHECK_INT(count(text, "\nMETA format=1 tool=libmprof-c/"), 1);
	CHECK_INT(count(text, "\nMEM "), summary_of(r).samples);
	CHECK_INT(count(text, " epoch 3\n"), 1);
	CHECK_INT(count(text, "\nENTER the_call "), 1);
	CHECK_INT(count(text, "\nFUNC the_call "), 1);
	CHECK_INT(count(text, "\nFUNC outer "), 1);
	CHECK_INT(count(text, "\nEXIT ? "), 1);
	CHECK(text[strlen(text) - 1] == '\n');
}

static void what_was_recorded_is_saved(void)
{
	char saved[sizeof file + 4];
	snprintf(saved, sizeof saved, "%s.sav", file);
	struct mprof_options o = { .interval = 0.01, .path = file };
	struct mprof_recorder *r = mprof_start(&o);
	CHECK_INT(mprof_enter("outer"), 0);
	CHECK_INT(mprof_mark("epoch 3"), 0);
	CHECK_INT(mprof_enter("the call"), 0);
	CHECK_INT(count(content(file), "\nENTER the_call "), 1); /* at once */
	CHECK_INT(mprof_leave(), 0);
	CHECK_INT(mprof_leave(), 0);
	CHECK_INT(mprof_leave(), -1);
	CHECK_INT(errno, EINVAL);
	sleep_ms(50);
	CHECK_INT(mprof_stop(r), 0);
	CHECK_INT(mprof_mark("too late"), 0);
	CHECK_INT(mprof_save(r, saved), 0);
	check_file(content(file), r);
	check_file(content(saved), r);
	CHECK_INT(mprof_save(r, "/no/such/folder/a.dat"), -1);
	CHECK_INT(errno, ENOENT);
	mprof_free(r);
	unlink(saved);
}

static void calls_that_began_unheard_end_unheard(void)
{
	mprof_enter("before");
	struct mprof_options o = { .path = file };
	struct mprof_recorder *r = mprof_start(&o);
	mprof_enter("during");
	CHECK_INT(mprof_leave(), 0);
	CHECK_INT(mprof_leave(), 0);
	mprof_enter("never left");
	mprof_free(r);
	CHECK_INT(mprof_leave(), 0);
	const char *text = content(file);
	CHECK_INT(count(text, "FUNC before"), 0);
	CHECK_INT(count(text, "FUNC during"), 1);
	CHECK_INT(count(text, "ENTER never_left"), 1);
	CHECK_INT(count(text, "FUNC never_left"), 0);
}

static void a_full_disk_is_told(void)
{
	struct mprof_options o = { .interval = 0.001, .path = "/dev/full" };
	struct mprof_recorder *r = mprof_start(&o);
	sleep_ms(10);
	CHECK_INT(mprof_stop(r), -1);
	CHECK_INT(errno, ENOSPC);
	CHECK(summary_of(r).samples >= 2); /* in memory they are all the same */
	mprof_free(r);
}

static void marks_for_nobody_cost_nothing(void)
{
	enum { TIMES = 1000000 };
	int64_t best = INT64_MAX;
	for (int round = 0; round < 5; round++) {
		int64_t before = clock_ns(CLOCK_MONOTONIC);
		for (int i = 0; i < TIMES; i++)
			mprof_mark("x");
		int64_t taken = clock_ns(CLOCK_MONOTONIC) - before;
		best = taken < best ? taken : best;
	}
	printf("# %.1f ns a mark\n", (double)best / TIMES);
	CHECK(SANITIZED || best / TIMES < 200); /* it is some 2; a system call is more than 100 */
	CHECK_INT(mprof_mark(NULL), -1);
	CHECK_INT(mprof_enter(NULL), -1);
	CHECK_INT(mprof_enter(""), -1);
	CHECK_INT(mprof_leave(), -1);
}

int main(int argc, char *argv[])
{
	unsetenv("MPROF_FILE");
	close(mkstemp(file));
#define TEST(name)                                        \
	for (int i = argc > 1 ? 1 : 0; i < argc; i++)     \
		if (argc == 1 || !strcmp(argv[i], #name)) \
	RUN_MEASURED(name)
	TEST(a_program_is_recorded);
	TEST(defaults_are_good);
	TEST(bad_options_are_refused);
	TEST(every_metric_and_the_tree);
	TEST(the_tree_has_children);
	TEST(no_tick_is_lost);
	TEST(samples_are_what_statm_says);
	TEST(a_short_spike_is_in_the_peak);
	TEST(nested_recorders_keep_their_peaks);
	TEST(a_mark_that_is_kept_is_kept);
	TEST(the_peak_is_getrusages);
	TEST(bounds_hold_while_it_runs);
	TEST(a_copy_stays_while_it_is_saved);
	TEST(started_and_stopped_a_thousand_times);
	TEST(many_threads_at_once);
	TEST(signals_are_the_programs);
	TEST(a_child_has_no_recorder);
	TEST(what_was_recorded_is_saved);
	TEST(calls_that_began_unheard_end_unheard);
	TEST(a_full_disk_is_told);
	TEST(marks_for_nobody_cost_nothing);
	unlink(file);
	return DONE();
}
