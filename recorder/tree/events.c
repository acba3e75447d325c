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
enum { OF_TASKS = 32 * 4096, OF_FAULTS = 2 << 20 };

/* Faults that are told of a thread in a second, at most: the kernel lengthens the period by itself
 * (perf_event_open(2), `freq`). */
enum { RATE = 2000, LEAST_RATE = 100 };

/* ---- the event ---- */

/* On ourselves, and off: what a child inherits is turned on by its exec. */
static int open_on_cpu(const struct events *e, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof attr,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
		.disabled = 1,
		.inherit = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.enable_on_exec = 1,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	if (e->faults) {
		attr.config = PERF_COUNT_SW_PAGE_FAULTS;
		attr.sample_type = event_sample_type();
		attr.sample_regs_user = event_registers;
		attr.sample_stack_user = event_registers ? EVENT_STACK : 0;
		attr.freq = 1;
		attr.sample_freq = e->rate;
		attr.wakeup_events = 1;
		attr.mmap = 1;
		attr.exclude_kernel = !e->kernel_too;
	}
	long fd = syscall(SYS_perf_event_open, &attr, 0, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* What the first ring was refused with: is there less to ask for? Rates above
 * kernel.perf_event_max_sample_rate are invalid; faults in system calls are for the privileged. */
static bool ask_for_less(struct events *e, unsigned wanted, int r)
{
	if (!e->faults || e->n > 0)
		return false;
	if (r == -EINVAL && e->rate > LEAST_RATE) {
		e->rate /= 2;
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
static int add_ring(struct events *e, int cpu)
{
	int fd = open_on_cpu(e, cpu);
	if (fd == -ENODEV)
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
	return ring_open(ring, fd, &e->data);
}

/* All of them are polled as one. */
static int poll_rings(struct events *e)
{
	struct epoll_event wish = { .events = EPOLLIN };
	e->polled = epoll_create1(EPOLL_CLOEXEC);
	if (e->polled < 0)
		return -errno;
	for (size_t i = 0; i < e->n; i++)
		if (epoll_ctl(e->polled, EPOLL_CTL_ADD, e->rings[i].fd, &wish) < 0)
			return -errno;
	return 0;
}

/* /sys may be hidden and the CPUs that we may run on be fewer than those of the program, so the
 * kernel itself is asked: of a number that no CPU can have it says EINVAL. */
static int open_rings(struct events *e, unsigned wanted)
{
	int r = 0;
	for (int cpu = 0; r == 0; cpu++)
		while ((r = add_ring(e, cpu)) < 0 && ask_for_less(e, wanted, r))
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

int events_open(struct events *e, unsigned wanted)
{
	bool faults = wanted & EVENTS_FAULTS;
	*e = (struct events){
		.data = faults ? OF_FAULTS : OF_TASKS,
		.ahead = clock_ahead(),
		.faults = faults,
		.kernel_too = faults,
		.rate = RATE,
		.polled = -1,
	};
	int r = open_rings(e, wanted);
	if (r == 0 && e->faults)
		r = poll_rings(e);
	if (r == 0)
		return 0;
	close_rings(e);
	if (faults && e->refused == 0)
		e->refused = r;
	e->faults = e->kernel_too = false;
	return r;
}

bool events_are_whole(const struct events *e)
{
	bool whole = e->n > 0;
	for (size_t i = 0; i < e->n_off && whole; i++) {
		int fd = open_on_cpu(e, e->off[i]);
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
	if (e->until == until)
		return;
	e->until = until;
	for (size_t i = 0; i < e->n; i++)
		ring_see(&e->rings[i]);
}

static const struct event *give(struct events *e, struct ring *ring)
{
	struct event *event = &ring->next;
	struct fault *fault = &event->fault;
	e->given = ring;
	event->at += e->ahead;
	fault->at = event->at;
	if (event->kind == EVENT_FAULT)
		fault->faults = weights_take(&e->weights, fault->thread, (size_t)(ring - e->rings),
					     fault->faults);
	return event;
}

/* An event follows from another only after that one was in its ring. So, of all that happened until
 * a moment that was past before the rings are seen, none is missing. */
const struct event *events_next(struct events *e, int64_t until)
{
	struct ring *oldest = NULL;
	if (e->given)
		ring_pass(e->given);
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
