/* GPU records: what the helper tells goes into the file with the next sample. */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
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
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "share/fault.h"
#include "share/format.h"

_Static_assert((int)VRAM_DEVICES == (int)GPU_MOST, "each device has its place");

static const int64_t LOOK_EVERY = 20000000, LAST_WORDS = 900000000; /* ns */
static const int64_t PATIENCE = 3000000000, STARTING = 10000000000; /* ns without an answer */
static const uint64_t MOST_BYTES = (uint64_t)1
				   << 50; /* more is no GPU's: the driver talks nonsense */

struct gpu {
	enum gpu_mode asked, mode; /* --gpu; with what -b asks for */
	pid_t helper;
	int socket;
	int64_t looked_at; /* monotonic ns */
	int64_t heard_at;  /* monotonic ns: the helper's last message is of then */
	int64_t silent;    /* ns: at the end the driver had not answered for so long; 0: it had */
	bool ready;        /* the driver has answered at all */
	bool hung_up;      /* the helper did */
	bool has_peaks, over;
	uint64_t peaks[GPU_MOST], totals[GPU_MOST]; /* bytes; 0: none */
	uint64_t held[GPU_MOST];                    /* bytes, as last told */
	struct gpu_message failed, none;            /* the first; text empty: not so */
};

/* ---- options ---- */

static const char *const modes[] = {
	"auto", "on", "tree", "device", "off", "outside", NULL
}; /* as enum gpu_mode */

static int parse_mode(const char *text, void *value)
{
	int mode = option_parse_word(text, modes);
	if (mode < 0)
		return mode;
	*(enum gpu_mode *)value = (enum gpu_mode)mode;
	return 0;
}

static const struct option_type type_mode = { "WHOSE", "auto, on, tree, device, off or outside",
					      parse_mode, "auto on tree device off outside" };

static const struct command_option options[] = {
	{ 0, "gpu", &type_mode, offsetof(struct gpu, asked),
	  "VRAM: auto (default), on, tree, device, off or outside" },
	{ 0 },
};

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

bool gpu_computes(void)
{
	return is_device_file("nvidiactl") || is_device_file("kfd");
}

static int gpu_check(void *state, struct recording *r)
{
	struct gpu *gpu = state;
	r->vram.outside = gpu->asked == GPU_OUTSIDE;
	if (r->vram.outside)
		gpu->asked = GPU_AUTO;
	bool named = gpu->asked == GPU_AUTO && r->options.metrics.gpu;
	bool is_there = gpu->asked != GPU_OFF && gpu_is_available();
	gpu->mode = named ? GPU_ON : gpu->asked;
	r->vram.told = gpu->asked == GPU_OFF ? VRAM_OFF : is_there ? VRAM_TOLD : VRAM_NONE;
	if (r->options.group && (named || gpu->asked == GPU_ON))
		return fault(STATUS_USAGE, "--cgroup records no VRAM; leave %s out",
			     named ? "gpu of -b" : "--gpu");
	if (r->options.group)
		r->vram.told = VRAM_OFF;
	if (gpu->mode == GPU_AUTO || gpu->mode == GPU_OFF || is_there)
		return -1;
	return fault(STATUS_FAULT,
		     "there is no GPU here whose memory could be recorded; leave %s%s out",
		     named ? "gpu of -b" : "--gpu=", named ? "" : modes[gpu->mode]);
}

/* ---- the beginning ---- */

static int start_helper(struct gpu *gpu, struct recording *r)
{
	struct gpu_task task = {
		.target = r->target.pid,
		.recorder = getpid(),
		.adopts = r->family.reach == FAMILY_ADOPTS,
		.mode = gpu->mode,
		.interval = r->options.interval,
	};
	gpu->helper = gpu_spawn(&task, &r->signals, &gpu->socket);
	return gpu->helper < 0 ? gpu->helper : recording_help(r, gpu->helper);
}

static int gpu_open(void *state, struct recording *r)
{
	struct gpu *gpu = state;
	if (r->vram.told != VRAM_TOLD)
		return -ENODEV;
	gpu->heard_at = clock_now();
	int e = start_helper(gpu, r);
	if (e < 0) {
		snprintf(gpu->none.text, sizeof gpu->none.text, "%s", strerror(-e));
		gpu->hung_up = gpu->over = true;
	}
	return 0;
}

/* ---- what it tells ---- */

static int64_t moment_of(const struct recording *r, int64_t at)
{
	return sampler_epoch_us(&r->sampler, at);
}

static void put_word(struct recording *r, unsigned device, const char *what, const char *word)
{
	char key[32];
	const struct profile_pair pair = { key, word };
	snprintf(key, sizeof key, "gpu%u_%s", device, what);
	if (word)
		profile_put_meta(&r->writer, &pair, 1);
}

