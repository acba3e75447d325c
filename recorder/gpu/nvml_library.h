/* libnvidia-ml.so.1, loaded and its functions found. */
#pragma once

#include <stddef.h>

#include "recorder/gpu/backend.h"
#include "recorder/gpu/nvml_abi.h"

enum { NVML_LISTS = 3 }; /* of processes: with compute contexts, with graphics, clients of MPS */

struct nvml_library {
	void *handle;
	struct nvml_calls calls;
	nvml_list *lists[NVML_LISTS]; /* NULL: this library has none */
	size_t stride[NVML_LISTS];    /* bytes an element */
};

/* 0, or -errno with the reason in words. */
int nvml_library_load(struct nvml_library *library, char reason[GPU_REASON]);

/* The library's words for one of its errors. */
void nvml_library_explain(const struct nvml_library *library, int code, char reason[GPU_REASON]);
void nvml_library_close(struct nvml_library *library);
