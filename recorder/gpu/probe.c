/* GPU records: what the helper tells goes into the file with the next sample. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/gpu/gpu.h"
#include "recorder/gpu/helper.h"
#include "recorder/gpu/spawn.h"
#include "recorder/gpu/sysroot.h"
#include "recorder/kernel/clock.h"
#include "recorder/probes/probe.h"
#include "recorder/record.h"
#include "recorder/recording/watch.h"
#include "recorder/source/metrics.h"
#include "share/fault.h"
#include "share/format.h"

static const int64_t LOOK_EVERY = 20000000, LAST_WORDS = 900000000; /* ns */
static const uint64_t MOST_BYTES = (uint64_t)1
				   << 50; /* more is no GPU's: the driver talks nonsense */

struct gpu {
	pid_t helper;
	int socket;
	int64_t looked_at; /* monotonic ns */
	bool hung_up;      /* the helper did */
	bool has_peaks, over;
	uint64_t peaks[GPU_MOST], totals[GPU_MOST]; /* bytes; 0: none */
	uint64_t held[GPU_MOST];                    /* bytes, as last told */
	struct gpu_message failed, none;            /* the first; text empty: not so */
};

/* ---- options ---- */

static const char *const modes[] = { "auto", "on", "tree", "device", "off" }; /* as enum gpu_mode */

static int parse_mode(const char *text, void *value)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(text, modes[i]) == 0) {
			*(enum gpu_mode *)value = (enum gpu_mode)i;
			return 0;
		}
	return -EINVAL;
}

const struct option_type record_gpu = { "WHOSE", "auto, on, tree, device or off", parse_mode,
					"auto on tree device off" };

static bool is_device_file(const char *name)
{
	char path[SYSROOT_PATH];
	sysroot_path(path, "/dev/%s", name);
	return access(path, F_OK) == 0;
}

/* dxg: NVIDIA's, where Linux runs under Windows. */
bool gpu_is_available(void)
{
	return is_device_file("nvidiactl") || (is_device_file("dri") && gpu_drm_is_there()) ||
	       is_device_file("dxg");
}

static enum gpu_mode mode_for(const struct record_options *options)
{
	bool named = options->gpu == GPU_AUTO && metrics_name_gpu(options->metric);
	return named ? GPU_ON : options->gpu;
}

static int gpu_check(const struct record_options *options)
{
	enum gpu_mode mode = mode_for(options);
	if (mode == GPU_AUTO || mode == GPU_OFF || gpu_is_available())
		return -1;
	return fault(STATUS_FAULT,
		     "there is no GPU here whose memory could be recorded; leave %s%s out",
		     mode == options->gpu ? "--gpu=" : "gpu of -b",
		     mode == options->gpu ? modes[mode] : "");
}

/* ---- the beginning ---- */

static int start_helper(struct gpu *gpu, const struct watch *w)
{
	struct gpu_task task = {
		.target = w->target->pid,
		.recorder = getpid(),
		.adopts = w->family->reach == FAMILY_ADOPTS,
		.mode = mode_for(w->options),
		.interval = w->options->interval,
	};
	gpu->helper = gpu_spawn(&task, w->signals, &gpu->socket);
	return gpu->helper < 0 ? gpu->helper : family_ignore(w->family, gpu->helper);
}

static int gpu_open(void *state, struct watch *w)
{
	struct gpu *gpu = state;
	gpu->socket = -1;
	if (mode_for(w->options) == GPU_OFF || !gpu_is_available())
		return -ENODEV;
	int r = start_helper(gpu, w);
	if (r < 0) {
		snprintf(gpu->none.text, sizeof gpu->none.text, "%s", strerror(-r));
		gpu->hung_up = gpu->over = true;
	}
	return 0;
}

/* ---- what it tells ---- */

static int64_t moment_of(const struct watch *w, int64_t at)
{
	return sampler_epoch_us(&w->sampler, at);
}

static void put_device(struct gpu *gpu, struct watch *w, const struct gpu_message *m)
{
	char name_key[16], total_key[24], total[32];
	snprintf(name_key, sizeof name_key, "gpu%u", m->device);
	snprintf(total_key, sizeof total_key, "gpu%u_total", m->device);
	format_mib(total, m->total);
	gpu->totals[m->device] = m->total;
	const struct profile_pair pairs[] = { { name_key, m->text }, { total_key, total } };
	profile_put_meta(w->writer, pairs, m->total > 0 ? 2 : 1);
}

static void put_peaks(struct watch *w, const struct gpu_message *m)
{
	char keys[3][32], largest[32], sum[32], processes[16];
	snprintf(keys[0], sizeof keys[0], "gpu%u_peak", m->device);
	snprintf(keys[1], sizeof keys[1], "gpu%u_peak_sum", m->device);
	snprintf(keys[2], sizeof keys[2], "gpu%u_peak_processes", m->device);
	format_mib(largest, m->bytes);
	format_mib(sum, m->total);
	snprintf(processes, sizeof processes, "%u", m->processes);
	const struct profile_pair pairs[] = { { keys[0], largest },
					      { keys[1], sum },
					      { keys[2], processes } };
	profile_put_meta(w->writer, pairs, m->processes > 1 ? 3 : 1);
}

/* For whoever acts on it. */
static void find_fullest(const struct gpu *gpu, struct watch *w)
{
	w->vram = 0;
	w->vram_share = 0;
	for (unsigned i = 0; i < GPU_MOST; i++) {
		double share = gpu->totals[i] ? (double)gpu->held[i] / (double)gpu->totals[i] : 0;
		w->vram = gpu->held[i] > w->vram ? gpu->held[i] : w->vram;
		w->vram_share = share > w->vram_share ? share : w->vram_share;
	}
}

