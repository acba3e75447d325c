#include "recorder/kernel/kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"

enum { RECORD = 8192 }; /* the kernel's own bound */

pid_t kernel_log_parse(const char *record, int64_t since)
{
	static const char words[] = "illed process "; /* "Killed …" or "… Killed …" */
	const char *text = strchr(record, ';'), *at = record;
	for (int comma = 0; text && comma < 2; comma++)
		at = at ? strchr(at, ',') : NULL, at = at ? at + 1 : NULL;
	if (!text || !at || at > text || strtoll(at, NULL, 10) < since)
		return 0;
	const char *kill = strstr(text, words);
	long pid = kill ? strtol(kill + sizeof words - 1, NULL, 10) : 0;
	return pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

int kernel_log_open(bool past)
{
	char path[MACHINE_PATH];
	machine_path(path, "/dev/kmsg");
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (past || lseek(fd, 0, SEEK_END) >= 0)
		return fd;
	close(fd);
	return -ESPIPE;
}

/* Each read gives one record; EPIPE: some were overwritten meanwhile. */
bool kernel_log_kills(int fd, int64_t since, bool (*visit)(void *context, pid_t pid), void *context)
{
	char text[RECORD + 1];
	bool found = false;
	while (!found) {
		ssize_t n = read(fd, text, RECORD);
		if (n <= 0 && !(n < 0 && (errno == EPIPE || errno == EINTR)))
			break;
		text[n > 0 ? n : 0] = '\0';
		pid_t pid = kernel_log_parse(text, since);
		found = pid > 0 && visit(context, pid);
	}
	return found;
}
