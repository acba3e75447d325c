#include "recorder/kernel/exit_code.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

/* ---- of a zombie ---- */

/* Who might not trace it is told 0. */
static bool may_be_told(pid_t pid)
{
	char path[MACHINE_PATH];
	struct stat status;
	machine_path(path, "/proc/%d", (int)pid);
	return geteuid() == 0 || (stat(path, &status) == 0 && status.st_uid == geteuid());
}

/* Field 52 of proc_pid_stat(5), the name being the second. */
static bool find_code(const char *text, int *code)
{
	const char *at = strrchr(text, ')');
	for (int field = 2; at && field < 52; field++)
		at = strchr(at + 1, ' ');
	if (at)
		*code = atoi(at);
	return at;
}

static int of_zombie(pid_t pid, uint64_t start, int *code)
{
	char text[1024];
	struct procfs_stat stat;
	bool told = may_be_told(pid);
	if (procfs_once(pid, "stat", text, sizeof text) <= 0 ||
	    procfs_parse_stat(text, &stat) < 0 || stat.state != 'Z' ||
	    (start && stat.start != start) || !find_code(text, code) || (*code == 0 && !told))
		return -ENODATA;
	return 0;
}

/* ---- of a pidfd: linux/pidfd.h, which may be older than the kernel ---- */

struct info {
	uint64_t mask, cgroup;
	uint32_t pid, group, parent, users[4], groups[4];
	int32_t code;
};

enum { INFO_EXIT = 8, INFO_NUMBER = 11 };

static int of_pidfd(int pidfd, int *code)
{
	struct info info = { .mask = INFO_EXIT };
	if (pidfd < 0 || ioctl(pidfd, _IOWR(0xFF, INFO_NUMBER, struct info), &info) < 0 ||
	    !(info.mask & INFO_EXIT))
		return -ENODATA;
	*code = info.code;
	return 0;
}

int exit_code_read(pid_t pid, uint64_t start, int pidfd, int *wait_status)
{
	int r = of_zombie(pid, start, wait_status);
	return r < 0 ? of_pidfd(pidfd, wait_status) : r;
}
