#include "recorder/gpu/helper.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "recorder/gpu/holders.h"
#include "recorder/gpu/judge.h"
#include "recorder/kernel/clock.h"
#include "recorder/recording/sampler.h"

static const double SHORTEST = 0.1; /* seconds; a driver takes milliseconds to answer */

static const int64_t LIFE = 1000000000; /* ns */

enum { N_BACKENDS = 2 };
static const struct gpu_backend *const backends[N_BACKENDS] = { &gpu_nvml, &gpu_drm };

struct vendor {
	const struct gpu_backend *backend; /* NULL: not on this machine */
	void *state;
	unsigned first;   /* the number of its first device */
	size_t n;         /* devices at the last reading */
	bool tells_apart; /* it told a process of the tree: on its other devices there is none */
};

struct helper {
	const struct gpu_task *task;
	struct kin kin;
	struct vendor vendors[N_BACKENDS];
	struct gpu_series series[GPU_MOST];
	struct holders holders;
	int64_t looked_at; /* when they were read last; 0: never */
	int64_t told_at;   /* monotonic ns: that it lives */
	int64_t now;       /* monotonic ns: of this reading */
	bool over;         /* the recorder listens no more */
};

/* ---- telling ---- */

static void tell(struct helper *h, const struct gpu_message *message)
{
	ssize_t n;
	do
		n = send(h->task->socket, message, sizeof *message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	h->over |= n < 0;
}

static void tell_figure(struct helper *h, unsigned device, int64_t at, uint64_t bytes)
{
	struct gpu_message message = {
		.word = GPU_FIGURE,
		.device = device,
		.at = at,
		.bytes = bytes,
		.whole_device = h->series[device].scope == GPU_OF_DEVICE,
	};
	tell(h, &message);
}

static void tell_change(void *context, unsigned device, pid_t pid, uint64_t before, uint64_t bytes)
{
	struct helper *h = context;
	struct gpu_message message = {
		.word = GPU_CHANGE,
		.device = device,
		.pid = pid,
		.at = h->now,
		.bytes = bytes,
		.total = before,
	};
	tell(h, &message);
}

static void tell_device(struct helper *h, unsigned device, const struct gpu_device *is)
{
	struct gpu_message message = { .word = GPU_IS,
				       .device = device,
				       .total = is->total,
				       .unified = is->unified,
				       .eliminated = is->eliminated };
	snprintf(message.text, sizeof message.text, "%s", is->name);
	tell(h, &message);
}

static void tell_reason(struct helper *h, enum gpu_word word, unsigned device, int64_t at,
			const char *reason)
{
	struct gpu_message message = { .word = word, .device = device, .at = at };
	snprintf(message.text, sizeof message.text, "%s", reason);
	tell(h, &message);
}

/* ---- reading ---- */

/* The first figure has the one before it for company: nothing was held then, or what the device
 * held at first. */
static void begin_series(struct helper *h, unsigned device, const struct gpu_device *is)
{
	const struct gpu_series *series = &h->series[device];
	tell_device(h, device, is);
	if (h->looked_at)
		tell_figure(h, device, h->looked_at,
			    series->scope == GPU_OF_DEVICE ? series->baseline : 0);
}

/* Its figure was taken for want of a better one, and now there is one. */
static bool is_mistaken(const struct helper *h, const struct vendor *vendor,
			const struct gpu_series *series, const struct gpu_reading *reading)
{
	return vendor->tells_apart && series->scope == GPU_OF_DEVICE &&
	       h->task->mode != GPU_DEVICE && reading->share != GPU_HIDDEN;
}

/* The end of a device that the program never used is no news. */
static bool is_wanted(const struct helper *h, const struct gpu_series *series)
{
	return series->scope != GPU_UNTOLD || h->task->mode != GPU_AUTO;
}

static void take(struct helper *h, struct vendor *vendor, size_t at, int64_t now,
		 const struct gpu_reading *reading)
{
	unsigned device = vendor->first + (unsigned)at;
	struct gpu_series *series = &h->series[device];
	if (series->ended)
		return;
	if (reading->error) {
		if (gpu_fails(series, reading) && is_wanted(h, series))
			tell_reason(h, GPU_FAILED, device, now, reading->reason);
		return;
	}
	bool opens = !vendor->tells_apart && gpu_is_unexplained(series, reading) &&
		     kin_opens(&h->kin, vendor->backend->files);
	bool began = series->scope != GPU_UNTOLD;
	enum gpu_scope scope = gpu_judge(series, h->task->mode, reading, opens);
	vendor->tells_apart |= series->matched;
	if (scope == GPU_UNTOLD || is_mistaken(h, vendor, series, reading))
		return;
	if (!began)
		begin_series(h, device, vendor->backend->device(vendor->state, at));
	tell_figure(h, device, now, scope == GPU_OF_DEVICE ? reading->used : reading->mine);
	h->now = now;
	if (scope == GPU_OF_TREE)
		holders_take(&h->holders, device, reading, tell_change, h);
}

static void read_vendor(struct helper *h, struct vendor *vendor,
			struct gpu_reading readings[GPU_MOST])
{
	size_t n = vendor->backend->read(vendor->state, &h->kin, readings);
	vendor->n = n < GPU_MOST - vendor->first ? n : GPU_MOST - vendor->first;
}

static void look(struct helper *h)
{
	struct gpu_reading readings[GPU_MOST];
	kin_look(&h->kin, clock_now());
	for (size_t i = 0; i < N_BACKENDS; i++) {
		struct vendor *vendor = &h->vendors[i];
		if (!vendor->backend)
			continue;
		int64_t now = clock_now();
		read_vendor(h, vendor, readings);
		for (size_t d = 0; d < vendor->n; d++)
			take(h, vendor, d, now, &readings[d]);
	}
	h->looked_at = clock_now();
}

static bool all_have_ended(const struct helper *h)
{
	size_t n = 0;
	for (size_t i = 0; i < N_BACKENDS; i++)
		for (size_t d = 0; d < h->vendors[i].n; d++, n++)
			if (!h->series[h->vendors[i].first + d].ended)
				return false;
	return n > 0;
}

/* ---- the beginning and the end ---- */

static void open_vendor(struct helper *h, size_t at, char reason[GPU_REASON])
{
	struct gpu_reading readings[GPU_MOST];
	struct vendor *vendor = &h->vendors[at];
	vendor->state = calloc(1, backends[at]->state_size);
	if (!vendor->state)
		return;
	if (backends[at]->open(vendor->state, reason) < 0) {
		backends[at]->close(vendor->state);
		free(vendor->state);
		return;
	}
	vendor->backend = backends[at];
	vendor->first = at > 0 ? h->vendors[at - 1].first + (unsigned)h->vendors[at - 1].n : 0;
	if (at + 1 < N_BACKENDS) /* how many it has: only the last one's number may grow */
		read_vendor(h, vendor, readings);
}

static bool open_vendors(struct helper *h)
{
	char reason[GPU_REASON] = "";
	bool any = false, peaks = false;
	for (size_t i = 0; i < N_BACKENDS; i++) {
		open_vendor(h, i, reason);
		const struct gpu_backend *backend = h->vendors[i].backend;
		any |= backend != NULL;
		peaks |= backend && backend->keeps_peaks &&
			 backend->keeps_peaks(h->vendors[i].state);
	}
	if (any)
		tell(h, &(struct gpu_message){ .word = GPU_READY, .has_peaks = peaks });
	else
		tell_reason(h, GPU_NONE, 0, 0, reason);
	return any;
}

/* Once a second, so that the recorder knows of a driver that answers no more. */
static void tell_life(struct helper *h, int64_t now)
{
	if (now - h->told_at < LIFE)
		return;
	h->told_at = now;
	tell(h, &(struct gpu_message){ .word = GPU_LIVES, .at = now });
}

/* Until `nanoseconds` are over, or the recorder has hung up. */
static void rest(struct helper *h, int64_t nanoseconds)
{
	struct pollfd end = { .fd = h->task->socket, .events = POLLIN | POLLRDHUP };
	struct timespec limit = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
	if (ppoll(&end, 1, &limit, NULL) > 0)
		h->over = true;
}

static void read_on(struct helper *h)
{
	struct sampler sampler;
	sampler_start(&sampler, h->task->interval > SHORTEST ? h->task->interval : SHORTEST);
	while (!h->over && !all_have_ended(h)) {
		int64_t now = clock_now(), before = clock_cpu();
		if (sampler_wait(&sampler, now) == 0) {
			sampler_pass(&sampler, now);
			look(h);
			sampler_rest(&sampler, now, clock_cpu() - before);
		}
		now = clock_now();
		tell_life(h, now);
		int64_t left = sampler_wait(&sampler, now);
		rest(h, left < LIFE ? left : LIFE);
	}
}

static void tell_peaks(struct helper *h)
{
	struct gpu_peaks peaks;
	for (size_t i = 0; i < N_BACKENDS; i++) {
		const struct vendor *vendor = &h->vendors[i];
		if (!vendor->backend || !vendor->backend->peaks)
			continue;
		for (size_t d = 0; d < vendor->n; d++) {
			unsigned device = vendor->first + (unsigned)d;
			vendor->backend->peaks(vendor->state, d, h->task->target, &peaks);
			if (peaks.processes == 0)
				continue;
			if (h->series[device].scope == GPU_UNTOLD)
				tell_device(h, device, vendor->backend->device(vendor->state, d));
			tell(h, &(struct gpu_message){ .word = GPU_PEAK_IS,
						       .device = device,
						       .processes = peaks.processes,
						       .bytes = peaks.largest,
						       .total = peaks.sum });
		}
	}
}

void gpu_help(const struct gpu_task *task)
{
	struct helper h = { .task = task };
	if (kin_open(&h.kin, task->target, task->recorder, task->adopts) == 0 && open_vendors(&h)) {
		read_on(&h);
		tell_peaks(&h);
	}
	tell(&h, &(struct gpu_message){ .word = GPU_OVER });
	for (size_t i = 0; i < N_BACKENDS; i++)
		if (h.vendors[i].backend)
			h.vendors[i].backend->close(h.vendors[i].state);
	holders_free(&h.holders);
	kin_close(&h.kin);
}
