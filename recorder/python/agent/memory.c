#include "recorder/python/agent/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/descriptor.h"
#include "recorder/python/agent/agent.h"

enum {
	/* ns. A line that took longer can have touched memory (a fault takes some 250 ns), so it is
	 * always measured at its end; many short ones together are, once the last figure is old. */
	SLOW = 2000,
	OLD = 10000,
	MARGIN = 256 << 10, /* bytes: the kernel keeps the high-water mark only so exactly */
};

/* Where the kernel's high-water mark is read. */
enum peak_from { PEAK_UNKNOWN, PEAK_BY_RUSAGE, PEAK_BY_STATUS };

static struct {
	struct descriptor statm, status, reset; /* of /proc/self */
	int64_t page;
	enum peak_from peak_from;
	bool is_open, is_target;
} memory = { .statm = DESCRIPTOR_NONE, .status = DESCRIPTOR_NONE, .reset = DESCRIPTOR_NONE };

/* Each thread's own view: what it saw last, and when (ticks). */
static _Thread_local struct memory_seen last;
static _Thread_local int64_t
	usage_high_water; /* bytes, as getrusage told when faults were counted */
static _Thread_local uint64_t last_read, last_event;

bool memory_break_due;
static bool break_told;

/* The C library's word that there is no second thread, and has been none (2.32 and later). */
extern char __libc_single_threaded __attribute__((weak));

int64_t memory_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t ahead; /* ns, of our clock over the kernel's */

/* ---- whether to look ---- */

/* The processor's own counter is read in a third of the clock's time. It need not be exact: one
 * that jumps, or runs at another rate than it did, makes a line be measured once more or once less.
 */
static struct {
	uint64_t first; /* ticks … */
	int64_t began;  /* … at these monotonic ns */
	uint64_t next;  /* so many ticks later they are measured again */
	uint64_t slow, old;
} pace;

static inline uint64_t ticks(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return (uint64_t)memory_now();
#endif
}

static void set_pace(double ticks_per_ns)
{
	pace.slow = (uint64_t)(SLOW * ticks_per_ns);
	pace.old = (uint64_t)(OLD * ticks_per_ns);
}

/* Measured from the start on, once that is long enough ago, and again at twice that. */
static void keep_pace(uint64_t now)
{
	uint64_t passed = now - pace.first;
	if (passed < pace.next)
		return;
	pace.next = 2 * passed;
	int64_t ns = memory_now() - pace.began;
	if (ns > 0)
		set_pace((double)passed / (double)ns);
}

/* The clock first, and in keep_pace last: where we are made to wait in between, a tick seems longer
 * than it is, and a line is measured once more. The other way round slow lines would pass for short
 * ones until the pace is measured again. */
static void start_pace(void)
{
	enum { ENOUGH = 1 << 20 };
	pace.began = memory_now();
	ahead = clock_ahead();
	pace.first = ticks();
	pace.next = ENOUGH;
	set_pace(1); /* soon to be known better */
}

struct sample memory_sample(int64_t rss)
{
	return (struct sample){ (memory_now() - ahead + agent_shared->clock) / 1000,
				sample_umib((uint64_t)rss) };
}

static void open_own(struct descriptor *file, const char *path, int flags)
{
	descriptor_close(file);
	descriptor_keep(file, agent_open(path, flags));
}

