/* NVIDIA's devices, through libnvidia-ml.so.1. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/gpu/backend.h"
#include "recorder/gpu/nvml_library.h"
#include "recorder/gpu/unified.h"
#include "share/array.h"

enum {
	MOST_PROCESSES = 65536, /* on one device: beyond it the driver talks nonsense */
	MOST_PEAKS = 1024,      /* processes of the tree whose peaks are asked for */
	MOST_TRIES = 100,       /* readings: each looks at all open files of the tree */
	IDLE = 64 << 20,        /* bytes that an idle device may have in use */
};

/* What a program has open that computes there. */
static const char *const computing[] = { "/dev/nvidia-uvm", "/dev/dxg", NULL };

struct process { /* on one device */
	pid_t pid;
	bool ours, listed;
	bool here;  /* it is a process of this pid namespace */
	bool first; /* it was listed at the first reading */
	pid_t is;   /* the number that it has here, by elimination; 0: its own */
	bool has_used;
	uint64_t used;
};

struct unit {
	struct nvml_handle *handle;
	struct gpu_device device;
	bool keeps_peaks;
	struct process *processes; /* listed at the last reading */
	size_t n_processes;
	bool read;      /* its processes were listed once */
	unsigned tries; /* to find one by elimination */
	bool doubted;   /* the one that was found may be another's */
	pid_t *seen;    /* of the tree, ever */
	size_t n_seen;
};

struct nvml {
	struct nvml_library library;
	bool started;
	char *buffer;
	unsigned room; /* processes that fit into the buffer, of the largest kind */
	struct unit units[GPU_MOST];
	size_t n;
};

/* ---- devices ---- */

static int ask_memory(const struct nvml *nvml, struct nvml_handle *handle,
		      struct nvml_memory *memory)
{
	struct nvml_memory_v2 v2 = { .version = NVML_MEMORY_V2 };
	if (nvml->library.calls.memory_v2 &&
	    nvml->library.calls.memory_v2(handle, &v2) == NVML_SUCCESS) {
		*memory = (struct nvml_memory){ v2.total, v2.free, v2.used };
		return NVML_SUCCESS;
	}
	return nvml->library.calls.memory(handle, memory);
}

/* Where the device has none of its own, the machine's stands in. */
static int read_memory(const struct nvml *nvml, struct nvml_handle *handle,
		       struct nvml_memory *memory, bool *unified)
{
	uint64_t total, used;
	int code = ask_memory(nvml, handle, memory);
	*unified = code == NVML_NOT_SUPPORTED && unified_memory(&total, &used);
	if (!*unified)
		return code;
	*memory = (struct nvml_memory){ .total = total, .free = total - used, .used = used };
	return NVML_SUCCESS;
}

static void add_unit(struct nvml *nvml, struct nvml_handle *handle)
{
	struct nvml_memory memory = { 0 };
	int enabled = 0;
	if (nvml->n == GPU_MOST)
		return;
	struct unit *unit = &nvml->units[nvml->n++];
	unit->handle = handle;
	if (!nvml->library.calls.name ||
	    nvml->library.calls.name(handle, unit->device.name, GPU_NAME) != NVML_SUCCESS)
		strcpy(unit->device.name, "NVIDIA GPU");
	unit->device.name[GPU_NAME - 1] = '\0';
	if (read_memory(nvml, handle, &memory, &unit->device.unified) == NVML_SUCCESS)
		unit->device.total = memory.total;
	unit->keeps_peaks = nvml->library.calls.accounting_mode && nvml->library.calls.accounting &&
			    nvml->library.calls.accounting_mode(handle, &enabled) == NVML_SUCCESS &&
			    enabled == 1;
}

