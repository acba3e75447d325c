#include "recorder/kernel/alive.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"

bool alive_is(pid_t pid)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	if (end.fd >= 0) {
		bool lives = poll(&end, 1, 0) == 0;
		close(end.fd);
		return lives;
	}
	return errno != ESRCH && errno != EINVAL && (kill(pid, 0) == 0 || errno == EPERM);
}

bool alive_is_hidden(pid_t pid)
{
	struct procfs_stat stat;
	return procfs_stat(pid, &stat) < 0 && alive_is(pid);
}