static void put_device(struct gpu *gpu, struct recording *r, const struct gpu_message *m)
{
	char name_key[16], total_key[24], total[FIGURE_SIZE];
	snprintf(name_key, sizeof name_key, "gpu%u", m->device);
	snprintf(total_key, sizeof total_key, "gpu%u_total", m->device);
	gpu->totals[m->device] = m->total;
	const struct profile_pair pairs[] = { { name_key, m->text },
					      { total_key, figure_write(total, m->total) } };
	profile_put_meta(&r->writer, pairs, m->total > 0 ? 2 : 1);
	put_word(r, m->device, "memory", m->unified ? "unified" : NULL);
	put_word(r, m->device, "whose", m->eliminated ? "elimination" : NULL);
}

static void put_peaks(struct recording *r, const struct gpu_message *m)
{
	char keys[3][32], largest[FIGURE_SIZE], sum[FIGURE_SIZE], processes[16];
	snprintf(keys[0], sizeof keys[0], "gpu%u_peak", m->device);
	snprintf(keys[1], sizeof keys[1], "gpu%u_peak_sum", m->device);
	snprintf(keys[2], sizeof keys[2], "gpu%u_peak_processes", m->device);
	snprintf(processes, sizeof processes, "%u", m->processes);
	const struct profile_pair pairs[] = { { keys[0], figure_write(largest, m->bytes) },
					      { keys[1], figure_write(sum, m->total) },
					      { keys[2], processes } };
	profile_put_meta(&r->writer, pairs, m->processes > 1 ? 3 : 1);
}

/* For whoever acts on it. */
static void find_fullest(const struct gpu *gpu, struct recording *r)
{
	r->vram.bytes = 0;
	r->vram.share = 0;
	for (unsigned i = 0; i < GPU_MOST; i++) {
		double share = gpu->totals[i] ? (double)gpu->held[i] / (double)gpu->totals[i] : 0;
		r->vram.bytes = gpu->held[i] > r->vram.bytes ? gpu->held[i] : r->vram.bytes;
		r->vram.share = share > r->vram.share ? share : r->vram.share;
	}
}

static void put_figure(struct gpu *gpu, struct recording *r, const struct gpu_message *m)
{
	char device[16];
	gpu->held[m->device] = m->bytes;
	find_fullest(gpu, r);
	r->vram.devices[m->device] = (struct vram_device){ true, m->whole_device, m->bytes };
	if (m->bytes > gpu->peaks[m->device])
		gpu->peaks[m->device] = m->bytes;
	snprintf(device, sizeof device, "%u", m->device);
	profile_put_gpu(&r->writer, device, moment_of(r, m->at), m->bytes, m->whole_device);
}

static void note_change(struct recording *r, const struct gpu_message *m)
{
	struct vram_result *vram = &r->vram;
	size_t i = 0;
	while (i < vram->n_changes &&
	       (vram->changes[i].device != m->device || vram->changes[i].pid != m->pid))
		i++;
	if (i == VRAM_CHANGES)
		return;
	if (i == vram->n_changes)
		vram->changes[vram->n_changes++] =
			(struct vram_change){ .device = m->device, .pid = m->pid };
	vram->changes[i].bytes += (int64_t)m->bytes - (int64_t)m->total;
	vram->changes[i].us = moment_of(r, m->at);
}

static void keep_first(struct gpu_message *kept, const struct gpu_message *m)
{
	if (!*kept->text)
		*kept = *m;
}

/* The recording is over, though the program is not; nobody listened meanwhile. */
static bool is_late(const struct recording *r, const struct gpu_message *m)
{
	bool passing = m->word == GPU_FIGURE || m->word == GPU_CHANGE || m->word == GPU_FAILED;
	return passing && r->timeout > 0 && m->at - r->sampler.first > r->timeout;
}

static void take_message(struct gpu *gpu, struct recording *r, const struct gpu_message *m)
{
	gpu->heard_at = m->at > gpu->heard_at ? m->at : gpu->heard_at;
	gpu->ready |= m->word == GPU_READY;
	if (is_late(r, m) || m->device >= GPU_MOST)
		return;
	switch (m->word) {
	case GPU_READY: gpu->has_peaks = m->has_peaks; break;
	case GPU_LIVES: break;
	case GPU_IS: put_device(gpu, r, m); break;
	case GPU_FIGURE: put_figure(gpu, r, m); break;
	case GPU_CHANGE: note_change(r, m); break;
	case GPU_PEAK_IS: put_peaks(r, m); break;
	case GPU_FAILED:
		r->vram.devices[m->device].told = false;
		keep_first(&gpu->failed, m);
		break;
	case GPU_NONE: keep_first(&gpu->none, m); break;
	case GPU_OVER: gpu->over = true; break;
	}
}

