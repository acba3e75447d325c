#include "recorder/kernel/kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

/* In a container another file may stand in its place, which is empty for ever. */
static bool is_log(int fd)
{
	struct stat status;
	return *machine_root() || (fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
				   status.st_rdev == makedev(1, 11));
}

int kernel_log_open(bool past)
{
	char path[MACHINE_PATH];
	machine_path(path, "/dev/kmsg");
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (!is_log(fd)) {
		close(fd);
		return -ENODEV;
	}
	if (past || lseek(fd, 0, SEEK_END) >= 0)
		return fd;
	close(fd);
	return -ESPIPE;
}

/* Each read gives one record; EPIPE: some were overwritten meanwhile. */
int kernel_log_kills(int fd, int64_t since, bool (*visit)(void *context, pid_t pid), void *context)
{
	char text[RECORD + 1];
	int lost = 0;
	for (;;) {
		ssize_t n = read(fd, text, RECORD);
		if (n <= 0 && !(n < 0 && (errno == EPIPE || errno == EINTR)))
			return lost;
		lost = n < 0 && errno == EPIPE ? -EPIPE : lost;
		text[n > 0 ? n : 0] = '\0';
		pid_t pid = kernel_log_parse(text, since);
		if (pid > 0 && visit(context, pid))
			return 1;
	}
}

/* PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h: the number of the first namespace. */
bool kernel_log_counts_as_we(void)
{
	char path[MACHINE_PATH], name[64];
	machine_path(path, "/proc/self/ns/pid");
	ssize_t n = readlink(path, name, sizeof name - 1);
	name[n > 0 ? n : 0] = '\0';
	return strcmp(name, "pid:[4026531836]") == 0;
}
