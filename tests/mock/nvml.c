/* A library that answers as NVIDIA's would, from a text that is read anew at each call; the tests
 * write it, and so do the programs that they record. Its path is MPROF_MOCK_NVML; its lines:
 *
 *   device INDEX TOTAL USED NAME…       MiB
 *   instance INDEX TOTAL USED NAME…     of device 0, which is then cut up (MIG); INDEX from 16
 *   process INDEX KIND PID MiB          KIND: c, g or m; MiB -1: not available
 *   accounting INDEX PID MiB            a peak, and the mode is on
 *   answer FUNCTION CODE                this error
 *   crash FUNCTION   hang FUNCTION   slow FUNCTION MILLISECONDS
 *
 * With -DOLD it has only what the first such libraries had; with -DWIDE the lists of those that had
 * one field more. Declares its own types, so that a wrong layout on either side shows. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
	unsigned int pid;
	unsigned long long usedGpuMemory;
} info_v1;
typedef struct {
	unsigned int pid;
	unsigned long long usedGpuMemory;
	unsigned int gpuInstanceId, computeInstanceId;
#ifdef WIDE
	unsigned long long usedGpuCcProtectedMemory;
#endif
} info_v3;

#define EXPORT __attribute__((visibility("default")))
#define ENTER                                \
	do {                                 \
		int code = behave(__func__); \
		if (code != 0)               \
			return code;         \
	} while (0)

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT = 7, MIB = 1 << 20 };

static FILE *open_text(void)
{
	const char *path = getenv("MPROF_MOCK_NVML");
	return path ? fopen(path, "re") : NULL;
}

static void note(const char *what)
{
	const char *path = getenv("MPROF_MOCK_NVML");
	char name[512];
	snprintf(name, sizeof name, "%s.log", path ? path : "/dev/null");
	FILE *log = path ? fopen(name, "ae") : NULL;
	if (!log)
		return;
	fprintf(log, "%s %d\n", what, (int)getpid());
	fclose(log);
}

__attribute__((constructor)) static void loaded(void)
{
	note("loaded");
}

/* What the text wants this function to do. */
static int behave(const char *function)
{
	char line[256], what[32], name[96];
	int number, code = OK;
	FILE *text = open_text();
	while (text && fgets(line, sizeof line, text)) {
		number = 0;
		if (sscanf(line, "%31s %95s %d", what, name, &number) < 2 ||
		    strcmp(name, function) != 0)
			continue;
		if (strcmp(what, "answer") == 0)
			code = number;
		else if (strcmp(what, "crash") == 0)
			abort();
		else if (strcmp(what, "hang") == 0)
			for (;;)
				pause();
		else if (strcmp(what, "slow") == 0)
			usleep((unsigned)number * 1000);
	}
	if (text)
		fclose(text);
	return code;
}

/* A handle is the index and one. */
static unsigned index_of(void *handle)
{
	return (unsigned)(uintptr_t)handle - 1;
}

static int find_device(const char *kind, unsigned index, long long *total, long long *used,
		       char name[64])
{
	char line[256], what[32], called[64];
	unsigned at;
	long long size, held;
	int found = NOT_FOUND;
	FILE *text = open_text();
	while (text && fgets(line, sizeof line, text)) {
		if (sscanf(line, "%31s %u %lld %lld %63[^\n]", what, &at, &size, &held, called) !=
			    5 ||
		    strcmp(what, kind) != 0 || at != index)
			continue;
		*total = size;
		*used = held;
		strcpy(name, called);
		found = OK;
	}
	if (text)
		fclose(text);
	return found;
}

static int device(void *handle, long long *total, long long *used, char name[64])
{
	unsigned index = index_of(handle);
	return find_device(index < 16 ? "device" : "instance", index, total, used, name);
}

EXPORT int nvmlInit_v2(void)
{
	ENTER;
	return OK;
}

EXPORT int nvmlShutdown(void)
{
	note("shut");
	return OK;
}

EXPORT const char *nvmlErrorString(int code)
{
	return code == 15   ? "GPU is lost"
	       : code == 18 ? "Driver/library version mismatch"
			    : "Unknown Error";
}

EXPORT int nvmlDeviceGetCount_v2(unsigned int *count)
{
	long long total, used;
	char name[64];
	ENTER;
	for (*count = 0; find_device("device", *count, &total, &used, name) == OK;)
		++*count;
	return OK;
}

EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle)
{
	*handle = (void *)(uintptr_t)(index + 1);
	return OK;
}

EXPORT int nvmlDeviceGetName(void *handle, char *out, unsigned int length)
{
	long long total, used;
	char name[64];
	if (device(handle, &total, &used, name) != OK || length < sizeof name)
		return INVALID;
	strcpy(out, name);
	return OK;
}