static uint64_t sane(uint64_t bytes)
{
	return bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

/* All that has been told so far. */
static void hear(struct gpu *gpu, struct recording *r)
{
	struct gpu_message message = { 0 };
	while (!gpu->hung_up) {
		ssize_t n = recv(gpu->socket, &message, sizeof message, MSG_DONTWAIT);
		message.bytes = sane(message.bytes);
		message.total = sane(message.total);
		if (n == (ssize_t)sizeof message)
			take_message(gpu, r, &message);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n >= 0 || errno != EINTR)
			gpu->hung_up = true;
	}
}

static void gpu_sample(void *state, struct recording *r, int64_t now)
{
	struct gpu *gpu = state;
	r->vram.n_changes = 0;
	if (gpu->hung_up || now - gpu->looked_at < LOOK_EVERY)
		return;
	gpu->looked_at = now;
	hear(gpu, r);
	if (gpu->hung_up)
		memset(r->vram.devices, 0, sizeof r->vram.devices);
}

/* ---- the end ---- */

/* Only a driver that keeps the peaks of processes that have ended has something to add. */
static void hear_last_words(struct gpu *gpu, struct recording *r)
{
	int64_t now = clock_now(), until = now + LAST_WORDS;
	shutdown(gpu->socket, SHUT_WR);
	while (!gpu->hung_up && now < until) {
		struct pollfd more = { .fd = gpu->socket, .events = POLLIN };
		struct timespec limit = { 0, until - now };
		ppoll(&more, 1, &limit, NULL);
		hear(gpu, r);
		now = clock_now();
	}
}

/* A driver may take long to start, and the helper rests as long as the samples are apart. */
static void note_silence(struct gpu *gpu, const struct recording *r)
{
	int64_t silent = clock_now() - gpu->heard_at, rest = (int64_t)(2e9 * r->options.interval);
	int64_t patience = gpu->ready ? PATIENCE : STARTING;
	if (!gpu->hung_up && !gpu->over && silent > patience + rest)
		gpu->silent = silent;
}

static void gpu_end(void *state, struct recording *r)
{
	struct gpu *gpu = state;
	r->vram.n_changes = 0;
	hear(gpu, r);
	note_silence(gpu, r);
	if (gpu->has_peaks && !gpu->over)
		hear_last_words(gpu, r);
}

/* "GPU 0: sampled peak 2.9 GiB of 79.6 GiB", each device behind the other; a log has no use for it.
 */
static void say_peaks(const struct gpu *gpu)
{
	char text[1024], peak[FORMAT_SIZE], total[FORMAT_SIZE];
	int used = 0;
	for (unsigned i = 0; i < GPU_MOST && used < (int)sizeof text - 128; i++) {
		if (gpu->peaks[i] == 0)
			continue;
		figure_say(peak, gpu->peaks[i]);
		figure_say(total, gpu->totals[i]);
		used += snprintf(text + used, sizeof text - (size_t)used,
				 "%sGPU %u: sampled peak %s%s%s", used ? "; " : "", i, peak,
				 gpu->totals[i] ? " of " : "", gpu->totals[i] ? total : "");
	}
	if (used > 0)
		notice("%s", text);
}

static int gpu_say(void *state, const struct recording *r, int status)
{
	const struct gpu *gpu = state;
	char length[FORMAT_SIZE];
	if (!r->options.quiet && isatty(STDERR_FILENO))
		say_peaks(gpu);
	if (gpu->hung_up && !gpu->over)
		warning("GPU memory is not recorded to the end: the process that asked the driver "
			"died, as it does when a driver's library crashes");
	else if (gpu->silent > 0)
		warning("GPU memory is not recorded%s: the driver had not answered for %s",
			gpu->ready ? " to the end" : "",
			format_duration(length, (double)gpu->silent / 1e9));
	else if (*gpu->failed.text)
		warning("GPU %u is recorded only for the first %s: %s", gpu->failed.device,
			format_duration(length, (double)(gpu->failed.at - r->sampler.first) / 1e9),
			gpu->failed.text);
	else if (*gpu->none.text && gpu->mode != GPU_AUTO)
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
	if (gpu->socket >= 0)
		close(gpu->socket);
}

static const struct gpu initial = { .socket = -1 };

const struct probe probe_gpu = {
	.state_size = sizeof(struct gpu),
	.initial = &initial,
	.options = options,
	.check = gpu_check,
	.open = gpu_open,
	.sample = gpu_sample,
	.end = gpu_end,
	.say = gpu_say,
	.close = gpu_close,
};