/* A device that is cut into instances is one no more: each instance has its memory. */
static bool add_instances(struct nvml *nvml, struct nvml_handle *parent)
{
	const struct nvml_calls *calls = &nvml->library.calls;
	unsigned now = 0, pending = 0, most = 0;
	struct nvml_handle *instance;
	size_t before = nvml->n;
	if (!calls->mig_mode || !calls->mig_count || !calls->mig_handle ||
	    calls->mig_mode(parent, &now, &pending) != NVML_SUCCESS || now != 1 ||
	    calls->mig_count(parent, &most) != NVML_SUCCESS)
		return false;
	for (unsigned i = 0; i < most && i < GPU_MOST; i++)
		if (calls->mig_handle(parent, i, &instance) == NVML_SUCCESS)
			add_unit(nvml, instance);
	return nvml->n > before;
}

static int find_devices(struct nvml *nvml, char reason[GPU_REASON])
{
	unsigned n = 0;
	struct nvml_handle *handle;
	int code = nvml->library.calls.count(&n);
	for (unsigned i = 0; code == NVML_SUCCESS && i < n && i < GPU_MOST; i++)
		if (nvml->library.calls.handle(i, &handle) == NVML_SUCCESS &&
		    !add_instances(nvml, handle))
			add_unit(nvml, handle);
	if (nvml->n > 0)
		return 0;
	if (code == NVML_SUCCESS)
		snprintf(reason, GPU_REASON, "NVIDIA's driver tells of no device");
	else
		nvml_library_explain(&nvml->library, code, reason);
	return -EIO;
}

static int nvml_open(void *state, char reason[GPU_REASON])
{
	struct nvml *nvml = state;
	int r = nvml_library_load(&nvml->library, reason);
	if (r < 0)
		return r;
	int code = nvml->library.calls.init();
	if (code != NVML_SUCCESS) {
		nvml_library_explain(&nvml->library, code, reason);
		return -EIO;
	}
	nvml->started = true;
	return find_devices(nvml, reason);
}

/* ---- processes ---- */

static int make_room(struct nvml *nvml, unsigned wanted)
{
	if (wanted > MOST_PROCESSES)
		return -ENOMEM;
	char *buffer = realloc(nvml->buffer, wanted * sizeof(struct nvml_process_wide));
	if (!buffer)
		return -ENOMEM;
	nvml->buffer = buffer;
	nvml->room = wanted;
	return 0;
}

/* Fills the buffer; NVML_SUCCESS also where this device has no such list. */
static int fill(struct nvml *nvml, struct nvml_handle *handle, size_t kind, unsigned *n)
{
	int code = NVML_INSUFFICIENT_SIZE;
	*n = 0;
	for (int i = 0; i < 8 && code == NVML_INSUFFICIENT_SIZE; i++) {
		unsigned wanted = *n > nvml->room ? *n + *n / 4 : 2 * nvml->room + 16;
		if ((i > 0 || !nvml->buffer) && make_room(nvml, wanted) < 0)
			break;
		*n = nvml->room;
		code = nvml->library.lists[kind](handle, n, nvml->buffer);
	}
	if (code == NVML_NOT_SUPPORTED || code == NVML_NO_PERMISSION ||
	    code == NVML_FUNCTION_NOT_FOUND || code == NVML_NOT_FOUND)
		code = NVML_SUCCESS, *n = 0;
	*n = *n < nvml->room ? *n : nvml->room;
	return code;
}

static bool was_seen(const struct unit *unit, pid_t pid)
{
	for (size_t i = 0; i < unit->n_seen; i++)
		if (unit->seen[i] == pid)
			return true;
	return false;
}

static void note_seen(struct unit *unit, pid_t pid)
{
	if (was_seen(unit, pid) || unit->n_seen == MOST_PEAKS)
		return;
	pid_t *seen = array_more(&unit->seen, &unit->n_seen, sizeof *seen);
	if (seen)
		*seen = pid;
}

