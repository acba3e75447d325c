#include "recorder/tree/events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/procfs.h"
#include "share/array.h"

/* Bytes in a ring. A fork, an exec and an exit take some 150: there is room for what a CPU can
 * start between two looks, a tenth of a second apart. A fault takes 8.4 KiB. */
enum { OF_TASKS = 32 * 4096, OF_FAULTS = 1 << 18 };

/* Of a program that runs already each thread has a ring: so many are too many, and all together
 * have so many bytes. */
enum { MOST_THREADS = 64, OF_THREADS = 4 << 20, OF_THREAD = 1 << 16 };

/* Faults that are told of a thread in a second, at most: the kernel lengthens the period by itself
 * (perf_event_open(2), `freq`). Each costs the thread some 5 us, and up to ten times that where
 * interrupts are dear, as in some virtual machines. It begins with as many as there are and goes on
 * from there by eighths: what came in a burst, as a program's start, is told of the less for a
 * while. */
enum { RATE = 2000, LEAST_RATE = 100 };

/* And so many of a CPU wake us: to be woken is most of what a fault that is told costs the thread,
 * and what its record has is of the fault itself, whenever it is read. */
enum { TOGETHER = 4 };

/* ---- the event ---- */

/* On ourselves (0), and off: what a child inherits is turned on by its exec. On a thread that runs
 * it is on at once, and nobody inherits it: the ring of one that is inherited must be a CPU's. */
