/* Whose figure of a device is to be recorded: the tree's, or the whole device's where the driver
 * cannot tell them apart (a container sees other process numbers than the driver, or none at all).
 * Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/gpu/backend.h"
#include "recorder/gpu/gpu.h"

enum gpu_scope { GPU_UNTOLD, GPU_OF_TREE, GPU_OF_DEVICE };

struct gpu_series {
	enum gpu_scope scope; /* GPU_UNTOLD: nothing was held yet */
	bool any, matched;    /* it was read; one of the tree's processes was told */
	uint64_t baseline;    /* bytes used at the first reading */
	unsigned foreign;     /* readings in a row that speak for GPU_OF_DEVICE */
	unsigned errors;      /* in a row */
	bool ended;
};

/* Has the use moved while no process of the tree was told, or could none be told? Then what it
 * opens is of interest. */
bool gpu_is_unexplained(const struct gpu_series *series, const struct gpu_reading *reading);

/* Takes a reading without an error. `opens`: the tree uses such devices. Returns series->scope. */
enum gpu_scope gpu_judge(struct gpu_series *series, enum gpu_mode mode,
			 const struct gpu_reading *reading, bool opens);

/* Takes an error; true when that is the end of the series. */
bool gpu_fails(struct gpu_series *series, const struct gpu_reading *reading);
