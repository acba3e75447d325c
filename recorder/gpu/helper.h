/* The process that asks the drivers, so that the recorder need not wait for one, does not hang at
 * its end with one that hangs in the kernel, and outlives one that crashes. It tells what it reads
 * over a socket that keeps messages apart; the recorder's shutdown of its end is the request for
 * the last words, its close or its death that for the end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/gpu/backend.h"
#include "recorder/gpu/gpu.h"

enum gpu_word {
	GPU_READY,  /* has_peaks */
	GPU_IS,     /* device, total in bytes, text: its name, unified, eliminated; before its first
		       figure */
	GPU_LIVES,  /* at: nothing to tell, but the driver answers */
	GPU_FIGURE, /* device, bytes, at, whole_device */
	GPU_CHANGE, /* device, pid, at, total: bytes that it held, bytes: that it holds now */
	GPU_PEAK_IS, /* device, processes, bytes: the largest, total: their sum */
	GPU_FAILED,  /* device, at, text: why its series ends */
	GPU_NONE,    /* text: why nothing can be read */
	GPU_OVER,    /* there is nothing more to tell */
};

struct gpu_message {
	enum gpu_word word;
	unsigned device, processes;
	pid_t pid;
	bool whole_device, has_peaks;
	bool unified, eliminated; /* as in struct gpu_device */
	uint64_t bytes, total;
	int64_t at; /* monotonic ns */
	char text[GPU_NAME];
};

struct gpu_task {
	int socket;
	pid_t target, recorder;
	bool adopts; /* orphans become the recorder's children */
	enum gpu_mode mode;
	double interval; /* seconds between readings, of which there are at most ten a second */
};

/* Runs in the helper until there is nothing more to tell. */
void gpu_help(const struct gpu_task *task);
