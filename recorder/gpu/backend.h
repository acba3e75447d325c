/* A way to ask for VRAM: NVIDIA's library, or what the kernel's own drivers tell. Runs in the
 * helper. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/gpu/kin.h"

enum { GPU_MOST = 32, GPU_NAME = 96, GPU_REASON = 96, GPU_PARTS = 64 };

struct gpu_device {
	char name[GPU_NAME]; /* as the driver says it: any bytes */
	uint64_t total;      /* bytes; 0: not told */
	bool unified;    /* it has no memory of its own: what it and `used` tell is the machine's */
	bool eliminated; /* its process has another number there: it is the only one it can be */
};

enum gpu_share {
	GPU_NOBODY, /* none of the tree's processes is listed */
	GPU_HIDDEN, /* one is, but not what it holds */
	GPU_SHARE,  /* `mine` holds */
};

struct gpu_part { /* what one process holds */
	pid_t pid;
	uint64_t bytes;
};

struct gpu_reading {
	enum gpu_share share;
	uint64_t mine; /* bytes that the tree's processes hold */
	/* The same by process, as many as there is room for: `n_parts` is 0 where nobody is told
	 * apart. */
	struct gpu_part parts[GPU_PARTS];
	size_t n_parts;
	bool cut;     /* there was no room for all of them */
	bool doubted; /* what was told of the tree before may have been another's */
	bool has_used;
	uint64_t used;           /* bytes that everybody holds */
	bool blind;              /* the driver names only processes that are not here, or none */
	int error;               /* 0, -EIO: perhaps only now, -ENODEV: it is gone */
	char reason[GPU_REASON]; /* the driver's words */
};

/* The exact peaks of the tree's processes, each by itself. */
struct gpu_peaks {
	unsigned processes;
	uint64_t largest, sum; /* bytes */
};

struct gpu_backend {
	const char *name;
	const char *const *files; /* what a program opens to use such a device: "/dev/dri/"; ends
				     with NULL */
	size_t state_size;

	/* 0, or -errno: -ENODEV when it is not for this machine, anything else with a reason. */
	int (*open)(void *state, char reason[GPU_REASON]);

	/* Reads every device; how many there are, which may grow. */
	size_t (*read)(void *state, struct kin *kin, struct gpu_reading readings[GPU_MOST]);
	const struct gpu_device *(*device)(const void *state, size_t at);

	/* Does the driver keep the peaks of processes, also when they have ended? May be NULL. */
	bool (*keeps_peaks)(const void *state);
	void (*peaks)(void *state, size_t at, pid_t target, struct gpu_peaks *peaks);
	void (*close)(void *state);
};

/* So many bytes of the tree's are that process'. */
void gpu_add_part(struct gpu_reading *reading, pid_t pid, uint64_t bytes);

extern const struct gpu_backend gpu_nvml, gpu_drm;

/* Are there cards that gpu_drm could read? A look at /sys. */
bool gpu_drm_is_there(void);