static ssize_t read_text(const struct descriptor *file, char *text, size_t size)
{
	ssize_t n = pread(file->fd, text, size - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* The second field of statm (proc(5)): pages. */
static int64_t parse_rss(const char *p)
{
	int64_t pages = 0;
	while (*p > ' ')
		p++;
	for (p += *p != '\0'; *p >= '0' && *p <= '9'; p++)
		pages = pages * 10 + (*p - '0');
	return pages * memory.page;
}

/* A program that closes whatever it did not open closes ours too, and may have its own file there
 * by now: then ours is opened again. What has not changed is true whoever says it, so most reads
 * need not ask. */
static int64_t read_rss(void)
{
	char text[128];
	ssize_t n = read_text(&memory.statm, text, sizeof text);
	int64_t rss = n > 0 ? parse_rss(text) : -1;
	if (rss == last.rss || (rss >= 0 && descriptor_is_own(&memory.statm)))
		return rss;
	open_own(&memory.statm, "/proc/self/statm", O_RDONLY);
	return read_text(&memory.statm, text, sizeof text) > 0 ? parse_rss(text) : last.rss;
}

static int64_t faults_of(int who, int64_t *high_water)
{
	struct rusage usage = { 0 };
	getrusage(who, &usage);
	*high_water = (int64_t)usage.ru_maxrss * 1024;
	return usage.ru_minflt + usage.ru_majflt;
}

/* Of whom they were is asked only where there were any. */
static void count_faults(void)
{
	int64_t unused, before = last.faults;
	bool alone = &__libc_single_threaded && __libc_single_threaded;
	last.faults = faults_of(RUSAGE_SELF, &usage_high_water);
	if (alone)
		last.foreign = 0;
	else if (last.faults != before)
		last.foreign = last.faults - faults_of(RUSAGE_THREAD, &unused);
}

/* getrusage is ten times as fast as status, but where exec came from a larger program it goes on
 * telling that one's size. */
static int64_t read_high_water(void)
{
	if (memory.peak_from == PEAK_BY_RUSAGE)
		return usage_high_water;
	char text[4096];
	if (!descriptor_is_own(&memory.status))
		open_own(&memory.status, "/proc/self/status", O_RDONLY);
	read_text(&memory.status, text, sizeof text);
	const char *field = strstr(text, "VmHWM:");
	return field ? strtoll(field + 6, NULL, 10) * 1024 : 0;
}

/* The kernel's clear_refs (proc(5)): "5" sets the high-water mark to what is held now. */
static bool reset_high_water(void)
{
	if (!descriptor_is_own(&memory.reset))
		open_own(&memory.reset, "/proc/self/clear_refs", O_WRONLY);
	return pwrite(memory.reset.fd, "5", 1, 0) == 1;
}

static void choose_peak(void)
{
	memory.peak_from = PEAK_UNKNOWN;
	if (!agent_shared->lines && !agent_shared->line_words[0])
		return;
	if (memory.reset.fd < 0 || memory.status.fd < 0 || !reset_high_water())
		return;
	memory.peak_from = PEAK_BY_RUSAGE;
	count_faults();
	if (read_high_water() > read_rss() + 4 * MARGIN)
		memory.peak_from = PEAK_BY_STATUS;
}

/* The recording has its head, and says which process the target is: a few milliseconds at most. */
static void await_head(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	for (int i = 0; i < 1000 && !atomic_load(&agent_shared->ready); i++)
		nanosleep(&pause, NULL);
}

void memory_open(void)
{
	int saved = errno;
	if (memory.is_open)
		return;
	await_head();
	memory.is_open = true;
	start_pace();
	memory.page = sysconf(_SC_PAGESIZE);
	memory.is_target = atomic_load(&agent_shared->target) == getpid();
	open_own(&memory.statm, "/proc/self/statm", O_RDONLY);
	open_own(&memory.status, "/proc/self/status", O_RDONLY);
	open_own(&memory.reset, "/proc/self/clear_refs", O_WRONLY);
	choose_peak();
	errno = saved;
}

/* The descriptors of a forked process still show its parent. */
void memory_forked(void)
{
	if (!memory.is_open)
		return;
	memory.is_open = false;
	descriptor_close(&memory.statm);
	descriptor_close(&memory.status);
	descriptor_close(&memory.reset);
	last = (struct memory_seen){ 0 };
	last_read = last_event = 0;
	memory_open();
}

static void tell_peak(uint64_t bytes)
{
	uint64_t known = atomic_load_explicit(&agent_shared->peak, memory_order_relaxed);
	while (memory.is_target && bytes > known &&
	       !atomic_compare_exchange_weak(&agent_shared->peak, &known, bytes))
		continue;
}

/* Returns it where it is above what is held now, else 0. */
static int64_t look_at_high_water(int64_t rss, int64_t *peak)
{
	int64_t highest = read_high_water();
	bool above = highest > rss + MARGIN;
	if (above) {
		tell_peak((uint64_t)highest);
		reset_high_water();
	} else {
		highest = rss;
	}
	if (highest > *peak)
		*peak = highest;
	return above ? highest : 0;
}

static void look_at_limit(int64_t reached)
{
	if (agent_shared->break_at && !break_told && (uint64_t)reached >= agent_shared->break_at)
		memory_break_due = break_told = true;
}

struct memory_seen memory_measure(int64_t *peak)
{
	uint64_t now = ticks();
	int64_t reached = 0;
	bool slow = now - last_event > pace.slow;
	last_event = now;
	if (!slow && !agent_shared->every_line && now - last_read < pace.old)
		return last;
	int saved = errno;
	int64_t rss = read_rss();
	if (slow || rss != last.rss)
		count_faults();
	if (memory.peak_from != PEAK_UNKNOWN && (slow || rss != last.rss))
		reached = look_at_high_water(rss, peak);
	look_at_limit(reached > rss ? reached : rss);
	last.rss = rss;
	keep_pace(now);
	last_read = last_event = ticks(); /* what we took must not make the next line slow */
	errno = saved;
	return last;
}

struct memory_seen memory_last(void)
{
	return last;
}
