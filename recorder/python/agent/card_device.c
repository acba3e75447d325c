#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder/gpu/nvml_abi.h"
#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/shared.h"

/* NVIDIA's management library, which torch itself asks where it fails, for the figures that its
 * message has. */

typedef int get_handle_by_bus(const char *, struct nvml_handle **);

struct driver {
	void *library;
	struct nvml_calls calls;
	get_handle_by_bus *by_bus;
	int (*index)(struct nvml_handle *, unsigned *);
	struct listing {
		nvml_list *call;
		size_t size; /* bytes of an element */
	} compute, graphics;
};

/* The newest list of these processes that the library has. */
static struct listing find_list(void *library, const char *kind)
{
	bool wide = dlsym(library, "nvmlDeviceGetConfComputeMemSizeInfo") &&
		    !dlsym(library, "nvmlDeviceGetRunningProcessDetailList");
	const struct {
		const char *version;
		size_t size;
	} layouts[] = {
		{ "_v3", wide ? sizeof(struct nvml_process_wide) : sizeof(struct nvml_process_v2) },
		{ "_v2", sizeof(struct nvml_process_v2) },
		{ "", sizeof(struct nvml_process) },
	};
	struct listing listing = { NULL, 0 };
	for (size_t i = 0; !listing.call && i < sizeof layouts / sizeof *layouts; i++) {
		char name[64];
		snprintf(name, sizeof name, "nvmlDeviceGet%sRunningProcesses%s", kind,
			 layouts[i].version);
		*(void **)&listing.call = dlsym(library, name);
		listing.size = layouts[i].size;
	}
	return listing;
}

static bool open_driver(struct driver *d)
{
	*d = (struct driver){ .library = dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL) };
	if (!d->library)
		return false;
	*(void **)&d->calls.init = dlsym(d->library, "nvmlInit_v2");
	*(void **)&d->calls.shut_down = dlsym(d->library, "nvmlShutdown");
	*(void **)&d->calls.handle = dlsym(d->library, "nvmlDeviceGetHandleByIndex_v2");
	*(void **)&d->calls.memory = dlsym(d->library, "nvmlDeviceGetMemoryInfo");
	*(void **)&d->by_bus = dlsym(d->library, "nvmlDeviceGetHandleByPciBusId_v2");
	*(void **)&d->index = dlsym(d->library, "nvmlDeviceGetIndex");
	d->compute = find_list(d->library, "Compute");
	d->graphics = find_list(d->library, "Graphics");
	if (d->calls.init && d->calls.shut_down && d->calls.handle &&
	    d->calls.init() == NVML_SUCCESS)
		return true;
	dlclose(d->library);
	return false;
}

/* Where the device that torch calls so sits, by the driver that it uses. */
static bool bus_of(int ordinal, char *bus, int size)
{
	void *cuda = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
	int (*get)(int *, int) = NULL, (*name)(char *, int, int) = NULL;
	int device;
	if (!cuda)
		return false;
	*(void **)&get = dlsym(cuda, "cuDeviceGet");
	*(void **)&name = dlsym(cuda, "cuDeviceGetPCIBusId");
	bool told = get && name && get(&device, ordinal) == 0 && name(bus, size, device) == 0;
	dlclose(cuda);
	return told;
}

/* CUDA_VISIBLE_DEVICES, where it is numbers. */
static int visible(int ordinal)
{
	const char *list = getenv("CUDA_VISIBLE_DEVICES");
	for (int i = 0; list && *list; i++) {
		char *end;
		long number = strtol(list, &end, 10);
		if (end == list || (*end && *end != ','))
			break;
		if (i == ordinal)
			return (int)number;
		list = *end ? end + 1 : end;
	}
	return ordinal;
}

static struct nvml_handle *handle_of(const struct driver *d, struct card_device *device,
				     int ordinal)
{
	char bus[32];
	unsigned index = 0;
	struct nvml_handle *handle = NULL;
	if (d->by_bus && d->index && bus_of(ordinal, bus, sizeof bus)) {
		if (d->by_bus(bus, &handle) != NVML_SUCCESS ||
		    d->index(handle, &index) != NVML_SUCCESS)
			return NULL;
		snprintf(device->name, sizeof device->name, "%u", index);
		return handle;
	}
	if (d->calls.handle((unsigned)visible(ordinal), &handle) != NVML_SUCCESS)
		return NULL;
	return handle;
}

static void add_other(struct card_device *device, unsigned pid, int64_t bytes)
{
	if (device->n_others == CARD_NEIGHBOURS) {
		device->others[CARD_NEIGHBOURS - 1].pid = 0;
		device->others[CARD_NEIGHBOURS - 1].bytes += bytes;
		return;
	}
	device->others[device->n_others].pid = pid;
	device->others[device->n_others++].bytes = bytes;
}