EXPORT int nvmlDeviceGetMemoryInfo(void *handle, unsigned long long memory[3])
{
	long long total, used;
	char name[64];
	ENTER;
	if (device(handle, &total, &used, name) != OK)
		return INVALID;
	memory[0] = (unsigned long long)total * MIB;
	memory[1] = (unsigned long long)(total - used) * MIB;
	memory[2] = (unsigned long long)used * MIB;
	return OK;
}

static int list(void *handle, char kind, unsigned int *count, void *infos, size_t size, int v1)
{
	char line[256], which;
	unsigned at, n = 0;
	int pid;
	long long mib;
	FILE *text = open_text();
	while (text && fgets(line, sizeof line, text)) {
		if (sscanf(line, "process %u %c %d %lld", &at, &which, &pid, &mib) != 4 ||
		    at != index_of(handle) || which != kind)
			continue;
		unsigned long long bytes = mib < 0 ? ~0ULL : (unsigned long long)mib * MIB;
		info_v1 old = { (unsigned)pid, bytes };
		info_v3 new = { .pid = (unsigned)pid,
				.usedGpuMemory = bytes,
				.gpuInstanceId = ~0U };
		if (n < *count && infos)
			memcpy((char *)infos + n * size, v1 ? (void *)&old : (void *)&new, size);
		n++;
	}
	if (text)
		fclose(text);
	int code = n > *count ? INSUFFICIENT : OK;
	*count = n;
	return code;
}

#ifdef OLD
EXPORT int nvmlDeviceGetComputeRunningProcesses(void *handle, unsigned int *count, void *infos)
{
	return list(handle, 'c', count, infos, sizeof(info_v1), 1);
}
#else
EXPORT int nvmlDeviceGetMemoryInfo_v2(void *handle, void *out)
{
	struct {
		unsigned int version;
		unsigned long long total, reserved, free, used;
	} memory;
	long long total, used;
	char name[64];
	ENTER;
	memcpy(&memory, out, sizeof memory);
	if (memory.version != (sizeof memory | (2 << 24)))
		return 25;
	if (device(handle, &total, &used, name) != OK)
		return INVALID;
	memory.total = (unsigned long long)total * MIB;
	memory.used = (unsigned long long)used * MIB;
	memcpy(out, &memory, sizeof memory);
	return OK;
}

EXPORT int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, unsigned int *count, void *infos)
{
	ENTER;
	return list(handle, 'c', count, infos, sizeof(info_v3), 0);
}

EXPORT int nvmlDeviceGetGraphicsRunningProcesses_v3(void *handle, unsigned int *count, void *infos)
{
	ENTER;
	return list(handle, 'g', count, infos, sizeof(info_v3), 0);
}

EXPORT int nvmlDeviceGetMPSComputeRunningProcesses_v3(void *handle, unsigned int *count,
						      void *infos)
{
	ENTER;
	return list(handle, 'm', count, infos, sizeof(info_v3), 0);
}

EXPORT int nvmlDeviceGetMigMode(void *handle, unsigned int *now, unsigned int *pending)
{
	long long total, used;
	char name[64];
	if (index_of(handle) > 0)
		return NOT_SUPPORTED;
	*now = *pending = find_device("instance", 16, &total, &used, name) == OK;
	return OK;
}

EXPORT int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned int *most)
{
	(void)handle;
	*most = 7;
	return OK;
}

EXPORT int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned int index, void **instance)
{
	long long total, used;
	char name[64];
	(void)handle;
	*instance = (void *)(uintptr_t)(index + 17);
	return find_device("instance", index + 16, &total, &used, name);
}

static int find_peak(void *handle, int wanted, long long *mib)
{
	char line[256];
	unsigned at;
	int pid, found = NOT_FOUND;
	long long value;
	FILE *text = open_text();
	while (text && fgets(line, sizeof line, text))
		if (sscanf(line, "accounting %u %d %lld", &at, &pid, &value) == 3 &&
		    at == index_of(handle) && (wanted < 0 || pid == wanted)) {
			*mib = value;
			found = OK;
		}
	if (text)
		fclose(text);
	return found;
}

EXPORT int nvmlDeviceGetAccountingMode(void *handle, int *mode)
{
	long long mib;
	*mode = find_peak(handle, -1, &mib) == OK;
	return OK;
}

EXPORT int nvmlDeviceGetAccountingStats(void *handle, unsigned int pid, void *out)
{
	struct {
		unsigned int gpuUtilization, memoryUtilization;
		unsigned long long maxMemoryUsage, time, startTime;
		unsigned int isRunning, reserved[5];
	} stats = { 0 };
	long long mib;
	ENTER;
	if (find_peak(handle, (int)pid, &mib) != OK)
		return NOT_FOUND;
	stats.maxMemoryUsage = (unsigned long long)mib * MIB;
	memcpy(out, &stats, sizeof stats);
	return OK;
}
#endif

#ifdef WIDE
EXPORT int nvmlDeviceGetConfComputeMemSizeInfo(void *handle, void *out)
{
	(void)handle, (void)out;
	return NOT_SUPPORTED;
}
#endif
