#include "recorder/gpu/unified.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/gpu/sysroot.h"

/* proc_meminfo(5): "MemTotal:       65536 kB" */
static bool find(const char *text, const char *key, uint64_t *bytes)
{
	const char *line = strstr(text, key);
	char *end;
	if (!line)
		return false;
	unsigned long long kib = strtoull(line + strlen(key), &end, 10);
	*bytes = kib < UINT64_MAX >> 10 ? (uint64_t)kib << 10 : 0;
	return *bytes > 0 && strncmp(end, " kB", 3) == 0;
}

bool unified_memory(uint64_t *total, uint64_t *used)
{
	char path[SYSROOT_PATH], text[4096];
	uint64_t available;
	sysroot_path(path, "/proc/meminfo");
	if (sysroot_read(path, text, sizeof text) <= 0 || !find(text, "MemTotal:", total) ||
	    !find(text, "MemAvailable:", &available) || available > *total)
		return false;
	*used = *total - available;
	return true;
}