/* One that is in both lists stands there with the same figure. */
static void add_process(struct card_device *device, const struct nvml_process *p)
{
	if (p->used == NVML_NOT_AVAILABLE || p->used > INT64_MAX / 64)
		return;
	if (p->pid == (unsigned)getpid()) {
		device->own = (int64_t)p->used;
		return;
	}
	for (size_t i = 0; i < device->n_others; i++)
		if (device->others[i].pid == p->pid)
			return;
	add_other(device, p->pid, (int64_t)p->used);
}

static void list(const struct listing *from, struct nvml_handle *handle, struct card_device *device)
{
	enum { MOST = 256 };
	static struct nvml_process_wide room[MOST];
	const char *at = (const char *)room;
	unsigned n = MOST;
	if (!from->call || from->call(handle, &n, room) != NVML_SUCCESS)
		return;
	for (unsigned i = 0; i < n && i < MOST; i++)
		add_process(device, (const struct nvml_process *)(at + i * from->size));
}

/* A container has numbers of its own: who is alone there is us. Where numbers are the machine's, we
 * are not listed, and all others are others. */
static void find_own(struct card_device *device)
{
	const uint64_t initial = 0xeffffffc; /* PROC_PID_INIT_INO, include/linux/proc_ns.h */
	if (device->own != CARD_UNKNOWN || agent_pid_space() == initial)
		return;
	if (device->n_others == 1)
		device->own = device->others[0].bytes;
	device->n_others = 0;
}

static void ask(struct card_device *device, int ordinal)
{
	struct driver driver;
	struct nvml_memory memory;
	if (!open_driver(&driver))
		return;
	struct nvml_handle *handle = handle_of(&driver, device, ordinal);
	if (handle) {
		list(&driver.compute, handle, device);
		list(&driver.graphics, handle, device);
		find_own(device);
		if (driver.calls.memory && driver.calls.memory(handle, &memory) == NVML_SUCCESS) {
			device->total = (int64_t)memory.total;
			device->free = (int64_t)memory.free;
		}
	}
	driver.calls.shut_down();
	dlclose(driver.library);
}

/* ---- a driver may hang ---- */

static const int PATIENCE = 2; /* seconds */

/* Whoever comes last frees it. */
struct question {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done, given_up;
	int ordinal;
	struct card_device device;
};

static void end_question(struct question *q)
{
	pthread_cond_destroy(&q->answered);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void *ask_aside(void *context)
{
	struct question *q = context;
	ask(&q->device, q->ordinal);
	pthread_mutex_lock(&q->lock);
	q->done = true;
	bool last = q->given_up;
	pthread_cond_signal(&q->answered);
	pthread_mutex_unlock(&q->lock);
	if (last)
		end_question(q);
	return NULL;
}

static struct question *begin_question(const struct card_device *device, int ordinal)
{
	pthread_condattr_t monotonic;
	struct question *q = calloc(1, sizeof *q);
	if (!q)
		return NULL;
	q->device = *device;
	q->ordinal = ordinal;
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->answered, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return q;
}

/* No signal of the program's is handled there. */
static bool start(struct question *q, pthread_t *thread)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(thread, NULL, ask_aside, q) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

/* Whether it has answered in time. */
static bool wait_for(struct question *q, struct card_device *device)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	pthread_mutex_lock(&q->lock);
	while (!q->done && pthread_cond_timedwait(&q->answered, &q->lock, &until) == 0)
		;
	bool done = q->done;
	if (done)
		*device = q->device;
	q->given_up = !done;
	pthread_mutex_unlock(&q->lock);
	return done;
}

void card_find_device(struct card_device *device, int ordinal)
{
	static bool hangs; /* it was waited for once, which is enough */
	pthread_t thread;
	*device = (struct card_device){ .total = CARD_UNKNOWN,
					.free = CARD_UNKNOWN,
					.own = CARD_UNKNOWN };
	snprintf(device->name, sizeof device->name, "%d", visible(ordinal));
	struct question *q = hangs ? NULL : begin_question(device, ordinal);
	if (!q)
		return;
	if (!start(q, &thread)) { /* where a process may have no more threads */
		ask(device, ordinal);
		end_question(q);
	} else if (wait_for(q, device)) {
		pthread_join(thread, NULL);
		end_question(q);
	} else {
		pthread_detach(thread);
		hangs = true;
		agent_note(AGENT_SAW_SILENT_DRIVER, NULL, NULL);
	}
}