/* Whoever is listed without a break is the same process: asked about once. */
static struct process *process_for(struct unit *unit, const struct kin *kin, pid_t pid)
{
	for (size_t i = 0; i < unit->n_processes; i++)
		if (unit->processes[i].pid == pid)
			return &unit->processes[i];
	struct procfs_stat stat;
	struct process *new = array_more(&unit->processes, &unit->n_processes, sizeof *new);
	if (!new)
		return NULL;
	new->pid = pid;
	new->ours = kin_has(kin, pid);
	new->here = procfs_stat(pid, &stat) == 0;
	new->first = !unit->read;
	if (new->ours)
		note_seen(unit, pid);
	return new;
}

static void note(struct unit *unit, const struct kin *kin, const struct nvml_process *entry)
{
	struct process *p = process_for(unit, kin, (pid_t)entry->pid);
	if (!p)
		return;
	p->listed = true;
	if (entry->used == NVML_NOT_AVAILABLE)
		return;
	p->used = p->has_used && p->used > entry->used ? p->used : entry->used;
	p->has_used = true;
}

/* A process may stand in several lists, each time with all that it holds. */
static int list_processes(struct nvml *nvml, struct unit *unit, const struct kin *kin)
{
	struct nvml_process entry;
	unsigned n;
	int code = NVML_SUCCESS;
	for (size_t i = 0; i < unit->n_processes; i++)
		unit->processes[i].listed = unit->processes[i].has_used = false;
	for (size_t k = 0; k < NVML_LISTS && code == NVML_SUCCESS; k++) {
		if (!nvml->library.lists[k])
			continue;
		code = fill(nvml, unit->handle, k, &n);
		for (unsigned i = 0; code == NVML_SUCCESS && i < n; i++) {
			memcpy(&entry, nvml->buffer + i * nvml->library.stride[k], sizeof entry);
			note(unit, kin, &entry);
		}
	}
	return code;
}

/* When another one that it might be comes to be listed, either may be it: it is taken back. */
static void doubt(struct unit *unit)
{
	struct process *found = NULL;
	bool another = false;
	for (struct process *p = unit->processes; p < unit->processes + unit->n_processes; p++) {
		found = p->listed && p->is ? p : found;
		another |= p->listed && !p->is && !p->ours && !p->here && !p->first;
	}
	if (!found || !another)
		return;
	found->ours = false;
	found->is = 0;
	unit->doubted = true;
	unit->tries = MOST_TRIES;
	unit->device.eliminated = false;
}

/* In a container the driver tells numbers that are not those here. Where one process of the tree
 * alone has a device open, and one alone has come to be listed since the first reading, they are
 * the same. */
static void eliminate(struct unit *unit, const struct kin *kin)
{
	struct process *only = NULL;
	doubt(unit);
	size_t n = 0;
	for (struct process *p = unit->processes; p < unit->processes + unit->n_processes; p++) {
		if (p->listed && p->ours)
			return;
		bool may_be = p->listed && !p->here && !p->first;
		only = may_be ? p : only;
		n += may_be;
	}
	if (n != 1 || unit->tries >= MOST_TRIES)
		return;
	unit->tries++;
	only->is = kin_only_opener(kin, computing);
	only->ours = only->is > 0;
	unit->device.eliminated |= only->ours;
}

/* Adds up, and forgets who is listed no more. */
static void settle_processes(struct unit *unit, struct gpu_reading *reading)
{
	size_t kept = 0;
	bool hidden = false, here = false;
	for (size_t i = 0; i < unit->n_processes; i++) {
		struct process p = unit->processes[i];
		if (!p.listed)
			continue;
		if (p.ours && p.has_used) {
			gpu_add_part(reading, p.is ? p.is : p.pid, p.used);
		}
		hidden |= p.ours && !p.has_used;
		here |= p.here;
		unit->processes[kept++] = p;
	}
	if (hidden || unit->doubted)
		reading->share = GPU_HIDDEN;
	reading->doubted = unit->doubted;
	unit->n_processes = kept;
	reading->blind = kept > 0 && !here;
}