static int open_event(const struct events *e, pid_t thread, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof attr,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
		.disabled = thread == 0,
		.inherit = thread == 0,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.enable_on_exec = thread == 0,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	if (e->faults) {
		attr.config = PERF_COUNT_SW_PAGE_FAULTS;
		attr.sample_type = event_sample_type(e->counted);
		attr.sample_regs_user = event_registers;
		attr.sample_stack_user = event_registers ? EVENT_STACK : 0;
		attr.freq = 1;
		attr.sample_freq = e->rate;
		attr.wakeup_events = TOGETHER;
		attr.mmap = 1;
		attr.exclude_kernel = !e->kernel_too;
	}
	long fd = syscall(SYS_perf_event_open, &attr, thread, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* What the first ring was refused with: is there less to ask for? Rates above
 * kernel.perf_event_max_sample_rate are invalid, and before Linux 6.12 counts of what is inherited;
 * faults in system calls are for the privileged. */
static bool ask_for_less(struct events *e, unsigned wanted, int r)
{
	if (!e->faults || e->n > 0 || r == -ESRCH)
		return false;
	if (r == -EINVAL && e->rate > LEAST_RATE) {
		e->rate /= 2;
		return true;
	}
	if (r == -EINVAL && e->counted) {
		e->rate = RATE;
		e->counted = false;
		return true;
	}
	if (e->kernel_too && (r == -EACCES || r == -EPERM)) {
		e->kernel_too = false;
		return true;
	}
	e->faults = e->kernel_too = false;
	e->refused = r;
	e->data = OF_TASKS;
	return wanted & EVENTS_TASKS;
}

/* ---- the rings ---- */

/* That CPU is switched off, and may yet be switched on. */
static int note_off(struct events *e, int cpu)
{
	int *off = array_more(&e->off, &e->n_off, sizeof *off);
	if (!off)
		return -ENOMEM;
	*off = cpu;
	return 0;
}

/* Rings are locked memory, of which an ordinary user has little: they are as large as they may be,
 * and the first tells how large. */
static int add_ring(struct events *e, pid_t thread, int cpu)
{
	int fd = open_event(e, thread, cpu);
	if (fd == -ENODEV && cpu >= 0)
		return note_off(e, cpu);
	if (fd < 0)
		return fd;
	if (procfs_keep(fd) < 0) /* without rings a recording is less, without files it is none */
		return -EMFILE;
	struct ring *ring = array_more(&e->rings, &e->n, sizeof *ring);
	if (!ring) {
		close(fd);
		return -ENOMEM;
	}
	int r = ring_open(ring, fd, &e->data);
	ring->thread = thread;
	ring->counted = e->counted;
	return r;
}

/* All of them are polled as one. One of a thread that has ended is readable ever after: its edge
 * is seen. */
static int poll_ring(struct events *e, const struct ring *ring)
{
	struct epoll_event wish = { .events = EPOLLIN | EPOLLET };
	return epoll_ctl(e->polled, EPOLL_CTL_ADD, ring->fd, &wish) < 0 ? -errno : 0;
}

static int poll_rings(struct events *e)
{
	int r = 0;
	e->polled = epoll_create1(EPOLL_CLOEXEC);
	if (e->polled < 0)
		return -errno;
	for (size_t i = 0; i < e->n && r == 0; i++)
		r = poll_ring(e, &e->rings[i]);
	return r;
}

/* /sys may be hidden and the CPUs that we may run on be fewer than those of the program, so the
 * kernel itself is asked: of a number that no CPU can have it says EINVAL. */
static int open_rings(struct events *e, unsigned wanted)
{
	int r = 0;
	for (int cpu = 0; r == 0; cpu++)
		while ((r = add_ring(e, 0, cpu)) < 0 && ask_for_less(e, wanted, r))
			;
	return r == -EINVAL && e->n > 0 ? 0 : r;
}

static void close_rings(struct events *e)
{
	for (size_t i = 0; i < e->n; i++)
		ring_close(&e->rings[i]);
	free(e->rings);
	free(e->off);
	e->rings = NULL;
	e->off = NULL;
	e->n = e->n_off = 0;
	if (e->faults && e->polled >= 0)
		close(e->polled);
	e->polled = -1;
}

static int fail(struct events *e, int r)
{
	close_rings(e);
	if (e->faults && e->refused == 0)
		e->refused = r;
	e->faults = e->kernel_too = false;
	return r;
}

int events_open(struct events *e, unsigned wanted)
{
	bool faults = wanted & EVENTS_FAULTS;
	*e = (struct events){
		.data = faults ? OF_FAULTS : OF_TASKS,
		.ahead = clock_ahead(),
		.faults = faults,
		.kernel_too = faults,
		.counted = faults,
		.rate = RATE,
		.polled = -1,
	};
	int r = open_rings(e, wanted);
	if (r == 0 && e->faults)
		r = poll_rings(e);
	return r < 0 ? fail(e, r) : 0;
}

/* ---- of a program that runs ---- */

/* One that has ended meanwhile is none. */
static int add_thread(struct events *e, pid_t thread)
{
	int r;
	while ((r = add_ring(e, thread, -1)) < 0 && ask_for_less(e, 0, r))
		;
	return r == -ESRCH ? 0 : r;
}

int events_adopt(struct events *e, const pid_t threads[], size_t n)
{
	size_t room = OF_FAULTS;
	while (room > OF_THREAD && room * n > OF_THREADS)
		room /= 2;
	*e = (struct events){ .data = room,
			      .ahead = clock_ahead(),
			      .faults = true,
			      .kernel_too = true,
			      .counted = true,
			      .adopted = true,
			      .rate = RATE,
			      .polled = -1 };
	int r = n > MOST_THREADS ? -E2BIG : n == 0 ? -ESRCH : 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_thread(e, threads[i]);
	if (r == 0)
		r = e->n > 0 ? poll_rings(e) : -ESRCH;
	return r < 0 ? fail(e, r) : 0;
}

/* A thread that began before its ring was there has not been heard until now: so little is lost. */
void events_follow(struct events *e, pid_t thread)
{
	size_t before = e->n;
	for (size_t i = 0; i < e->n; i++)
		if (e->rings[i].thread == thread)
			return;
	if (before < MOST_THREADS && add_ring(e, thread, -1) == 0)
		poll_ring(e, &e->rings[before]);
}

/* Its own end is the last that a thread's ring tells. The last of the rings takes its place. */
static void drop(struct events *e, struct ring *ring)
{
	ring_close(ring);
	*ring = e->rings[--e->n];
}

bool events_are_whole(const struct events *e)
{
	bool whole = e->n > 0;
	for (size_t i = 0; i < e->n_off && whole; i++) {
		int fd = open_event(e, 0, e->off[i]);
		whole = fd == -ENODEV;
		if (fd >= 0)
			close(fd);
	}
	return whole;
}

int events_fd(const struct events *e)
{
	return e->faults ? e->polled : -1;
}

/* Half of a ring: two threads may share a CPU. */
int64_t events_patience(const struct events *e)
{
	if (!e->faults)
		return 0;
	return (int64_t)(e->data / 2 / EVENT_STACK) * 1000000000 / (int64_t)e->rate;
}

/* ---- reading ---- */

static void see(struct events *e, int64_t until)
{
	struct epoll_event ready[MOST_THREADS];
	if (e->until == until)
		return;
	e->until = until;
	if (e->faults)
		epoll_wait(e->polled, ready, sizeof ready / sizeof *ready, 0);
	for (size_t i = 0; i < e->n; i++)
		ring_see(&e->rings[i]);
}

static const struct event *give(struct events *e, struct ring *ring)
{
	struct event *event = &ring->next;
	struct fault *fault = &event->fault;
	e->given = ring;
	fault->registers =
		fault->registers ? event->registers : NULL; /* the rings may have moved */
	event->at += e->ahead;
	fault->at = event->at;
	if (event->kind == EVENT_FAULT)
		fault->faults = weights_take(&e->weights, fault->thread,
					     e->adopted ? 0 : (size_t)(ring - e->rings),
					     fault->faults, event->count);
	return event;
}

static void pass(struct events *e, struct ring *ring)
{
	ring_pass(ring);
	if (e->adopted && ring->next.kind == EVENT_EXIT)
		drop(e, ring);
}

/* An event follows from another only after that one was in its ring. So, of all that happened until
 * a moment that was past before the rings are seen, none is missing. */
const struct event *events_next(struct events *e, int64_t until)
{
	struct ring *oldest = NULL;
	if (e->given)
		pass(e, e->given);
	e->given = NULL;
	see(e, until);
	for (size_t i = 0; i < e->n; i++) {
		struct ring *ring = &e->rings[i];
		if (ring_peek(ring) && ring->next.at + e->ahead <= until &&
		    (!oldest || ring->next.at < oldest->next.at))
			oldest = ring;
	}
	return oldest ? give(e, oldest) : NULL;
}

void events_close(struct events *e)
{
	close_rings(e);
	weights_free(&e->weights);
	*e = (struct events){ 0 };
}
