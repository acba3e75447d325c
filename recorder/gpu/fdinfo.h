/* What the kernel's GPU drivers tell of an open device file: /proc/PID/fdinfo/FD, as
 * Documentation/gpu/drm-usage-stats.rst of the kernel has it. One "key: value" a line; memory keys
 * are drm-resident-REGION (drm-memory-REGION is its old name) and drm-total-REGION, in bytes, KiB
 * or MiB. amdgpu's own memory is the region vram, xe's vram0 and vram1, i915's local0; every other
 * region (gtt, system, cpu) is the machine's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fdinfo {
	char driver[32];
	char device[32]; /* PCI address: 0000:03:00.0; empty: not told */
	bool has_client;
	uint64_t client; /* open file, unique on its device: a second descriptor has the same */
	bool has_vram;
	uint64_t vram; /* bytes */
};

/* 0, or -ENOENT: it is no GPU's. */
int fdinfo_parse(const char *text, struct fdinfo *info);
