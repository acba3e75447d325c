/* VRAM: what the target's processes hold on each GPU, or what is held there at all. Read by a
 * process of its own (helper.h), since a driver may take its time, hang, or take its caller with
 * it. */
#pragma once

#include <stdbool.h>

enum gpu_mode {
	GPU_AUTO,   /* the tree's figures; the device's where its processes cannot be told apart */
	GPU_ON,     /* the same, and there must be a GPU */
	GPU_TREE,   /* the tree's or none */
	GPU_DEVICE, /* each device's */
	GPU_OFF,
	GPU_OUTSIDE, /* of the option alone: as GPU_AUTO, and nobody looks into the program */
};

/* Is there a device file of a GPU with a memory of its own? A handful of system calls; nothing is
 * loaded and nothing started. */
bool gpu_is_available(void);

/* Is there one that a program can compute with, as torch does? Two system calls at most. */
bool gpu_computes(void);
