#include "recorder/bill/hints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "recorder/kernel/procfs.h"

enum { MOUNTS = 256 << 10, LIMITS = 4096 };

static const uint64_t USUAL = 8 << 20, UNLIMITED = 2 << 20; /* bytes of a stack */

static bool is_volatile(const char *line, size_t n)
{
	const char *type = memmem(line, n, " - ", 3);
	size_t left = type ? n - (size_t)(type - line) : 0;
	return left > 9 && (memcmp(type, " - tmpfs ", 9) == 0 || memcmp(type, " - ramfs ", 9) == 0);
}

size_t hints_parse_mounts(const char *text, uint64_t devices[HINTS_DEVICES])
{
	size_t n = 0;
	for (const char *line = text; *line && n < HINTS_DEVICES;) {
		size_t length = strcspn(line, "\n");
		unsigned major_number, minor_number;
		if (is_volatile(line, length) &&
		    sscanf(line, "%*u %*u %u:%u", &major_number, &minor_number) == 2)
			devices[n++] = makedev(major_number, minor_number);
		line += length + (line[length] == '\n');
	}
	return n;
}

uint64_t hints_parse_stack(const char *text)
{
	const char *line = strstr(text, "Max stack size");
	if (!line)
		return USUAL;
	line += strlen("Max stack size");
	line += strspn(line, " ");
	if (strncmp(line, "unlimited", 9) == 0)
		return UNLIMITED;
	uint64_t size = strtoull(line, NULL, 10);
	return size > 0 ? size : USUAL;
}

void hints_read(struct hints *h, pid_t pid)
{
	char limits[LIMITS] = "";
	char *mounts = malloc(MOUNTS);
	*h = (struct hints){ .of_classes = { .stack = USUAL } };
	h->of_classes.volatile_devices = h->devices;
	if (mounts && procfs_once(pid, "mountinfo", mounts, MOUNTS) > 0)
		h->of_classes.n_volatile = hints_parse_mounts(mounts, h->devices);
	if (procfs_once(pid, "limits", limits, sizeof limits) > 0)
		h->of_classes.stack = hints_parse_stack(limits);
	free(mounts);
}