static void read_unit(struct nvml *nvml, struct unit *unit, const struct kin *kin,
		      struct gpu_reading *reading)
{
	struct nvml_memory memory = { 0 };
	bool unified;
	int code = read_memory(nvml, unit->handle, &memory, &unified);
	reading->has_used = code == NVML_SUCCESS;
	reading->used = memory.used;
	if (code == NVML_NOT_SUPPORTED || code == NVML_NO_PERMISSION)
		code = NVML_SUCCESS;
	if (code == NVML_SUCCESS)
		code = list_processes(nvml, unit, kin);
	if (code == NVML_SUCCESS) {
		eliminate(unit, kin);
		unit->read = true;
		settle_processes(unit, reading);
		/* Only the second version does not count what the driver keeps for itself. */
		if (unit->n_processes == 0 && nvml->library.calls.memory_v2 && !unified)
			reading->blind = reading->used > IDLE;
		return;
	}
	bool passes = code == NVML_TIMEOUT || code == NVML_IN_USE || code == NVML_UNKNOWN ||
		      code == NVML_INSUFFICIENT_SIZE;
	reading->error = passes ? -EIO : -ENODEV;
	nvml_library_explain(&nvml->library, code, reading->reason);
}

static size_t nvml_read(void *state, struct kin *kin, struct gpu_reading readings[GPU_MOST])
{
	struct nvml *nvml = state;
	for (size_t i = 0; i < nvml->n; i++) {
		readings[i] = (struct gpu_reading){ 0 };
		read_unit(nvml, &nvml->units[i], kin, &readings[i]);
	}
	return nvml->n;
}

static const struct gpu_device *nvml_device(const void *state, size_t at)
{
	const struct nvml *nvml = state;
	return &nvml->units[at].device;
}

/* ---- peaks ---- */

static bool nvml_keeps_peaks(const void *state)
{
	const struct nvml *nvml = state;
	for (size_t i = 0; i < nvml->n; i++)
		if (nvml->units[i].keeps_peaks)
			return true;
	return false;
}

static void add_peak(const struct nvml *nvml, const struct unit *unit, pid_t pid,
		     struct gpu_peaks *peaks)
{
	struct nvml_accounting stats = { 0 };
	if (nvml->library.calls.accounting(unit->handle, (unsigned)pid, &stats) != NVML_SUCCESS ||
	    stats.max_memory == NVML_NOT_AVAILABLE || stats.max_memory == 0)
		return;
	peaks->processes++;
	peaks->sum += stats.max_memory;
	if (stats.max_memory > peaks->largest)
		peaks->largest = stats.max_memory;
}

/* The target is asked about even when it was never seen: it may have been quick. */
static void nvml_peaks(void *state, size_t at, pid_t target, struct gpu_peaks *peaks)
{
	const struct nvml *nvml = state;
	const struct unit *unit = &nvml->units[at];
	*peaks = (struct gpu_peaks){ 0 };
	if (!unit->keeps_peaks)
		return;
	for (size_t i = 0; i < unit->n_seen; i++)
		add_peak(nvml, unit, unit->seen[i], peaks);
	if (!was_seen(unit, target))
		add_peak(nvml, unit, target, peaks);
}

static void nvml_close(void *state)
{
	struct nvml *nvml = state;
	for (size_t i = 0; i < nvml->n; i++) {
		free(nvml->units[i].processes);
		free(nvml->units[i].seen);
	}
	free(nvml->buffer);
	if (nvml->started)
		nvml->library.calls.shut_down();
	nvml_library_close(&nvml->library);
}

static const char *const files[] = { "/dev/nvidia", "/dev/dxg", NULL };

const struct gpu_backend gpu_nvml = {
	.name = "nvml",
	.files = files,
	.state_size = sizeof(struct nvml),
	.open = nvml_open,
	.read = nvml_read,
	.device = nvml_device,
	.keeps_peaks = nvml_keeps_peaks,
	.peaks = nvml_peaks,
	.close = nvml_close,
};
