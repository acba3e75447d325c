#include "recorder/gpu/nvml_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "recorder/gpu/sysroot.h"

#define CALL(member) offsetof(struct nvml_calls, member)
static const struct {
	const char *name;
	size_t at;
	bool needed;
} symbols[] = {
	{ "nvmlInit_v2", CALL(init), true },
	{ "nvmlShutdown", CALL(shut_down), true },
	{ "nvmlErrorString", CALL(error_string), false },
	{ "nvmlDeviceGetCount_v2", CALL(count), true },
	{ "nvmlDeviceGetHandleByIndex_v2", CALL(handle), true },
	{ "nvmlDeviceGetName", CALL(name), false },
	{ "nvmlDeviceGetMemoryInfo", CALL(memory), true },
	{ "nvmlDeviceGetMemoryInfo_v2", CALL(memory_v2), false },
	{ "nvmlDeviceGetMigMode", CALL(mig_mode), false },
	{ "nvmlDeviceGetMaxMigDeviceCount", CALL(mig_count), false },
	{ "nvmlDeviceGetMigDeviceHandleByIndex", CALL(mig_handle), false },
	{ "nvmlDeviceGetAccountingMode", CALL(accounting_mode), false },
	{ "nvmlDeviceGetAccountingStats", CALL(accounting), false },
};

/* POSIX has dlsym's result stand for a function; ISO C does not. */
static bool find(const struct nvml_library *library, const char *name, void *function)
{
	void *symbol = dlsym(library->handle, name);
	memcpy(function, &symbol, sizeof symbol);
	return symbol != NULL;
}

static bool has(const struct nvml_library *library, const char *name)
{
	return dlsym(library->handle, name) != NULL;
}

static void find_lists(struct nvml_library *library)
{
	static const char *const kinds[NVML_LISTS] = { "Compute", "Graphics", "MPSCompute" };
	bool wide = has(library, "nvmlDeviceGetConfComputeMemSizeInfo") &&
		    !has(library, "nvmlDeviceGetRunningProcessDetailList");
	const struct {
		const char *suffix;
		size_t stride;
	} versions[] = {
		{ "_v3", wide ? sizeof(struct nvml_process_wide) : sizeof(struct nvml_process_v2) },
		{ "_v2", sizeof(struct nvml_process_v2) },
		{ "", sizeof(struct nvml_process) },
	};
	for (size_t k = 0; k < NVML_LISTS; k++)
		for (size_t v = 0; v < 3 && !library->lists[k]; v++) {
			char name[96];
			snprintf(name, sizeof name, "nvmlDeviceGet%sRunningProcesses%s", kinds[k],
				 versions[v].suffix);
			find(library, name, &library->lists[k]);
			library->stride[k] = versions[v].stride;
		}
}

int nvml_library_load(struct nvml_library *library, char reason[GPU_REASON])
{
	char path[SYSROOT_PATH];
	sysroot_path(path, "%slibnvidia-ml.so.1", *sysroot() ? "/" : "");
	library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle) {
		snprintf(reason, GPU_REASON, "libnvidia-ml.so.1 cannot be loaded");
		return -ENOENT;
	}
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (!find(library, symbols[i].name, (char *)&library->calls + symbols[i].at) &&
		    symbols[i].needed) {
			snprintf(reason, GPU_REASON, "libnvidia-ml.so.1 has no %s",
				 symbols[i].name);
			return -ENOSYS;
		}
	find_lists(library);
	return 0;
}

void nvml_library_explain(const struct nvml_library *library, int code, char reason[GPU_REASON])
{
	const char *text = library->calls.error_string ? library->calls.error_string(code) : NULL;
	if (text)
		snprintf(reason, GPU_REASON, "%s", text);
	else
		snprintf(reason, GPU_REASON, "error %d", code);
}

void nvml_library_close(struct nvml_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	*library = (struct nvml_library){ 0 };
}