static void put_figure(struct gpu *gpu, struct watch *w, const struct gpu_message *m)
{
	char device[16];
	gpu->held[m->device] = m->bytes;
	find_fullest(gpu, w);
	if (m->bytes > gpu->peaks[m->device])
		gpu->peaks[m->device] = m->bytes;
	snprintf(device, sizeof device, "%u", m->device);
	profile_put_gpu(w->writer, device, moment_of(w, m->at), m->bytes, m->whole_device);
}

static void keep_first(struct gpu_message *kept, const struct gpu_message *m)
{
	if (!*kept->text)
		*kept = *m;
}

/* The recording is over, though the program is not; nobody listened meanwhile. */
static bool is_late(const struct watch *w, const struct gpu_message *m)
{
	return (m->word == GPU_FIGURE || m->word == GPU_FAILED) && w->timeout > 0 &&
	       m->at - w->sampler.first > w->timeout;
}

static void take_message(struct gpu *gpu, struct watch *w, const struct gpu_message *m)
{
	if (is_late(w, m) || m->device >= GPU_MOST)
		return;
	switch (m->word) {
	case GPU_READY: gpu->has_peaks = m->has_peaks; break;
	case GPU_IS: put_device(gpu, w, m); break;
	case GPU_FIGURE: put_figure(gpu, w, m); break;
	case GPU_PEAK_IS: put_peaks(w, m); break;
	case GPU_FAILED: keep_first(&gpu->failed, m); break;
	case GPU_NONE: keep_first(&gpu->none, m); break;
	case GPU_OVER: gpu->over = true; break;
	}
}

static uint64_t sane(uint64_t bytes)
{
	return bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

/* All that has been told so far. */
static void hear(struct gpu *gpu, struct watch *w)
{
	struct gpu_message message = { 0 };
	while (!gpu->hung_up) {
		ssize_t n = recv(gpu->socket, &message, sizeof message, MSG_DONTWAIT);
		message.bytes = sane(message.bytes);
		message.total = sane(message.total);
		if (n == (ssize_t)sizeof message)
			take_message(gpu, w, &message);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n >= 0 || errno != EINTR)
			gpu->hung_up = true;
	}
}

static void gpu_sample(void *state, struct watch *w, int64_t now)
{
	struct gpu *gpu = state;
	if (gpu->hung_up || now - gpu->looked_at < LOOK_EVERY)
		return;
	gpu->looked_at = now;
	hear(gpu, w);
}

/* ---- the end ---- */

/* Only a driver that keeps the peaks of processes that have ended has something to add. */
static void hear_last_words(struct gpu *gpu, struct watch *w)
{
	int64_t now = clock_now(), until = now + LAST_WORDS;
	shutdown(gpu->socket, SHUT_WR);
	while (!gpu->hung_up && now < until) {
		struct pollfd more = { .fd = gpu->socket, .events = POLLIN };
		struct timespec limit = { 0, until - now };
		ppoll(&more, 1, &limit, NULL);
		hear(gpu, w);
		now = clock_now();
	}
}

static void gpu_end(void *state, struct watch *w)
{
	struct gpu *gpu = state;
	if (gpu->helper == 0) /* the target ended before it was looked at */
		return;
	hear(gpu, w);
	if (gpu->has_peaks && !gpu->over)
		hear_last_words(gpu, w);
}

/* "GPU 0: peak 2.9 GiB of 79.6 GiB", each device behind the other; a log has no use for it. */
static void say_peaks(const struct gpu *gpu)
{
	char text[1024], peak[FORMAT_SIZE], total[FORMAT_SIZE];
	int used = 0;
	for (unsigned i = 0; i < GPU_MOST && used < (int)sizeof text - 128; i++) {
		if (gpu->peaks[i] == 0)
			continue;
		format_memory(peak, sample_mib(sample_umib(gpu->peaks[i])));
		format_memory(total, sample_mib(sample_umib(gpu->totals[i])));
		used += snprintf(text + used, sizeof text - (size_t)used, "%sGPU %u: peak %s%s%s",
				 used ? "; " : "", i, peak, gpu->totals[i] ? " of " : "",
				 gpu->totals[i] ? total : "");
	}
	if (used > 0)
		notice("%s", text);
}

static int gpu_say(void *state, const struct recording *r, const struct watch *w, int status)
{
	const struct gpu *gpu = state;
	char length[FORMAT_SIZE];
	if (!r->options->quiet && isatty(STDERR_FILENO))
		say_peaks(gpu);
	if (gpu->hung_up && !gpu->over)
		warning("GPU memory is not recorded to the end: the process that asked the driver "
			"died, as it does when a driver's library crashes");
	else if (*gpu->failed.text)
		warning("GPU %u is recorded only for the first %s: %s", gpu->failed.device,
			format_duration(length, (double)(gpu->failed.at - w->sampler.first) / 1e9),
			gpu->failed.text);
	else if (*gpu->none.text && mode_for(r->options) != GPU_AUTO)
		warning("no GPU was recorded: %s", gpu->none.text);
	return status;
}

/* One that hangs in the kernel dies when it comes back; nobody waits for it. Until it is waited for
 * its number is its own: the loop reaps only those that have hung up. */
static void gpu_close(void *state)
{
	struct gpu *gpu = state;
	if (gpu->helper > 0 && !gpu->hung_up)
		kill(gpu->helper, SIGKILL);
	if (gpu->helper > 0)
		waitpid(gpu->helper, NULL, WNOHANG);
	if (gpu->socket > 0)
		close(gpu->socket);
}

const struct probe probe_gpu = {
	.name = "gpu",
	.state_size = sizeof(struct gpu),
	.check = gpu_check,
	.open = gpu_open,
	.sample = gpu_sample,
	.end = gpu_end,
	.say = gpu_say,
	.close = gpu_close,
};
