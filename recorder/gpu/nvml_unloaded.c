/* In a static program, which can load no library. */
#include <errno.h>
#include <stdio.h>

#include "recorder/gpu/nvml_library.h"

int nvml_library_load(struct nvml_library *library, char reason[GPU_REASON])
{
	*library = (struct nvml_library){ 0 };
	snprintf(reason, GPU_REASON,
		 "NVIDIA's library needs mprof-c-gpu, to be put beside a static "
		 "mprof-c");
	return -ENOENT;
}

void nvml_library_explain(const struct nvml_library *library, int code, char reason[GPU_REASON])
{
	(void)library;
	snprintf(reason, GPU_REASON, "error %d", code);
}

void nvml_library_close(struct nvml_library *library)
{
	(void)library;
}
