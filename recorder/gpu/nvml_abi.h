/* The part of NVIDIA's management library that is used here, declared anew: the library is loaded
 * where there is one, and its header is needed nowhere. Numbers, layouts and signatures are those
 * of nvml.h of CUDA 13 as NVIDIA/go-nvml publishes it (gen/nvml/nvml.h: nvmlReturn_enum,
 * nvmlMemory_v2_st, nvmlProcessInfo_v1_st, nvmlProcessInfo_v2_st, nvmlAccountingStats_st);
 * published layouts of the library do not change, new ones get names of their own. The one that did
 * change: see NVML_WIDE_PROCESS. */
#pragma once

enum {
	NVML_SUCCESS = 0,
	NVML_NOT_SUPPORTED = 3,
	NVML_NO_PERMISSION = 4,
	NVML_NOT_FOUND = 6,
	NVML_INSUFFICIENT_SIZE = 7, /* the count says how much is needed */
	NVML_TIMEOUT = 10,
	NVML_FUNCTION_NOT_FOUND = 13,
	NVML_IN_USE = 19,
	NVML_UNKNOWN = 999,
};

#define NVML_NOT_AVAILABLE (~0ULL) /* in place of bytes */

struct nvml_handle; /* a device, or an instance of one (MIG) */

struct nvml_memory {                          /* bytes */
	unsigned long long total, free, used; /* used: what the driver keeps for itself too */
};

struct nvml_memory_v2 {
	unsigned version; /* in: NVML_MEMORY_V2 */
	unsigned long long total, reserved, free, used;
};
#define NVML_MEMORY_V2 (sizeof(struct nvml_memory_v2) | 2U << 24)

/* Lists of processes come as arrays whose elements begin like this. */
struct nvml_process {
	unsigned pid;
	unsigned long long used; /* bytes, or NVML_NOT_AVAILABLE */
};

struct nvml_process_v2 { /* of the functions with _v2 and _v3 */
	unsigned pid;
	unsigned long long used;
	unsigned gpu_instance, compute_instance;
};

/* Drivers 535.43 to 535.86 had one more field behind _v3. They are told by having
 * nvmlDeviceGetConfComputeMemSizeInfo without nvmlDeviceGetRunningProcessDetailList. */
struct nvml_process_wide {
	unsigned pid;
	unsigned long long used;
	unsigned gpu_instance, compute_instance;
	unsigned long long protected_memory;
};

struct nvml_accounting {
	unsigned gpu_utilization, memory_utilization;
	unsigned long long max_memory; /* bytes, or NVML_NOT_AVAILABLE */
	unsigned long long time, start_time;
	unsigned is_running, reserved[5];
};

_Static_assert(sizeof(struct nvml_memory) == 24, "as nvmlMemory_t");
_Static_assert(sizeof(struct nvml_memory_v2) == 40, "as nvmlMemory_v2_t");
_Static_assert(sizeof(struct nvml_process) == 16, "as nvmlProcessInfo_v1_t");
_Static_assert(sizeof(struct nvml_process_v2) == 24, "as nvmlProcessInfo_v2_t");
_Static_assert(sizeof(struct nvml_process_wide) == 32, "as nvmlProcessDetail_v1_t");
_Static_assert(sizeof(struct nvml_accounting) == 56, "as nvmlAccountingStats_t");

typedef int nvml_list(struct nvml_handle *, unsigned *count, void *processes);

struct nvml_calls {
	int (*init)(void);
	int (*shut_down)(void);
	const char *(*error_string)(int);
	int (*count)(unsigned *);
	int (*handle)(unsigned index, struct nvml_handle **);
	int (*name)(struct nvml_handle *, char *name, unsigned size);
	int (*memory)(struct nvml_handle *, struct nvml_memory *);
	int (*memory_v2)(struct nvml_handle *, struct nvml_memory_v2 *);
	int (*mig_mode)(struct nvml_handle *, unsigned *now, unsigned *pending);
	int (*mig_count)(struct nvml_handle *, unsigned *most);
	int (*mig_handle)(struct nvml_handle *, unsigned index, struct nvml_handle **);
	int (*accounting_mode)(struct nvml_handle *, int *enabled);
	int (*accounting)(struct nvml_handle *, unsigned pid, struct nvml_accounting *);
};
